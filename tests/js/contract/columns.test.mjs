import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { stored } from './rows.mjs';
import { ada, dateRange, names, rows } from './world.mjs';

const nameOf = (expression) => `col_${createHash('sha256').update(expression).digest('hex').slice(0, 12)}`;
const sent = new Map(rows.map((row) => [row.attributes.row, row]));

test('columns of one’s own come with every row', async () => {
  const expressions = [
    'attributes.user',
    'attributes.empty',
    'attributes.customer.address.city',
    'resource_attributes.host.name',
  ];
  const page = await ada.query({ dateRange, limit: 600, customColumns: [...expressions, 'body.cart.city', 'body.ok'] });
  assert.deepEqual(page.columns, [...expressions, 'body.cart.city', 'body.ok']);
  let filled = 0;
  for (const found of page.results) {
    const row = sent.get(found.attributes.row);
    assert.equal(found[nameOf('attributes.user')], row.attributes.user ?? null);
    assert.equal(found[nameOf('attributes.empty')], row.attributes.empty ?? null);
    const city = stored(row.attributes)['customer.address.city'] ?? null;
    assert.equal(found[nameOf('attributes.customer.address.city')], city);
    assert.equal(found[nameOf('resource_attributes.host.name')], row.resource['host.name']);
    const body = row.body.startsWith('{') ? JSON.parse(row.body) : {};
    assert.equal(found[nameOf('body.cart.city')], body.cart?.city ?? null);
    assert.equal(found[nameOf('body.ok')], body.cart ? String(body.ok) : null);
    filled += Boolean(body.cart);
  }
  assert.ok(filled > 0 && filled < rows.length);
});

test('attributes may be left out, and the columns stay', async () => {
  const whole = await ada.query({ dateRange, limit: 50, customColumns: ['attributes.row'] });
  const lean = await ada.query({ dateRange, limit: 50, customColumns: ['attributes.row'], excludeAttributes: true });
  assert.deepEqual(
    lean.results.map((row) => row[nameOf('attributes.row')]),
    whole.results.map((row) => row.attributes.row),
  );
  for (const row of lean.results) {
    assert.deepEqual(Object.keys(row.attributes ?? {}), []);
    assert.deepEqual(Object.keys(row.resource_attributes ?? {}), []);
  }
  const without = (row) => names(row).filter((name) => !name.endsWith('attributes'));
  assert.deepEqual(without(lean.results[0]), without(whole.results[0]));
});
