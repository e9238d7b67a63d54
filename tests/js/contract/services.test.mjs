import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ada, assertNames, dateRange, instant, isError, rows, service, sum, tally } from './world.mjs';

const BREAKDOWN = { trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'error' };

function expectedService([name, log_count]) {
  const own = rows.filter((row) => service(row) === name);
  const error_count = own.filter(isError).length;
  const severity_breakdown = { debug: 0, info: 0, warn: 0, error: 0 };
  for (const { level } of own) severity_breakdown[BREAKDOWN[level]] += 1;
  return {
    service_name: name || '(no service)',
    log_count,
    error_count,
    error_rate: Number((error_count / log_count).toFixed(4)),
    severity_breakdown,
    active_rules: [],
  };
}

test('services come with their numbers, the largest first', async () => {
  const answer = await ada.services({ dateRange });
  assertNames(answer, 'services sparkline total_services summary');
  const expected = tally(rows, service).map(expectedService);
  const byName = (a, b) => b.log_count - a.log_count || (a.service_name < b.service_name ? -1 : 1);
  assert.deepEqual(answer.services.map(({ volume_share_pct, ...rest }) => rest).sort(byName), expected.sort(byName));
  const counts = answer.services.map(({ log_count }) => log_count);
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => b - a),
  );
  for (const { log_count, volume_share_pct } of answer.services) {
    assert.ok(Math.abs(volume_share_pct - (100 * log_count) / rows.length) <= 0.01, volume_share_pct);
  }
  assert.equal(answer.total_services, expected.length);
  assertNames(answer.summary, 'top_services_count top_services_volume_share_pct');
  const top = answer.services.slice(0, answer.summary.top_services_count);
  const share = (100 * sum(top.map(({ log_count }) => log_count))) / rows.length;
  assert.ok(Math.abs(answer.summary.top_services_volume_share_pct - share) <= 0.01);
});

test('the services’ sparkline adds up to their counts', async () => {
  const { services, sparkline } = await ada.services({ dateRange });
  for (const entry of sparkline) {
    assertNames(entry, 'time service_name count');
    instant(entry.time);
  }
  for (const { service_name, log_count } of services) {
    const own = sparkline.filter((entry) => entry.service_name === service_name);
    assert.equal(sum(own.map(({ count }) => count)), log_count, service_name);
  }
});

test('services are searched by a part of the name, whatever the case', async () => {
  const answer = await ada.services({ dateRange, serviceNameSearch: 'CA' });
  assert.deepEqual(
    answer.services.map(({ service_name }) => service_name),
    ['cart'],
  );
  assert.equal(answer.total_services, 1);
  const errors = await ada.services({ dateRange, severityLevels: ['error', 'fatal'], serviceNames: ['cart', 'mail'] });
  for (const { log_count, error_count, error_rate } of errors.services) {
    assert.deepEqual([error_count, error_rate], [log_count, 1]);
  }
  assert.equal(sum(errors.services.map(({ log_count }) => log_count)), cartAndMailErrors());
});

function cartAndMailErrors() {
  return rows.filter((row) => isError(row) && ['cart', 'mail'].includes(service(row))).length;
}
