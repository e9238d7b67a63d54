import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoMicros, stored } from './rows.mjs';
import { ada, assertNames, dateRange, isError, rows, service, sum } from './world.mjs';

/** Group rows in JavaScript; `valuesOf` returns the values of a row, of which undefined leaves it out. */
function expectedGroups(valuesOf) {
  const groups = new Map();
  for (const row of rows) {
    const values = valuesOf(row);
    if (values.includes(undefined)) continue;
    const name = JSON.stringify(values);
    const group = groups.get(name) ?? { values, log_count: 0, error_count: 0, last: 0n };
    group.log_count += 1;
    group.error_count += Number(isError(row));
    if (row.timestampNs > group.last) group.last = row.timestampNs;
    groups.set(name, group);
  }
  return [...groups.values()].map(({ last, ...group }) => ({ ...group, last_seen: isoMicros(last) }));
}

function descending(groups, order) {
  const text = ({ values }) => values.join('\0');
  const place = (group) => group[order];
  return [...groups].sort((a, b) =>
    place(a) === place(b) ? (text(a) < text(b) ? -1 : 1) : place(a) < place(b) ? 1 : -1,
  );
}

const attribute = (key) => (row) => stored(row.attributes)[key];
const resource = (key) => (row) => stored(row.resource)[key];

for (const [groupBys, ...readers] of [
  [[{ key: 'http.status', source: 'log' }], attribute('http.status')],
  [[{ key: 'user', source: 'log' }], attribute('user')],
  [[{ key: 'host.name', source: 'resource' }], resource('host.name')],
  [[{ key: 'severity_level', source: 'column' }], ({ level }) => level],
  [[{ key: 'service_name', source: 'column' }], (row) => service(row) || undefined],
  [
    [
      { key: 'http.path', source: 'log' },
      { key: 'region', source: 'resource' },
      { key: 'event_name', source: 'column' },
      { key: 'size', source: 'log' },
    ],
    attribute('http.path'),
    resource('region'),
    ({ eventName }) => eventName,
    attribute('size'),
  ],
]) {
  test(`groups by ${groupBys.map(({ key }) => key).join(', ')} add up`, async () => {
    const expected = expectedGroups((row) => readers.map((read) => read(row)));
    for (const order of ['log_count', 'error_count', 'last_seen']) {
      const answer = await ada.groupBy({ dateRange, groupBys, limit: 500, orderGroupsBy: order });
      assertNames(answer, 'groups total_groups total_logs truncated');
      for (const group of answer.groups) {
        assertNames(group, 'value values log_count error_count last_seen');
        assert.equal(typeof group.value, 'string');
        if (groupBys.length === 1) assert.equal(group.value, group.values[0]);
      }
      const found = answer.groups.map(({ value, ...group }) => group);
      assert.deepEqual(found, descending(expected, order));
      assert.equal(answer.total_groups, expected.length);
      assert.equal(answer.total_logs, sum(expected.map(({ log_count }) => log_count)));
      assert.equal(answer.truncated, false);
    }
  });
}

test('one key may be given alone, and the defaults are a hundred groups by their count', async () => {
  const expected = descending(
    expectedGroups((row) => [attribute('row')(row)]),
    'log_count',
  );
  const answer = await ada.groupBy({ dateRange, groupBy: 'row', groupBySource: 'log' });
  assert.equal(answer.groups.length, 100);
  assert.deepEqual(
    answer.groups.map(({ values }) => values),
    expected.slice(0, 100).map(({ values }) => values),
  );
  assert.deepEqual([answer.total_groups, answer.total_logs, answer.truncated], [600, 600, true]);
  const two = await ada.groupBy({ dateRange, groupBys: [{ key: 'host.name', source: 'resource' }], limit: 2 });
  assert.deepEqual([two.groups.length, two.total_groups, two.total_logs, two.truncated], [2, 4, 600, true]);
});

test('a group’s values, asked as filters, find the logs of the group', async () => {
  const { groups } = await ada.groupBy({
    dateRange,
    groupBys: [
      { key: 'user', source: 'log' },
      { key: 'region', source: 'resource' },
    ],
  });
  for (const { values, log_count } of groups) {
    const filterGroup = [
      { key: 'user', type: 'log_attribute', operator: 'exact', value: values[0] },
      { key: 'region', type: 'log_resource_attribute', operator: 'exact', value: values[1] },
    ];
    assert.equal(await ada.count({ dateRange, filterGroup }), log_count);
  }
});
