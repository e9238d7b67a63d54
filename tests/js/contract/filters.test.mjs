import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { matches, OPERATORS } from './evaluate.mjs';
import { stored } from './rows.mjs';
import { ada, dateRange, rows, service } from './world.mjs';

const dates = { 'is_date_exact is_date_before is_date_after': ['2026-03-02', '2026-03-03T00:00:00Z'] };

/** Every operator, for a key whose values are texts. */
const everything = (values) => ({
  'exact is_not': [values[0], values, []],
  'in not_in': [values],
  'icontains not_icontains': [values[0].slice(1, 4).toUpperCase(), values.map((value) => value.slice(0, 3))],
  'starts_with not_starts_with': [values[0].slice(0, 3), ['A', values[1].slice(0, 2)]],
  'ends_with not_ends_with': [values.map((value) => value.slice(-2))],
  'regex not_regex': ['[a-z]+[0-9]', '^.{3,9}$'],
  'gt gte lt lte': [values[0], '10'],
  'between not_between': [
    ['A', 'g'],
    ['5', '300'],
  ],
  'is_set is_not_set': [undefined],
  ...dates,
});
const numbers = {
  'exact is_not': ['10', 404],
  'gt gte lt lte': [9, '-5', 'small'],
  'between not_between': [
    [9, 404],
    ['-5', '10'],
  ],
};

const SUBJECTS = [
  ['log_attribute', 'http.path', everything(['/Orders/new', '/cart'])],
  ['log_attribute', 'nobody has it', { 'exact is_not icontains not_icontains regex not_regex gt': ['x'], ...dates }],
  ['log_attribute', 'user', { 'exact is_not': ["O'Hara \\ 100%"], 'icontains not_icontains': ['ZOË', "'HARA \\ 1"] }],
  ['log_attribute', 'customer.address.city', { 'exact is_not': ['Zürich'], 'icontains not_icontains': ['ÜRI'] }],
  ['log_attribute', 'tags', { 'exact is_not': ['["new","gift"]'], 'ends_with not_ends_with': ['"gift"]'] }],
  ['log_attribute', 'empty', { 'is_set is_not_set': [undefined], 'exact is_not': ['', 'x'] }],
  ['log_attribute', 'size', numbers],
  ['log_attribute', 'http.status', { 'exact is_not in not_in': [['404', 200]], 'gt lte': [200, '404'] }],
  ['log_attribute', 'duration_ms', { 'gt lte': [500, '500.5'] }],
  ['log_attribute', 'due', dates],
  ['log_resource_attribute', 'host.name', everything(['host-1', 'host-3'])],
  ['log_resource_attribute', 'region', { 'starts_with not_starts_with': ['us'], 'is_set is_not_set': [undefined] }],
  ['log_resource_attribute', 'replicas', { 'gt gte lt lte': [2], 'between not_between': [[2, 3]] }],
  ['log_resource_attribute', 'deployed', dates],
  ['log', 'message', everything(['Payment of', 'user Ada'])],
  ['log', 'body', { 'icontains not_icontains': ['100% OF "stock_', '\\DATA\\1', 'zürich', 'recent call'] }],
  ['log', 'severity_level', { 'exact is_not': ['error', ['error', 'fatal']], 'in not_in': [['warn', 'info']] }],
  ['log', 'severity_text', { 'exact is_not': ['trace'], 'starts_with not_starts_with': ['e'] }],
  [
    'log',
    'service_name',
    { 'exact is_not': ['cart', ''], 'in not_in': [['', 'geo']], 'icontains not_icontains': ['CA'] },
  ],
  [
    'log',
    'service_name',
    { 'is_set is_not_set': [undefined], 'gt lte': ['mail'], 'between not_between': [['b', 'd']] },
  ],
  ['log', 'event_name', { 'exact is_not': ['order.lost'], 'icontains not_icontains': ['PLACED'] }],
  ['log', 'instrumentation_scope', { 'exact is_not': ['shop.cart@1.2', ['shop.web@3']] }],
  ['log', 'trace_id', { 'is_set is_not_set': [undefined] }],
  ['log', 'span_id', { 'is_set is_not_set': [undefined] }],
];

/** Write a subject's table as filters. */
function filtersOf([type, key, table]) {
  return Object.entries(table).flatMap(([operators, values]) =>
    operators.split(' ').flatMap((operator) => values.map((value) => ({ key, type, operator, value }))),
  );
}

async function check(filterGroup) {
  const expected = rows.filter((row) => matches(row, filterGroup)).length;
  return { filterGroup, expected, found: await ada.count({ dateRange, filterGroup }) };
}

for (const subject of SUBJECTS) {
  test(`filters on ${subject[0]} ${subject[1]} count what they mean`, async () => {
    const results = await Promise.all(filtersOf(subject).map((filter) => check([filter])));
    const wrong = results.filter(({ expected, found }) => expected !== found);
    assert.deepEqual(wrong, []);
  });
}

test('every operator was tried, and can match and fail', () => {
  const tried = SUBJECTS.flatMap(filtersOf);
  for (const operator of OPERATORS) {
    const counts = tried
      .filter((filter) => filter.operator === operator)
      .map((filter) => rows.filter((row) => matches(row, [filter])).length);
    assert.ok(
      counts.some((count) => count > 0 && count < rows.length),
      operator,
    );
  }
});

test('groups are boolean logic at every level', async () => {
  const error = { key: 'severity_level', type: 'log', operator: 'in', value: ['error', 'fatal'] };
  const slow = { key: 'duration_ms', type: 'log_attribute', operator: 'gt', value: 500 };
  const west = { key: 'region', type: 'log_resource_attribute', operator: 'is_not', value: 'eu-west' };
  const took = { key: 'message', type: 'log', operator: 'regex', value: 'TOOK \\d+ ms$' };
  const deep = Array.from({ length: 15 }).reduce((values) => ({ type: 'AND', values: [values] }), error);
  for (const filterGroup of [
    [error, west],
    { type: 'OR', values: [error, slow] },
    { type: 'AND', values: [{ type: 'OR', values: [error, slow] }, west] },
    { type: 'OR', values: [{ type: 'AND', values: [error, west] }, { type: 'AND', values: [slow, took] }, took] },
    { type: 'AND', values: [{ type: 'OR', values: [{ type: 'AND', values: [took, west] }, slow] }, west] },
    deep,
  ]) {
    const expected = rows.filter((row) => matches(row, filterGroup)).map((row) => row.attributes.row);
    assert.ok(expected.length > 0 && expected.length < rows.length);
    const { results } = await ada.query({ dateRange, filterGroup, limit: 2000 });
    assert.deepEqual(results.map(({ attributes }) => attributes.row).sort(), expected.sort());
  }
});

test('the other fields of a query narrow it too', async () => {
  for (const [query, isMeant] of [
    [{ severityLevels: ['warn', 'fatal'] }, (row) => ['warn', 'fatal'].includes(row.level)],
    [{ severityLevels: [], serviceNames: [] }, () => true],
    [{ serviceNames: ['cart', ''] }, (row) => ['cart', ''].includes(service(row))],
    [{ searchTerm: 'CARD declined' }, (row) => row.body.includes('card declined')],
    [{ searchTerm: '% of "' }, (row) => row.body.includes('% of "')],
    [{ sessionId: 's-2' }, (row) => row.attributes.sessionId === 's-2'],
    [{ severityLevels: ['error'], searchTerm: 'user' }, (row) => row.level === 'error' && /user/i.test(row.body)],
    [{ unknown: 1, anything: [] }, () => true],
  ]) {
    const expected = rows.filter(isMeant).length;
    assert.ok(expected > 0);
    assert.equal(await ada.count({ dateRange, ...query }), expected, JSON.stringify(query));
  }
});

test('a fingerprint finds the logs of one resource', async () => {
  const [first] = (await ada.query({ dateRange, limit: 1 })).results;
  const { results } = await ada.query({ dateRange, resourceFingerprint: first.resource_fingerprint, limit: 2000 });
  const own = rows.filter((row) => isDeepStrictEqual(stored(row.resource), first.resource_attributes));
  assert.ok(own.length > 1);
  assert.deepEqual(results.map(({ attributes }) => attributes.row).sort(), own.map((row) => row.attributes.row).sort());
});
