import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stored } from './rows.mjs';
import { ada, assertNames, dateRange, rows, service, tally } from './world.mjs';

const attribute = (key) => (row) => stored(row.attributes)[key];
const resource = (key) => (row) => stored(row.resource)[key];
const level = (row) => row.level;

const asValues = (pairs) => pairs.slice(0, 100).map(([value, count]) => ({ value, count }));

/** Equal counts may come in any order: put them in that of their names. */
function inOrder(values) {
  const counts = values.map(({ count }) => count);
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => b - a),
  );
  return [...values].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

async function single(query) {
  const answer = await ada.facetValues({ dateRange, ...query });
  assertNames(answer, 'results');
  for (const value of answer.results) assertNames(value, 'value count');
  return inOrder(answer.results);
}

test('a facet of a column, an attribute and a resource attribute', async () => {
  assert.deepEqual(await single({ facetField: 'severity_text' }), asValues(tally(rows, level)));
  const named = tally(rows, service).filter(([name]) => name);
  const services = await single({ facetField: 'service_name' });
  assert.deepEqual(
    services.filter(({ value }) => value),
    asValues(named),
  );
  assert.deepEqual(await single({ facetAttribute: 'user' }), asValues(tally(rows, attribute('user'))));
  assert.deepEqual(await single({ facetAttribute: 'http.status' }), asValues(tally(rows, attribute('http.status'))));
  assert.deepEqual(await single({ facetResourceAttribute: 'region' }), asValues(tally(rows, resource('region'))));
  assert.deepEqual(await single({ facetAttribute: 'nobody has it' }), []);
});

test('a facet shows a hundred values at most', async () => {
  const { results } = await ada.facetValues({ dateRange, facetAttribute: 'row' });
  assert.equal(results.length, 100);
  assert.ok(results.every(({ count }) => count === 1));
});

test('a facet ignores the filter on itself, and honours every other one', async () => {
  const errors = rows.filter((row) => row.level === 'error');
  assert.deepEqual(
    await single({ facetField: 'severity_text', severityLevels: ['error'], searchTerm: 'USER' }),
    asValues(
      tally(
        rows.filter(({ body }) => /user/i.test(body)),
        level,
      ),
    ),
  );
  const own = { key: 'user', type: 'log_attribute', operator: 'exact', value: 'Ada' };
  assert.deepEqual(
    await single({ facetAttribute: 'user', filterGroup: [own], severityLevels: ['error'] }),
    asValues(tally(errors, attribute('user'))),
  );
  const others = rows.filter((row) => service(row) === 'cart' && row.attributes.user === 'Ada');
  assert.deepEqual(
    await single({ facetResourceAttribute: 'host.name', filterGroup: [own], serviceNames: ['cart'] }),
    asValues(tally(others, resource('host.name'))),
  );
});

test('a facet is searched by a part of its values, whatever the case', async () => {
  const found = await single({ facetAttribute: 'http.path', facetSearch: 'ORDERS' });
  assert.deepEqual(found, asValues(tally(rows, attribute('http.path')).filter(([value]) => /orders/i.test(value))));
  assert.equal(found.length, 2);
  assert.deepEqual(await single({ facetAttribute: 'http.path', facetSearch: 'search_' }), [
    { value: '/search_all', count: rows.filter((row) => row.attributes['http.path'] === '/search_all').length },
  ]);
});

test('many facets in one call say what each says alone', async () => {
  const query = { dateRange, severityLevels: ['warn', 'error'], searchTerm: 'a' };
  const answer = await ada.facetValues({
    ...query,
    facetFields: ['severity_text', 'service_name'],
    facetResourceAttributes: ['host.name', 'region'],
    facetAttributes: ['user', 'size', 'nobody has it'],
  });
  assertNames(answer, 'facetFields facetResourceAttributes facetAttributes');
  for (const [list, one, keys] of [
    ['facetFields', 'facetField', ['severity_text', 'service_name']],
    ['facetResourceAttributes', 'facetResourceAttribute', ['host.name', 'region']],
    ['facetAttributes', 'facetAttribute', ['user', 'size', 'nobody has it']],
  ]) {
    assert.deepEqual(
      answer[list].map(({ key }) => key),
      keys,
    );
    for (const facet of answer[list]) {
      assertNames(facet, 'key values');
      assert.deepEqual(inOrder(facet.values), await single({ ...query, [one]: facet.key }), facet.key);
    }
  }
});
