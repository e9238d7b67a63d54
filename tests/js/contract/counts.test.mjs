import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoMicros } from './rows.mjs';
import { ada, assertNames, dateRange, fromMs, instant, rows, service, sum, tally, toMs } from './world.mjs';

const HOUR_MS = 3_600_000;
const at = (row) => Number(row.timestampNs / 1_000_000n);

/** Count rows in stretches of a length, from the start of the range on. */
function stretches(some, lengthMs) {
  return tally(some, (row) => fromMs + Math.floor((at(row) - fromMs) / lengthMs) * lengthMs).sort(([a], [b]) => a - b);
}

test('a count is that of the rows, and its end does not belong to it', async () => {
  assert.deepEqual(await ada.call('POST', ada.logs('count/'), { json: { query: { dateRange } } }), {
    count: rows.length,
  });
  const to = isoMicros(rows[300].timestampNs);
  assert.equal(await ada.count({ dateRange: { ...dateRange, date_to: to } }), 300);
  assert.equal(await ada.count({ dateRange: { ...dateRange, date_from: to } }), 300);
  assert.equal(await ada.count({ serviceNames: ['recent'] }), 12);
});

for (const [targetBuckets, interval, hours] of [
  [5, '1d', 24],
  [10, '12h', 12],
  [20, '6h', 6],
  [50, '2h', 2],
  [undefined, '12h', 12],
  [0, '1d', 24],
  [1000, '1h', 1],
]) {
  test(`five days in about ${targetBuckets} stretches`, async () => {
    const answer = await ada.countRanges({ dateRange, targetBuckets });
    assertNames(answer, 'ranges interval');
    for (const range of answer.ranges) assertNames(range, 'date_from date_to count');
    const found = answer.ranges.map(({ date_from, count }) => [instant(date_from), count]);
    assert.equal(sum(answer.ranges.map(({ count }) => count)), rows.length);
    assert.equal(answer.interval, interval);
    assert.deepEqual(found, stretches(rows, hours * HOUR_MS));
    for (const { date_from, date_to } of answer.ranges) {
      assert.equal(instant(date_to) - instant(date_from), hours * HOUR_MS);
    }
  });
}

test('stretches of a filter and an uneven range add up, in order, without the empty ones', async () => {
  const range = { date_from: isoMicros(rows[100].timestampNs), date_to: isoMicros(rows[503].timestampNs) };
  const query = { dateRange: range, severityLevels: ['fatal'], targetBuckets: 20 };
  const { ranges } = await ada.countRanges(query);
  assert.equal(sum(ranges.map(({ count }) => count)), await ada.count(query));
  assert.ok(ranges.length > 1);
  for (const [number, { date_from, date_to, count }] of ranges.entries()) {
    assert.ok(count > 0);
    assert.ok(instant(date_from) < instant(date_to));
    if (number) assert.ok(instant(ranges[number - 1].date_to) <= instant(date_from));
    assert.equal(await ada.count({ ...query, dateRange: { date_from, date_to } }), count);
  }
});

/** Check what holds for any breakdown, and return [value, count] of each. */
function checkSparkline(answer, kind) {
  assert.ok(Array.isArray(answer));
  for (const entry of answer) {
    assertNames(entry, `time ${kind} count bytes_uncompressed`);
    assert.ok(Number.isInteger(entry.count) && Number.isInteger(entry.bytes_uncompressed));
    assert.equal(entry.bytes_uncompressed > 0, entry.count > 0);
  }
  const times = [...new Set(answer.map(({ time }) => instant(time)))];
  assert.deepEqual(
    times,
    Array.from({ length: 60 }, (_, number) => fromMs + number * 2 * HOUR_MS),
  ); // 5 days / 50 = 144 minutes, of which 120 are nearest
  const counts = new Map();
  for (const entry of answer) counts.set(entry[kind], (counts.get(entry[kind]) ?? 0) + entry.count);
  assert.equal(answer.length, times.length * counts.size, 'a value is missing from an interval');
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

test('the sparkline breaks down by severity, and adds up', async () => {
  const answer = await ada.sparkline({ dateRange });
  assert.deepEqual(
    checkSparkline(answer, 'severity'),
    tally(rows, ({ level }) => level),
  );
  const found = answer.filter(({ severity, count }) => severity === 'error' && count);
  assert.deepEqual(
    found.map(({ time, count }) => [instant(time), count]),
    stretches(
      rows.filter(({ level }) => level === 'error'),
      2 * HOUR_MS,
    ),
  );
  const asked = await ada.sparkline({ dateRange, sparklineBreakdownBy: 'severity', sparklineRankBy: 'count' });
  assert.deepEqual(asked, answer);
});

test('the sparkline names ten services, and adds up', async () => {
  const expected = tally(rows, (row) => service(row) || '(no value)');
  assert.ok(expected.length > 11 && expected[9][1] > expected[10][1]);
  const others = sum(expected.slice(10).map(([, count]) => count));
  const found = checkSparkline(await ada.sparkline({ dateRange, sparklineBreakdownBy: 'service' }), 'service');
  assert.deepEqual(new Map(found), new Map([...expected.slice(0, 10), ['$$_posthog_breakdown_other_$$', others]]));

  const byBytes = await ada.sparkline({ dateRange, sparklineBreakdownBy: 'service', sparklineRankBy: 'bytes' });
  const ranked = new Map(checkSparkline(byBytes, 'service'));
  assert.equal(ranked.size, 11);
  assert.equal(sum([...ranked.values()]), rows.length);
});

test('the sparkline of a filter adds up to its count', async () => {
  const query = { dateRange, searchTerm: 'payment', severityLevels: ['info', 'error'] };
  const answer = await ada.sparkline(query);
  assert.equal(sum(answer.map(({ count }) => count)), await ada.count(query));
  assert.ok((await ada.count(query)) > 0);
  assert.equal(toMs - fromMs, 120 * HOUR_MS);
});
