// What a filter of the API means, in plain JavaScript over the rows that were sent.
import { stored } from './rows.mjs';

const ISO_DATE = /^\d{4}-\d\d-\d\d/;

const COLUMNS = {
  message: (row) => row.body,
  body: (row) => row.body,
  severity_level: (row) => row.level,
  severity_text: (row) => row.level,
  service_name: (row) => row.resource['service.name'],
  trace_id: (row) => row.traceId?.toUpperCase(),
  span_id: (row) => row.spanId?.toUpperCase(),
  event_name: (row) => row.eventName,
  instrumentation_scope: (row) => `${row.scope.name}@${row.scope.version}`,
};

const flat = new WeakMap(); // what a map of attributes is stored as, worked out once

/** The text that a filter looks at, or undefined where the row has none. */
export function valueOf(row, { type, key }) {
  if (type === 'log') return COLUMNS[key](row);
  const map = type === 'log_attribute' ? row.attributes : row.resource;
  if (!flat.has(map)) flat.set(map, stored(map));
  return flat.get(map)[key];
}

function isNumber(text) {
  return text !== '' && Number.isFinite(Number(text));
}

/** Compare as numbers if all given values are numbers: then undefined for a text that is none. */
function compare(text, given) {
  if (given.every((value) => isNumber(String(value)))) {
    return isNumber(text) ? given.map((value) => Number(text) - Number(value)) : undefined;
  }
  return given.map((value) => (text < String(value) ? -1 : Number(text > String(value))));
}

function compareDates(text, given) {
  const time = ISO_DATE.test(text) ? Date.parse(text) : NaN; // which itself takes "host-1" for a day of 2001
  return Number.isNaN(time) ? undefined : [time - Date.parse(given)];
}

const POSITIVE = {
  exact: (text, wanted) => wanted.includes(text),
  in: (text, wanted) => wanted.includes(text),
  icontains: (text, wanted) => wanted.some((one) => text.toLowerCase().includes(one.toLowerCase())),
  starts_with: (text, wanted) => wanted.some((one) => text.startsWith(one)),
  ends_with: (text, wanted) => wanted.some((one) => text.endsWith(one)),
  regex: (text, wanted, { key, type }) =>
    wanted.some((one) => new RegExp(one, type === 'log' && key === 'message' ? 'iu' : 'u').test(text)),
  is_set: () => true,
};

const COMPARING = {
  gt: ([one]) => one > 0,
  gte: ([one]) => one >= 0,
  lt: ([one]) => one < 0,
  lte: ([one]) => one <= 0,
  between: ([low, high]) => low >= 0 && high <= 0,
  not_between: ([low, high]) => low < 0 || high > 0,
};

const DATES = {
  is_date_exact: ([one]) => one === 0,
  is_date_before: ([one]) => one < 0,
  is_date_after: ([one]) => one > 0,
};

const NEGATIVE = {
  is_not: 'exact',
  not_in: 'in',
  not_icontains: 'icontains',
  not_starts_with: 'starts_with',
  not_ends_with: 'ends_with',
  not_regex: 'regex',
  is_not_set: 'is_set',
};

export const OPERATORS = [POSITIVE, COMPARING, DATES, NEGATIVE].flatMap((kind) => Object.keys(kind));

function matchesFilter(row, filter) {
  const { operator } = filter;
  const given = [filter.value].flat();
  // A column is always there, if only empty: that is equal to an empty text, and no value for any other operator.
  const nothing = filter.type === 'log' && ['exact', 'in'].includes(operator) ? '' : undefined;
  const text = valueOf(row, filter) ?? nothing;
  if (Array.isArray(filter.value) && given.length === 0) return true;
  if (operator in NEGATIVE) return !matchesFilter(row, { ...filter, operator: NEGATIVE[operator] });
  if (text === undefined) return operator === 'not_between';
  if (operator in POSITIVE) return POSITIVE[operator](text, given.map(String), filter);
  const differences = operator in DATES ? compareDates(text, filter.value) : compare(text, given);
  return differences !== undefined && { ...COMPARING, ...DATES }[operator](differences);
}

/** Whether a row is meant by a filter, a group of filters, or a flat list of them. */
export function matches(row, filter) {
  if (Array.isArray(filter)) return filter.every((one) => matches(row, one));
  if (!filter.values) return matchesFilter(row, filter);
  return filter.type === 'OR'
    ? filter.values.some((one) => matches(row, one))
    : filter.values.every((one) => matches(row, one));
}
