import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from './otlp.mjs';
import { isoMicros, plainRows, stored } from './rows.mjs';
import { ada, assertNames, dateRange, instant, MICROS, rows, service, UUID, world } from './world.mjs';

const id = (row) => row.attributes.row;
const place = (row) => `${row.timestamp} ${row.uuid}`;

/** Write a moment as rows have it: cursors are finer. */
function toMicros(moment) {
  return `${moment.replace('Z', '').slice(0, '2026-11-23T14:02:11.482913'.length)}Z`;
}

async function everyPage(query) {
  const pages = [];
  for await (const page of ada.pages(query)) {
    pages.push(page);
    assert.ok(pages.length <= rows.length, 'paging does not end');
  }
  return pages;
}

test('an answer has the envelope of the contract', async () => {
  const page = await ada.query({ dateRange, limit: 3 });
  const added = 'searchedTo liveLogsCheckpoint';
  assertNames(page, `query results hasMore nextCursor maxExportableLogs columns ${added}`);
  assert.equal(page.results.length, 3);
  assert.equal(page.hasMore, true);
  assert.equal(page.columns, null);
  assert.equal(page.maxExportableLogs, 10_000_000);
  assert.deepEqual(page.query.dateRange, dateRange);
  assert.equal(page.query.limit, 3);
  const last = page.results.at(-1);
  const cursor = JSON.parse(Buffer.from(page.nextCursor, 'base64').toString());
  assert.deepEqual(
    { ...cursor, timestamp: toMicros(cursor.timestamp) },
    { timestamp: last.timestamp, uuid: last.uuid },
  );
});

test('a cursor may be made from a row', async () => {
  const page = await ada.query({ dateRange, limit: 3 });
  const { timestamp, uuid } = page.results.at(-1);
  const after = Buffer.from(JSON.stringify({ timestamp, uuid })).toString('base64');
  const [made, given] = [after, page.nextCursor].map((cursor) => ada.query({ dateRange, limit: 3, after: cursor }));
  assert.deepEqual(
    (await made).results.map((row) => row.uuid),
    (await given).results.map((row) => row.uuid),
  );
});

test('the defaults are the last hour, the latest first, and a hundred rows', async () => {
  const recent = await ada.query({ serviceNames: ['recent'] });
  assert.deepEqual(
    recent.results.map(({ body }) => body),
    Array.from({ length: 12 }, (_, number) => `recent ${11 - number}`),
  );
  assert.equal(recent.hasMore, false);
  assert.equal(recent.nextCursor, null);
  assert.equal((await ada.query({ dateRange })).results.length, 100);
  const open = await ada.query({ dateRange: { date_from: '-1h', date_to: null }, serviceNames: ['recent'] });
  assert.equal(open.results.length, 12);
});

test('a limit above the greatest is taken as the greatest', async () => {
  const page = await ada.query({ dateRange, limit: 5000 });
  assert.equal(page.results.length, rows.length);
  assert.equal(page.hasMore, false);
  assert.equal(page.nextCursor, null);
});

for (const limit of [1, 41, 100, 299, 300, 600]) {
  for (const orderBy of ['latest', 'earliest']) {
    if (limit === 1 && orderBy === 'earliest') continue;
    const query = { dateRange, limit, orderBy, ...(limit === 1 && { serviceNames: ['mail'] }) };
    const expected = limit === 1 ? rows.filter((row) => query.serviceNames.includes(service(row))) : rows;

    test(`pages of ${limit} visit each row once, ${orderBy} first`, async () => {
      const pages = await everyPage(query);
      const found = pages.flatMap(({ results }) => results);
      assert.equal(new Set(found.map(({ uuid }) => uuid)).size, expected.length);
      assert.deepEqual(found.map(id).sort(), expected.map(id).sort());
      const places = found.map(place);
      const sorted = [...places].sort();
      assert.deepEqual(places, orderBy === 'latest' ? sorted.reverse() : sorted);
      assert.equal(pages.length, Math.ceil(expected.length / limit));
      assert.equal(pages.at(-1).nextCursor, null);
    });
  }
}

test('paging visits each row once while others arrive', async () => {
  const lastMs = world.nowMs - 1000;
  await send(world.address, world.ada.token, plainRows('moving', 40, lastMs));
  const range = { date_from: new Date(lastMs - 600_000).toISOString(), date_to: new Date(lastMs + 1).toISOString() };
  const seen = [];
  let wave = 0;
  for await (const page of ada.pages({ dateRange: range, serviceNames: ['moving'], limit: 7 })) {
    seen.push(...page.results);
    wave += 1;
    // Some of the same moments, some older, some younger than where the reader is.
    const others = plainRows('moving', 40, lastMs).filter((_, number) => number % 5 === wave % 5);
    for (const other of others) other.attributes.row = `late-${wave}-${other.attributes.row}`;
    if (wave < 8) await send(world.address, world.ada.token, others);
  }
  assert.equal(new Set(seen.map(({ uuid }) => uuid)).size, seen.length);
  assert.deepEqual(
    seen.map(id).filter((name) => name.startsWith('moving')),
    plainRows('moving', 40, lastMs).map(id).reverse(),
  );
});

test('every row comes back as it was sent', async () => {
  const page = await ada.query({ dateRange, limit: 2000 });
  const sent = new Map(rows.map((row) => [id(row), row]));
  for (const found of page.results) {
    const row = sent.get(id(found));
    const { uuid, timestamp, observed_timestamp, resource_fingerprint, live_logs_checkpoint, ...rest } = found;
    assert.deepEqual(rest, {
      body: row.body,
      severity_text: row.level,
      severity_number: row.storedNumber,
      level: row.level,
      trace_id: row.traceId?.toUpperCase() ?? '0'.repeat(32),
      span_id: row.spanId?.toUpperCase() ?? '0'.repeat(16),
      trace_flags: 0,
      attributes: stored(row.attributes),
      resource_attributes: stored(row.resource),
      event_name: row.eventName ?? '',
      instrumentation_scope: `${row.scope.name}@${row.scope.version}`,
      service_name: service(row),
    });
    assert.match(uuid, UUID);
    assert.equal(uuid[14], '7');
    assert.equal(timestamp, isoMicros(row.timestampNs));
    assert.match(observed_timestamp, MICROS);
    assert.ok(Math.abs(Date.parse(observed_timestamp) - world.nowMs) < 600_000, observed_timestamp);
    assert.match(resource_fingerprint, /^\d+$/);
    assert.equal(live_logs_checkpoint, page.liveLogsCheckpoint);
    instant(live_logs_checkpoint);
  }
});

test('both ends of the range are included', async () => {
  const [first, last] = [rows[30], rows[90]].map((row) => isoMicros(row.timestampNs));
  const { results } = await ada.query({ dateRange: { date_from: first, date_to: last }, limit: 2000 });
  assert.deepEqual(results.map(id).sort(), rows.slice(30, 93).map(id).sort());
  assert.equal(await ada.count({ dateRange: { date_from: first, date_to: last } }), 60);
});

test('moments may be written in every way of ISO 8601, and relatively', async () => {
  const from = dateRange.date_from.slice(0, 10);
  const to = dateRange.date_to.slice(0, 10);
  const berlin = (text) => new Date(Date.parse(text) + 3_600_000).toISOString().replace('.000Z', '+01:00');
  for (const [date_from, date_to] of [
    [from, to],
    [`${from}T00:00:00`, `${to}T00:00:00.000000`],
    [berlin(dateRange.date_from), berlin(dateRange.date_to)],
    ['-6dStart', '-1dStart'],
    ['-168h', '-60M'],
    ['-1m', '-1h'],
    ['all', '-1h'],
  ]) {
    assert.equal(await ada.count({ dateRange: { date_from, date_to }, serviceNames: ['cart'] }), countOf('cart'));
  }
});

function countOf(name) {
  return rows.filter((row) => service(row) === name).length;
}

test('the ids of a trace are found in hex of any case and in base64', async () => {
  const { traceId, spanId } = rows.find((row) => row.traceId);
  for (const [key, hex] of [
    ['trace_id', traceId],
    ['span_id', spanId],
  ]) {
    const expected = rows.filter((row) => row[key === 'trace_id' ? 'traceId' : 'spanId'] === hex).length;
    for (const value of [hex, hex.toUpperCase(), Buffer.from(hex, 'hex').toString('base64')]) {
      const filterGroup = [{ key, type: 'log', operator: 'exact', value }];
      assert.equal(await ada.count({ dateRange, filterGroup }), expected, `${key} ${value}`);
    }
  }
});
