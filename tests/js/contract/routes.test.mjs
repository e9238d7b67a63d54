import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ada, dateRange, rows, world } from './world.mjs';

const POSTS = [
  ['query/', {}],
  ['count/', {}],
  ['count-ranges/', {}],
  ['sparkline/', {}],
  ['patterns/', {}],
  ['services/', {}],
  ['facet_values/', { facetField: 'severity_text' }],
  ['group-by/', { groupBy: 'user' }],
];
const GETS = [
  ['attributes/', {}],
  ['values/', { key: 'user' }],
];

/** Ask on one connection twice, with a rest of more than the four seconds that Node's fetch keeps one. */
async function restAndAskAgain() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1, timeout: 60_000 });
  const ask = () =>
    new Promise((resolve, reject) => {
      const request = http.get(`${world.address}/healthz`, { agent }, (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode, isReused: request.reusedSocket }));
      });
      request.on('error', reject);
    });
  const answers = [await ask()];
  await sleep(4_500);
  answers.push(await ask());
  agent.destroy();
  return answers;
}
const rested = restAndAskAgain().catch((error) => error); // meanwhile the other tests of this file go on

/** Leave out what differs from one question to the next: the moment up to which everything was seen. */
function comparable(data) {
  return JSON.parse(JSON.stringify(data, (name, value) => (/checkpoint/i.test(name) ? undefined : value)));
}

for (const [alias, project, slash] of [
  ['projects', '@current', false],
  ['projects', world.ada.projectId, true],
  ['environments', '@current', true],
  ['environments', world.ada.projectId, false],
]) {
  test(`every question at /api/${alias}/${project}/ ${slash ? 'with' : 'without'} a slash`, async () => {
    const client = ada.with({ alias, project, slash });
    for (const [path, more] of POSTS) {
      const json = { query: { dateRange, serviceNames: ['mail'], ...more } };
      const answer = await client.fetch('POST', client.logs(path), { json });
      const usual = await ada.fetch('POST', ada.logs(path), { json });
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.headers.get('server-timing') ?? '', /\bclickhouse;dur=\d/, path);
      assert.deepEqual(comparable(answer.data), comparable(usual.data));
    }
    for (const [path, more] of GETS) {
      const params = { dateRange, ...more };
      const answer = await client.fetch('GET', client.logs(path), { params });
      const usual = await ada.fetch('GET', ada.logs(path), { params });
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.headers.get('server-timing') ?? '', /\bclickhouse;dur=\d/, path);
      assert.ok(answer.data.results.length > 0);
      assert.deepEqual(answer.data, usual.data);
    }
    assert.equal(await client.hasLogs(), true);
    const view = await client.createView({ name: 'here' });
    assert.deepEqual(await client.getView(view.short_id), view);
    await client.deleteView(view.short_id);
  });
}

test('what is asked of accounts answers without a slash, too', async () => {
  const client = ada.with({ slash: false });
  assert.equal((await client.currentKey()).label, 'everything');
  assert.equal((await client.me()).email, 'ada@example.org');
  assert.equal((await client.projects()).count, 1);
  assert.equal((await client.projectById('@current')).id, world.ada.projectId);
});

test('every request has an id of its own', async () => {
  const ids = new Set();
  for (let number = 0; number < 5; number += 1) {
    const { headers } = await ada.fetch('GET', ada.logs('has_logs/'));
    ids.add(headers.get('x-request-id'));
  }
  assert.equal(ids.size, 5);
});

test('a key that reads only may ask every question', async () => {
  const reader = ada.with({ key: world.keys.reader });
  const writer = ada.with({ key: world.keys.writer });
  for (const client of [reader, writer]) {
    assert.equal(await client.count({ dateRange }), rows.length);
    for (const [path, more] of POSTS) {
      await client.call('POST', client.logs(path), { json: { query: { dateRange, ...more } } });
    }
    for (const [path, params] of GETS) await client.call('GET', client.logs(path), { params });
    assert.ok(Array.isArray((await client.listViews()).results));
  }
});

test('the API describes itself', async () => {
  const schema = await ada.with({ key: null }).call('GET', '/api/schema/');
  assert.match(schema.openapi, /^3\./);
  const paths = Object.keys(schema.paths).map((path) => path.replace(/\{[^}]*\}/g, '*'));
  for (const [path] of [...POSTS, ...GETS, ['has_logs/'], ['views/']]) {
    assert.ok(paths.includes(`/api/projects/*/logs/${path}`), path);
  }
});

test('a connection outlasts the rest that Node’s fetch gives it', async () => {
  assert.deepEqual(await rested, [
    { status: 200, isReused: false },
    { status: 200, isReused: true },
  ]);
});
