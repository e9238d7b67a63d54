import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from './client.mjs';
import { ada, bob, dateRange, nobody, world } from './world.mjs';

const filter = (changes) => ({ key: 'a', type: 'log_attribute', operator: 'exact', value: 'x', ...changes });
const nested = (depth) => (depth ? { type: 'AND', values: [nested(depth - 1)] } : filter());

// [endpoint, query, code, attr]
const REFUSED = [
  ['query', { limit: 0 }, 'min_value', 'query__limit'],
  ['query', { limit: 'many' }, 'invalid_input', 'query__limit'],
  ['query', { orderBy: 'sideways' }, 'invalid_choice', 'query__orderBy'],
  ['query', { after: 'not a cursor' }, 'invalid_input', 'query__after'],
  ['query', { excludeAttributes: 'perhaps' }, 'invalid_input', 'query__excludeAttributes'],
  ['query', { customColumns: 'body' }, 'invalid_input', 'query__customColumns'],
  ['query', { customColumns: ['attributes.a', 'timestamp'] }, 'invalid_input', 'query__customColumns__1'],
  ['query', { customColumns: Array(51).fill('attributes.a') }, 'max_length', 'query__customColumns'],
  ['query', { liveLogsCheckpoint: 'soon' }, 'invalid_input', 'query__liveLogsCheckpoint'],
  ['count', { severityLevels: ['info', 'loud'] }, 'invalid_choice', 'query__severityLevels__1'],
  ['count', { severityLevels: 'info' }, 'invalid_input', 'query__severityLevels'],
  ['count', { serviceNames: 'cart' }, 'invalid_input', 'query__serviceNames'],
  ['count', { serviceNames: ['cart', 7] }, 'invalid_input', 'query__serviceNames__1'],
  ['count', { resourceFingerprint: 'abc' }, 'invalid_input', 'query__resourceFingerprint'],
  ['count', { dateRange: 'today' }, 'invalid_input', 'query__dateRange'],
  ['count', { dateRange: { date_from: 'whenever' } }, 'invalid_input', 'query__dateRange__date_from'],
  ['count', { dateRange: { date_from: '-1h', date_to: '-1x' } }, 'invalid_input', 'query__dateRange__date_to'],
  ['count', { dateRange: { date_from: '-1h', date_to: '-2h' } }, 'invalid_input', 'query__dateRange__date_from'],
  ['count', { filterGroup: 'a' }, 'invalid_input', 'query__filterGroup'],
  ['count', { filterGroup: [filter({ operator: 'like' })] }, 'invalid_choice', 'query__filterGroup__0__operator'],
  ['count', { filterGroup: [filter(), filter({ type: 'event' })] }, 'invalid_choice', 'query__filterGroup__1__type'],
  ['count', { filterGroup: [filter({ key: undefined })] }, 'required', 'query__filterGroup__0__key'],
  ['count', { filterGroup: [filter({ operator: undefined })] }, 'required', 'query__filterGroup__0__operator'],
  ['count', { filterGroup: [filter({ type: null })] }, 'null', 'query__filterGroup__0__type'],
  ['count', { filterGroup: [filter({ value: undefined })] }, 'required', 'query__filterGroup__0__value'],
  [
    'count',
    { filterGroup: [filter({ operator: 'regex', value: '(' })] },
    'invalid_input',
    'query__filterGroup__0__value',
  ],
  ['count', { filterGroup: [filter({ operator: 'in' })] }, 'invalid_input', 'query__filterGroup__0__value'],
  [
    'count',
    { filterGroup: [filter({ operator: 'between', value: [1] })] },
    'invalid_input',
    'query__filterGroup__0__value',
  ],
  ['count', { filterGroup: [filter({ operator: 'is_date_after' })] }, 'invalid_input', 'query__filterGroup__0__value'],
  ['count', { filterGroup: [filter({ type: 'log', key: 'colour' })] }, 'invalid_choice', 'query__filterGroup__0__key'],
  ['count', { filterGroup: ['a'] }, 'invalid_input', 'query__filterGroup__0'],
  ['count', { filterGroup: { type: 'XOR', values: [] } }, 'invalid_choice', 'query__filterGroup__type'],
  [
    'count',
    { filterGroup: { type: 'AND', values: [{ type: 'OR', values: [filter(), filter({ operator: 'like' })] }] } },
    'invalid_choice',
    'query__filterGroup__values__0__values__1__operator',
  ],
  ['sparkline', { sparklineBreakdownBy: 'mood' }, 'invalid_choice', 'query__sparklineBreakdownBy'],
  ['sparkline', { sparklineRankBy: 'mood' }, 'invalid_choice', 'query__sparklineRankBy'],
  ['count-ranges', { targetBuckets: 'ten' }, 'invalid_input', 'query__targetBuckets'],
  ['group-by', { groupBys: [{ key: 'a', source: 'moon' }] }, 'invalid_choice', 'query__groupBys__0__source'],
  ['group-by', { groupBys: Array(5).fill({ key: 'a', source: 'log' }) }, 'max_length', 'query__groupBys'],
  ['group-by', { groupBys: [{ source: 'log' }] }, 'required', 'query__groupBys__0__key'],
  ['group-by', { groupBy: 'a', orderGroupsBy: 'mood' }, 'invalid_choice', 'query__orderGroupsBy'],
  ['group-by', { groupBy: 'a', limit: 0 }, 'min_value', 'query__limit'],
  ['group-by', { groupBy: 'a', limit: 501 }, 'max_value', 'query__limit'],
  ['facet_values', { facetField: 'body' }, 'invalid_choice', 'query__facetField'],
];

async function refusal(client, method, path, options) {
  const { status, data, headers } = await client.fetch(method, path, options);
  return { status, type: data?.type, code: data?.code, attr: data?.attr, detail: data?.detail, headers };
}

function assertRefused(found, expected) {
  const shown = Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]));
  assert.deepEqual(shown, expected, found.detail);
}

test('a field that cannot be used is named by its path, with a code that says why', async () => {
  const wrong = [];
  for (const [endpoint, query, code, attr] of REFUSED) {
    const found = await refusal(ada, 'POST', ada.logs(`${endpoint}/`), { json: { query } });
    const expected = [400, 'validation_error', code, attr];
    const shown = [found.status, found.type, found.code, found.attr];
    if (JSON.stringify(shown) !== JSON.stringify(expected)) {
      wrong.push({ endpoint, query: JSON.stringify(query).slice(0, 200), expected, shown, detail: found.detail });
    }
  }
  assert.deepEqual(wrong, []);
});

test('a pattern that is no regular expression is named', async () => {
  const query = { filterGroup: [filter({ operator: 'regex', value: 'took (\\d+' })] };
  await assert.rejects(
    ada.count(query),
    (error) => error instanceof ApiError && error.body.detail.includes('took (\\d+'),
  );
});

test('groups go sixteen deep and no deeper, and hold 256 nodes and no more', async () => {
  assert.equal(await ada.count({ dateRange, filterGroup: nested(16) }), 0);
  assert.equal(
    await ada.count({ dateRange, filterGroup: { type: 'OR', values: Array.from({ length: 255 }, () => filter()) } }),
    0,
  );
  for (const filterGroup of [
    nested(17),
    { type: 'OR', values: Array.from({ length: 256 }, () => filter()) },
    Array.from({ length: 257 }, () => filter()),
  ]) {
    const found = await refusal(ada, 'POST', ada.logs('count/'), { json: { query: { filterGroup } } });
    assertRefused(found, { status: 400, type: 'validation_error' });
    assert.match(found.attr, /^query__filterGroup/);
  }
});

test('a facet needs exactly one singular selector', async () => {
  for (const query of [{}, { facetField: 'severity_text', facetAttribute: 'user' }, { facetFields: ['body'] }]) {
    const found = await refusal(ada, 'POST', ada.logs('facet_values/'), { json: { query: { dateRange, ...query } } });
    assertRefused(found, { status: 400, type: 'validation_error' });
  }
});

test('the query must be there, and be an object', async () => {
  for (const [json, detail] of [
    [{}, 'No query provided'],
    [{ query: 'x' }, 'query must be an object'],
    [{ query: [] }, 'query must be an object'],
  ]) {
    const found = await refusal(ada, 'POST', ada.logs('query/'), { json });
    assert.equal(found.status, 400);
    assert.ok(found.detail.startsWith(detail), found.detail);
    const { data } = await ada.fetch('POST', ada.logs('query/'), { json });
    assert.equal(data.error, data.detail);
  }
});

test('what may be left out of a body may be null as well, and other questions need no query', async () => {
  const usual = await ada.query({ dateRange });
  const nulls = { limit: null, orderBy: null, after: null, filterGroup: null, searchTerm: null, serviceNames: null };
  const { results } = await ada.query({ dateRange, ...nulls });
  assert.deepEqual(
    results.map(({ uuid }) => uuid),
    usual.results.map(({ uuid }) => uuid),
  );
  for (const [path, names] of [
    ['count/', ['count']],
    ['count-ranges/', ['ranges', 'interval']],
  ]) {
    assert.deepEqual(Object.keys(await ada.call('POST', ada.logs(path), { json: {} })).sort(), names.sort());
  }
});

test('what is not JSON, or no object, is a parse error', async () => {
  const headers = { 'Content-Type': 'application/json' };
  for (const endpoint of ['query', 'count', 'sparkline', 'views']) {
    for (const body of ['{"query": ', 'x', '[]', '"text"', '17']) {
      const found = await refusal(ada, 'POST', ada.logs(`${endpoint}/`), { body, headers });
      assertRefused(found, { status: 400, type: 'invalid_request', code: 'parse_error', attr: null });
    }
  }
});

test('a parameter of the address that cannot be used is named', async () => {
  for (const [path, params, code, attr] of [
    ['values/', {}, 'required', 'key'],
    ['values/', { key: 'a', attribute_type: 'moon' }, 'invalid_choice', 'attribute_type'],
    ['attributes/', { attribute_type: 'moon' }, 'invalid_choice', 'attribute_type'],
    ['attributes/', { limit: 'ten' }, 'invalid_input', 'limit'],
    ['attributes/', { limit: 101 }, 'max_value', 'limit'],
    ['attributes/', { limit: 0 }, 'min_value', 'limit'],
    ['attributes/', { offset: -1 }, 'min_value', 'offset'],
  ]) {
    const found = await refusal(ada, 'GET', ada.logs(path), { params });
    assertRefused(found, { status: 400, type: 'validation_error', code, attr });
  }
});

test('who has no key, or a bad one, is told so', async () => {
  const paths = [nobody.logs('has_logs/'), '/api/users/@me/', '/api/projects/', '/api/personal_api_keys/@current/'];
  for (const path of paths) {
    assertRefused(await refusal(nobody, 'GET', path), {
      status: 401,
      type: 'authentication_error',
      code: 'not_authenticated',
    });
    for (const key of ['phx_nobody-has-this-one', 'nonsense', world.keys.revoked, world.ada.token]) {
      assertRefused(await refusal(nobody.with({ key }), 'GET', path), {
        status: 401,
        type: 'authentication_error',
        code: 'authentication_failed',
      });
    }
  }
  assertRefused(await refusal(nobody, 'POST', nobody.logs('query/'), { json: { query: {} } }), { status: 401 });
});

test('a scope that is missing is named', async () => {
  const exporter = ada.with({ key: world.keys.exporter });
  const reader = ada.with({ key: world.keys.reader });
  const denied = { status: 403, type: 'authentication_error', code: 'permission_denied' };
  for (const [client, scope, method, path, options] of [
    [exporter, 'logs:read', 'POST', 'query/', { json: { query: {} } }],
    [exporter, 'logs:read', 'POST', 'count/', { json: { query: {} } }],
    [exporter, 'logs:read', 'GET', 'attributes/'],
    [exporter, 'logs:read', 'GET', 'has_logs/'],
    [exporter, 'logs:read', 'GET', 'views/'],
    [reader, 'logs:write', 'POST', 'views/', { json: { name: 'x' } }],
  ]) {
    const found = await refusal(client, method, client.logs(path), options);
    assertRefused(found, denied);
    assert.ok(found.detail.includes(scope), found.detail);
  }
  const view = await ada.createView({ name: 'kept' });
  for (const [method, options] of [
    ['PATCH', { json: { name: 'x' } }],
    ['PUT', { json: { name: 'x' } }],
    ['DELETE', {}],
  ]) {
    const found = await refusal(reader, method, reader.logs(`views/${view.short_id}/`), options);
    assertRefused(found, denied);
    assert.ok(found.detail.includes('logs:write'), found.detail);
  }
  assert.equal((await ada.getView(view.short_id)).name, 'kept');
  await ada.deleteView(view.short_id);
});

test('keys are managed in a session only', async () => {
  for (const [method, path, options] of [
    ['GET', '/api/personal_api_keys/'],
    ['POST', '/api/personal_api_keys/', { json: { label: 'more', scopes: ['*'] } }],
    ['DELETE', `/api/personal_api_keys/${(await ada.currentKey()).id}/`],
  ]) {
    assertRefused(await refusal(ada, method, path, options), { status: 403, code: 'permission_denied' });
  }
});

test('what is not there is not found, and a project that is not yours is as one that is not there', async () => {
  const missing = { status: 404, type: 'invalid_request', code: 'not_found' };
  for (const path of [ada.logs('views/nothing1/'), ada.logs('nothing/'), '/api/nothing/']) {
    assertRefused(await refusal(ada, 'GET', path), missing);
  }
  const details = new Set();
  for (const [client, method, path, options] of [
    [ada, 'GET', '/api/projects/999999/'],
    [ada, 'GET', `/api/projects/${world.bob.projectId}/`],
    [bob, 'GET', `/api/projects/${world.ada.projectId}/`],
    [ada, 'GET', '/api/projects/999999/logs/has_logs/'],
    [ada, 'POST', '/api/projects/999999/logs/query/', { json: { query: {} } }],
    [bob, 'POST', `/api/projects/${world.ada.projectId}/logs/query/`, { json: { query: {} } }],
    [bob, 'GET', `/api/environments/${world.ada.projectId}/logs/values/`, { params: { key: 'user' } }],
    [bob, 'GET', `/api/projects/${world.ada.projectId}/logs/has_logs/`],
    [bob, 'GET', `/api/projects/${world.ada.projectId}/logs/views/`],
  ]) {
    const found = await refusal(client, method, path, options);
    assertRefused(found, { status: 403, type: 'authentication_error', code: 'permission_denied' });
    details.add(found.detail);
  }
  assert.equal(details.size, 1, [...details].join(' / '));
});

test('a method that a path does not know is refused', async () => {
  for (const [method, path] of [
    ['GET', ada.logs('query/')],
    ['PUT', ada.logs('count/')],
    ['DELETE', ada.logs('sparkline/')],
    ['POST', ada.logs('attributes/')],
    ['PATCH', ada.logs('views/')],
    ['POST', '/api/users/@me/'],
  ]) {
    const found = await refusal(ada, method, path, method === 'GET' ? {} : { json: {} });
    assertRefused(found, { status: 405, type: 'invalid_request', code: 'method_not_allowed', attr: null });
    assert.ok(found.headers.get('allow'), path);
  }
});

test('a body that is too large, or of another kind, is refused', async () => {
  const large = JSON.stringify({ query: { searchTerm: 'x'.repeat(21 * 1024 * 1024) } });
  const headers = { 'Content-Type': 'application/json' };
  assertRefused(await refusal(ada, 'POST', ada.logs('query/'), { body: large, headers }), {
    status: 413,
    type: 'invalid_request',
    code: 'payload_too_large',
  });
  for (const kind of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
    const body = '{"query": {}}';
    assertRefused(await refusal(ada, 'POST', ada.logs('query/'), { body, headers: { 'Content-Type': kind } }), {
      status: 415,
      type: 'invalid_request',
      code: 'unsupported_media_type',
    });
  }
});

test('ingestion refuses what it cannot take, and says so', async () => {
  const send = (key, body, headers = { 'Content-Type': 'application/json' }) =>
    fetch(`${world.address}/i/v1/logs`, {
      method: 'POST',
      headers: { ...(key && { Authorization: `Bearer ${key}` }), ...headers },
      body,
    });
  for (const key of [null, 'phc_unknown', 'nonsense', world.ada.key]) {
    const response = await send(key, '{"resourceLogs": []}');
    assert.equal(response.status, 401, key);
    assert.ok(response.headers.get('x-request-id'));
  }
  assert.equal((await send(world.ada.token, '{"resourceLogs": ')).status, 400);
  assert.equal((await send(world.ada.token, '{"resourceLogs": []}')).status, 200);
});
