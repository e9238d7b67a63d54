// The logs that the checks are about. Made from a moment alone, so every process knows what another has sent.
//
// A row: {timestampNs, level, number?, severityText?, body, attributes, resource, scope, traceId?, spanId?, eventName?}

const SECOND_NS = 1_000_000_000n;
export const DAY_MS = 86_400_000;
const COUNT = 600;
const STEP_NS = 2_100n * SECOND_NS + 123_000n; // 200 moments in 4.9 days, with microseconds

const LEVELS = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };
const SPOKEN = { warning: 'warn', err: 'error', critical: 'fatal', notice: 'info', verbose: 'trace' };
const USUAL = ['info', 'info', 'info', 'debug', 'warn', 'info', 'error', 'trace', 'info', 'fatal', 'debug', 'error'];
const SERVICES = [
  ...['checkout', 'cart', 'payments', 'search', '', 'auth', 'mail', 'stock'],
  ...['prices', 'images', 'reviews', 'ads', 'geo'],
];
const USERS = ['Ada', 'ada', 'Grace', 'Zoë', "O'Hara \\ 100%"];
const SIZES = ['small', '10', '9', '-5', '1e3', '10.5'];
const PATHS = ['/orders', '/Orders/new', '/cart', '/search_all', '/search-all'];

/** The five days that the rows are in, as milliseconds: from a midnight of UTC until the midnight before now's. */
export function fiveDays(nowMs) {
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS;
  return { fromMs: midnight - 6 * DAY_MS, toMs: midnight - DAY_MS };
}

function randomNumbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function bodyOf(kind, number, random) {
  switch (kind) {
    case 0:
      return `GET ${PATHS[random(5)]}/${1000 + number} took ${random(900)} ms`;
    case 1:
      return `Payment of ${random(90)}.${10 + random(89)} EUR for order A-${number} failed: card declined`;
    case 2:
      return `user ${USERS[random(5)]} signed in from 10.0.${random(4)}.${random(250)}`;
    case 3:
      return JSON.stringify({ event: 'checkout', cart: { items: random(5), city: 'Zürich' }, ok: random(2) === 1 });
    case 4:
      return `100% of "stock_items" synced\\n in C:\\data\\${random(3)} ☕`;
    default:
      return `Traceback (most recent call last):\n  File "app.py", line ${random(99)}\nValueError: no price`;
  }
}

function attributesOf(kind, number, random) {
  const attributes = { row: `r-${number}`, 'http.path': PATHS[random(5)], tags: ['new', random(2) ? 'gift' : 'sale'] };
  if (kind < 3) attributes['http.status'] = [200, 200, 404, 500][random(4)];
  if (random(2)) attributes.user = USERS[random(5)];
  if (random(3)) attributes.size = SIZES[random(6)];
  if (random(4) === 0) attributes.due = random(6) ? `2026-03-0${1 + random(5)}T00:00:00Z` : 'some day';
  if (random(3) === 0) attributes.duration_ms = random(1000) + 0.5;
  if (random(5) === 0) attributes.empty = '';
  if (random(4) === 0) attributes.express = random(2) === 1;
  if (random(4) === 0) attributes.customer = { name: USERS[random(3)], address: { city: 'Zürich', zip: 8000 } };
  if (random(3) === 0) attributes.sessionId = `s-${random(4)}`;
  return attributes;
}

function resourceOf(random) {
  const service = SERVICES[Math.floor(random(13 * 100) ** 2 / (13 * 100 * 100))];
  const host = random(4);
  return {
    ...(service && { 'service.name': service }),
    'host.name': `host-${host}`,
    ...(host && { region: host === 1 ? 'eu-west' : 'us-east', replicas: host, deployed: `2026-03-0${host}` }),
  };
}

/** A level in one of three spellings: a number alone, a number that wins over the text, a text alone. */
function severityOf(level, random) {
  const spoken = Object.keys(SPOKEN).find((word) => SPOKEN[word] === level);
  if (spoken && random(3) === 0) return { severityText: spoken.toUpperCase(), storedNumber: LEVELS[level] };
  const number = LEVELS[level] + random(4);
  return { number, storedNumber: number, ...(random(4) === 0 && { severityText: 'whatever' }) };
}

function hex(random, digits) {
  return Array.from({ length: digits }, () => random(16).toString(16)).join('');
}

/** The 600 rows of the five days; three and three of them have the same moment. */
export function makeRows(nowMs) {
  const random = randomNumbers(17);
  const startNs = BigInt(fiveDays(nowMs).fromMs) * 1_000_000n;
  const traces = Array.from({ length: 3 }, () => hex(random, 32));
  return Array.from({ length: COUNT }, (_, number) => {
    const kind = random(6);
    const level = USUAL[random(USUAL.length)];
    const isTraced = random(3) === 0;
    return {
      timestampNs: startNs + BigInt(Math.floor(number / 3)) * STEP_NS,
      level,
      ...severityOf(level, random),
      body: bodyOf(kind, number, random),
      attributes: attributesOf(kind, number, random),
      resource: resourceOf(random),
      scope: random(2) ? { name: 'shop.cart', version: '1.2' } : { name: 'shop.web', version: '3' },
      ...(isTraced && { traceId: traces[random(3)], spanId: hex(random, 16) }),
      ...(random(4) === 0 && { eventName: ['order.placed', 'order.lost'][random(2)] }),
    };
  });
}

/** Plain rows of one service, a second apart, the last of them at a moment. */
export function plainRows(service, count, lastMs) {
  return Array.from({ length: count }, (_, number) => ({
    timestampNs: BigInt(lastMs - (count - 1 - number) * 1000) * 1_000_000n,
    level: 'info',
    number: 9,
    storedNumber: 9,
    body: `${service} ${number}`,
    attributes: { row: `${service}-${number}` },
    resource: { 'service.name': service },
    scope: {},
  }));
}

function asText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How a map of attributes is stored: flat, and every value a text. */
export function stored(attributes, prefix = '') {
  const flat = {};
  for (const [key, value] of Object.entries(attributes)) {
    const isMap = typeof value === 'object' && !Array.isArray(value);
    Object.assign(flat, isMap ? stored(value, `${prefix}${key}.`) : { [prefix + key]: asText(value) });
  }
  return flat;
}

/** A moment of nanoseconds as rows carry it: ISO 8601 with microseconds and Z. */
export function isoMicros(timestampNs) {
  const micros = timestampNs / 1000n;
  const seconds = new Date(Number(micros / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
}
