import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stored } from './rows.mjs';
import { ada, assertNames, bob, dateRange, rows, service, tally } from './world.mjs';

const own = (row) => stored(row.attributes);
const resource = (row) => stored(row.resource);

/** [key, rows with it], the most frequent first and equal ones by name. */
function keysOf(some, read) {
  return tally(
    some.flatMap((row) => Object.keys(read(row))),
    (key) => key,
  );
}

function valuesOf(some, read, key) {
  return tally(some, (row) => read(row)[key]).map(([value, count]) => ({ id: value, name: value, count }));
}

const keyNames = (pairs) => pairs.map(([key]) => key);

async function attributeNames(params) {
  const answer = await ada.attributes({ dateRange, ...params });
  for (const name of ['results', 'count']) assert.ok(name in answer, name);
  for (const found of answer.results) {
    assertNames(found, 'name propertyFilterType matchedOn matchedValue');
    const kind = params?.attribute_type === 'resource' ? 'log_resource_attribute' : 'log_attribute';
    assert.equal(found.propertyFilterType, kind);
  }
  return answer;
}

test('the keys of logs and resources, the most frequent first', async () => {
  for (const [attribute_type, read] of [
    [undefined, own],
    ['log', own],
    ['resource', resource],
  ]) {
    const expected = keyNames(keysOf(rows, read));
    const answer = await attributeNames(attribute_type && { attribute_type });
    assert.deepEqual(
      answer.results.map(({ name }) => name),
      expected,
    );
    assert.equal(answer.count, expected.length);
    for (const found of answer.results) assert.deepEqual([found.matchedOn, found.matchedValue], ['key', null]);
  }
});

test('keys come in pages, and the count is that of all', async () => {
  const expected = keyNames(keysOf(rows, own));
  const found = [];
  for (let offset = 0; offset < expected.length; offset += 3) {
    const answer = await attributeNames({ limit: 3, offset });
    assert.equal(answer.count, expected.length);
    assert.ok(answer.results.length <= 3);
    found.push(...answer.results.map(({ name }) => name));
  }
  assert.deepEqual(found, expected);
  assert.deepEqual((await attributeNames({ offset: 1000 })).results, []);
});

test('keys are searched: the exact one first, then by the word, then by frequency', async () => {
  const found = async (search) => (await attributeNames({ search })).results.map(({ name }) => name);
  assert.deepEqual(await found('HTTP'), keyNames(keysOf(rows, own).filter(([key]) => key.includes('http'))));
  assert.equal((await found('row'))[0], 'row');
  assert.deepEqual(await found('address'), ['customer.address.city', 'customer.address.zip']);
  // a word in "customer.name", a part of a word in none of the more frequent ones
  assert.deepEqual(await found('name'), ['customer.name']);
  assert.deepEqual(await found('no such key'), []);
  const e = keysOf(rows, own).filter(([key]) => key.includes('us'));
  assert.deepEqual(await found('us'), keyNames(e));
});

test('keys are found by their values, too', async () => {
  const answer = await attributeNames({ search: 'zürich', search_values: true });
  assert.deepEqual(answer.results, [
    {
      name: 'customer.address.city',
      propertyFilterType: 'log_attribute',
      matchedOn: 'value',
      matchedValue: 'Zürich',
    },
  ]);
  assert.deepEqual((await attributeNames({ search: 'zürich' })).results, []);
  assert.deepEqual((await attributeNames({ search: 'zür', search_values: true })).results, []);
  const hosts = await attributeNames({ attribute_type: 'resource', search: 'host', search_values: true });
  assert.deepEqual(
    hosts.results.map(({ name, matchedOn }) => [name, matchedOn]),
    [['host.name', 'key']],
  );
});

test('only the keys that are asked for, if there are any', async () => {
  const answer = await attributeNames({ keys: 'user,size,no such key' });
  assert.deepEqual(answer.results.map(({ name }) => name).sort(), ['size', 'user']);
  assert.equal(answer.count, 2);
});

/** Compare the names that were found; of an answer that ran out of time, they are some of those expected. */
function assertFound({ results, approximate }, expected) {
  const found = results.map(({ name }) => name);
  if (approximate) for (const name of found) assert.ok(expected.includes(name), name);
  else assert.deepEqual(found.sort(), [...expected].sort());
}

const pathOf = (row) => row.attributes['http.path'];

test('keys and values of the services and filters that are asked for', async () => {
  const filterGroup = [{ key: 'express', type: 'log_attribute', operator: 'exact', value: 'true' }];
  const some = rows.filter((row) => ['cart', 'auth'].includes(service(row)) && row.attributes.express === true);
  assert.ok(some.length > 0);
  const params = { serviceNames: ['cart', 'auth'], filterGroup };
  const answer = await attributeNames(params);
  assertFound(answer, keyNames(keysOf(some, own)));
  assertFound(await ada.values({ dateRange, key: 'http.path', ...params }), keyNames(tally(some, pathOf)));
});

test('a range may be given plainly, is the last hour else, and what cannot be read counts as not sent', async () => {
  const plain = await attributeNames({ dateRange: '{', ...dateRange });
  assert.equal(plain.count, keysOf(rows, own).length);
  const recent = await ada.attributes({ filterGroup: '[{', serviceNames: '["' });
  assert.ok(recent.results.some(({ name }) => name === 'row'));
  assert.ok(!recent.results.some(({ name }) => name === 'user'));
});

test('values of attributes come with their counts, the most frequent first', async () => {
  for (const [key, attribute_type, read] of [
    ['user', undefined, own],
    ['http.status', 'log', own],
    ['tags', 'log', own],
    ['due', 'log', own],
    ['host.name', 'resource', resource],
    ['service.name', 'resource', resource],
  ]) {
    const answer = await ada.values({ dateRange, key, ...(attribute_type && { attribute_type }) });
    assert.equal(answer.refreshing, false);
    assert.deepEqual(answer.results, valuesOf(rows, read, key), key);
  }
});

test('values are searched by a part, whatever the case, and come in pages', async () => {
  const all = valuesOf(rows, own, 'http.path');
  const wanted = all.filter(({ name }) => /orders/i.test(name));
  assert.deepEqual((await ada.values({ dateRange, key: 'http.path', value: 'ORDERS' })).results, wanted);
  assert.deepEqual((await ada.values({ dateRange, key: 'http.path', value: '%' })).results, []);
  const ada2 = valuesOf(rows, own, 'user').filter(({ name }) => name.toLowerCase() === 'ada');
  assert.deepEqual((await ada.values({ dateRange, key: 'user', value: 'ADA' })).results, ada2);
  const pages = [];
  for (let offset = 0; offset < all.length; offset += 2) {
    pages.push(...(await ada.values({ dateRange, key: 'http.path', limit: 2, offset })).results);
  }
  assert.deepEqual(pages, all);
  assert.equal((await ada.values({ dateRange, key: 'row' })).results.length, 100);
});

test('columns have values too', async () => {
  const column = (name) => ada.values({ dateRange, key: name }).then(({ results }) => results);
  const expected = (read) => tally(rows, read).map(([name, count]) => ({ id: name, name, count }));
  assert.deepEqual(
    await column('severity_text'),
    expected(({ level }) => level),
  );
  assert.deepEqual(
    await column('event_name'),
    expected(({ eventName }) => eventName ?? ''),
  );
  assert.deepEqual(await column('service_name'), expected(service));
});

test('another project has none of them', async () => {
  assert.deepEqual((await bob.attributes({ dateRange })).results, []);
  assert.deepEqual((await bob.values({ dateRange, key: 'user' })).results, []);
});
