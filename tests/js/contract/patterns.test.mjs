import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoMicros } from './rows.mjs';
import { ada, assertNames, dateRange, instant, MICROS, rows, service, sum } from './world.mjs';

const NAMES =
  'pattern count estimated_count volume_share_pct error_count first_seen last_seen examples services sparkline ' +
  'severity_counts match_regex match_literal';

test('patterns account for every log', async () => {
  const answer = await ada.patterns({ dateRange });
  for (const name of 'patterns scanned_count total_count sampled sample_coverage_pct sparkline_buckets'.split(' ')) {
    assert.ok(name in answer, name);
  }
  assert.deepEqual(
    [answer.scanned_count, answer.total_count, answer.sampled, answer.sample_coverage_pct],
    [rows.length, rows.length, false, 100],
  );
  const { patterns } = answer;
  assert.equal(sum(patterns.map(({ count }) => count)), rows.length);
  assert.equal(sum(patterns.map(({ error_count }) => error_count)), rows.filter(isErrorRow).length);
  const counts = patterns.map(({ count }) => count);
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => b - a),
  );
  const bodies = new Set(rows.map(({ body }) => body));
  const buckets = answer.sparkline_buckets;
  for (const bucket of buckets) {
    assertNames(bucket, 'start end');
    assert.ok(instant(bucket.start) < instant(bucket.end));
  }
  for (const found of patterns) {
    assertNames(found, NAMES);
    assert.equal(found.estimated_count, found.count);
    assert.ok(Math.abs(found.volume_share_pct - (100 * found.count) / rows.length) <= 0.01);
    assert.match(found.first_seen, MICROS);
    assert.match(found.last_seen, MICROS);
    assert.ok(found.first_seen <= found.last_seen);
    assert.ok(found.examples.length >= 1 && found.examples.length <= 10);
    for (const example of found.examples) assert.ok(bodies.has(example), example);
    assert.ok(found.services.length <= 4);
    assert.equal(found.sparkline.length, buckets.length);
    assert.equal(sum(found.sparkline), found.count);
    assertNames(found.severity_counts, 'trace debug info warn error fatal');
    assert.equal(sum(Object.values(found.severity_counts)), found.count);
    assert.equal(found.severity_counts.error + found.severity_counts.fatal, found.error_count);
  }
});

test('a pattern finds its own lines, by its regular expression or its literal', async () => {
  const { patterns } = await ada.patterns({ dateRange });
  let byRegex = 0;
  for (const { pattern, match_regex, match_literal, examples, count } of patterns) {
    assert.ok((match_regex === null) !== (match_literal === null), pattern);
    // RE2 and JavaScript agree here, but for the leading flags and the end of the text.
    const regex = match_regex && new RegExp(match_regex.replace(/^\(\?s\)/, ''), 's');
    for (const example of examples) {
      assert.ok(regex ? regex.test(example) : example.includes(match_literal), `${match_regex} / ${example}`);
    }
    const operator = regex ? 'regex' : 'icontains';
    const filterGroup = [{ key: 'message', type: 'log', operator, value: match_regex ?? match_literal }];
    assert.ok((await ada.count({ dateRange, filterGroup })) >= count, pattern);
    byRegex += Boolean(regex);
  }
  assert.ok(byRegex > 0);
});

test('payments have one pattern, with the numbers that belong to it', async () => {
  const own = rows.filter(({ body }) => body.startsWith('Payment of'));
  const { patterns, total_count } = await ada.patterns({ dateRange, searchTerm: 'payment of' });
  assert.equal(total_count, own.length);
  assert.equal(patterns.length, 1);
  const [found] = patterns;
  assert.equal(found.count, own.length);
  assert.equal(found.volume_share_pct, 100);
  assert.equal(found.first_seen, isoMicros(own[0].timestampNs));
  assert.equal(found.last_seen, isoMicros(own.at(-1).timestampNs));
  for (const name of found.services) assert.ok(own.some((row) => service(row) === name));
  assert.equal(found.services.length, 4);
  for (const [level, count] of Object.entries(found.severity_counts)) {
    assert.equal(count, own.filter((row) => row.level === level).length);
  }
});

function isErrorRow({ level }) {
  return level === 'error' || level === 'fatal';
}
