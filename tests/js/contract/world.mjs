// What all checks share: the instance they ask, what was sent to it, and what every answer of the API must look like.
//
// CONTRACT, in the environment, is JSON: {address, nowMs, ada: {projectId, token, key}, bob: {…}, keys: {name: key}}.
import assert from 'node:assert/strict';
import { Client } from './client.mjs';
import { fiveDays, makeRows } from './rows.mjs';

export const world = JSON.parse(process.env.CONTRACT);
export const rows = makeRows(world.nowMs);
export const { fromMs, toMs } = fiveDays(world.nowMs);
export const dateRange = { date_from: new Date(fromMs).toISOString(), date_to: new Date(toMs).toISOString() };

const ERROR_TYPES = {
  400: ['validation_error', 'invalid_request'],
  401: ['authentication_error'],
  403: ['authentication_error'],
  404: ['invalid_request'],
  405: ['invalid_request'],
  413: ['invalid_request'],
  415: ['invalid_request'],
};

/** What the common rules demand of every response. */
function inspect({ method, url, status, headers, text, data }) {
  const where = `${method} ${url} → ${status}: ${text.slice(0, 300)}`;
  assert.ok(headers.get('x-request-id'), `no X-Request-Id: ${where}`);
  if (status === 204) {
    assert.equal(text, '', where);
    return;
  }
  assert.match(headers.get('content-type') ?? '', /^application\/json\b/, where);
  if (status < 400) return;
  assert.ok(ERROR_TYPES[status]?.includes(data.type), where);
  const { type, code, detail, attr, error = detail, ...rest } = data;
  assert.deepEqual(rest, {}, where);
  assert.equal(error, detail, where);
  assert.ok(code && typeof code === 'string' && detail && typeof detail === 'string', where);
  if (type === 'validation_error') assert.ok(attr && typeof attr === 'string', where);
  else assert.equal(attr, null, where);
}

export const ada = new Client({ address: world.address, key: world.ada.key, inspect });
export const bob = ada.with({ key: world.bob.key });
export const nobody = ada.with({ key: null, project: world.ada.projectId });

/** The names of an object, sorted: what an answer is compared with. */
export function names(object) {
  return Object.keys(object).sort();
}

export function assertNames(object, text) {
  assert.deepEqual(names(object), text.trim().split(/\s+/).sort());
}

/** Counts of rows by a name, as [name, count] with the largest first and equal ones by name. */
export function tally(some, name) {
  const counts = new Map();
  for (const row of some) {
    const key = name(row);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

export const service = (row) => row.resource['service.name'] ?? '';
export const isError = (row) => row.level === 'error' || row.level === 'fatal';

export function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}

/** A moment of the API: ISO 8601 in UTC with Z. */
export function instant(text) {
  assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  return Date.parse(text);
}

export const MICROS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
