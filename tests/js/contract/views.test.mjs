import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from './client.mjs';
import { ada, assertNames, bob, instant, UUID, world } from './world.mjs';

const NAMES = 'id short_id name filters columns pinned created_at created_by updated_at';
const USER = 'id uuid distinct_id first_name last_name email is_email_verified hedgehog_config role_at_organization';

const isMissing = (error) => error instanceof ApiError && error.status === 404 && error.body.code === 'not_found';

test('a view lives from its creation to its end', async () => {
  const made = await ada.fetch('POST', ada.logs('views/'), { json: { name: 'Errors' } });
  assert.equal(made.status, 201);
  const view = made.data;
  assertNames(view, NAMES);
  assert.match(view.id, UUID);
  assert.match(view.short_id, /^\w+$/);
  assert.deepEqual([view.name, view.filters, view.columns, view.pinned], ['Errors', {}, null, false]);
  assertNames(view.created_by, USER);
  assert.equal(view.created_by.email, 'ada@example.org');
  instant(view.created_at);
  instant(view.updated_at);
  assert.deepEqual(await ada.getView(view.short_id), view);

  const filters = { severityLevels: ['error'], dateRange: { date_from: '-1h' }, searchTerm: '"ü"' };
  const replaced = await ada.replaceView(view.short_id, { name: 'All', filters, columns: ['body'], pinned: true });
  assert.deepEqual(
    [replaced.name, replaced.filters, replaced.columns, replaced.pinned],
    ['All', filters, ['body'], true],
  );
  assert.deepEqual([replaced.id, replaced.short_id, replaced.created_at], [view.id, view.short_id, view.created_at]);
  assert.ok(instant(replaced.updated_at) >= instant(view.updated_at));

  const changed = await ada.changeView(view.short_id, { pinned: false });
  const { updated_at, ...rest } = changed;
  assert.deepEqual(rest, { ...withoutTime(replaced), pinned: false });
  assert.deepEqual(await ada.getView(view.short_id), changed);
  const again = await ada.replaceView(view.short_id, { name: 'Plain' });
  assert.equal(again.name, 'Plain');

  const gone = await ada.fetch('DELETE', ada.logs(`views/${view.short_id}/`));
  assert.equal(gone.status, 204);
  for (const ask of [
    () => ada.getView(view.short_id),
    () => ada.changeView(view.short_id, { pinned: true }),
    () => ada.replaceView(view.short_id, { name: 'Back' }),
    () => ada.deleteView(view.short_id),
  ]) {
    await assert.rejects(ask, isMissing);
  }
});

function withoutTime({ updated_at, ...view }) {
  return view;
}

test('views are listed newest first, in pages', async () => {
  const made = [];
  for (const name of ['one', 'two', 'three']) made.unshift(await ada.createView({ name }));
  const page = await ada.listViews();
  assertNames(page, 'count next previous results');
  assert.deepEqual(page.results.slice(0, 3), made);
  assert.deepEqual([page.count, page.next, page.previous], [page.results.length, null, null]);

  const found = [];
  let next = new URL(ada.logs('views/?limit=2'), world.address).href;
  while (next) {
    assert.ok(next.startsWith(`${world.address}/api/`), next);
    const part = await ada.call('GET', next);
    found.push(...part.results);
    if (!part.next) assert.notEqual(part.previous, null);
    next = part.next;
  }
  assert.deepEqual(found, page.results);
  for (const view of made) assert.equal(await ada.deleteView(view.short_id), null);
});

test('a view belongs to its project', async () => {
  const view = await ada.createView({ name: 'Mine' });
  assert.deepEqual((await bob.listViews()).results, []);
  await assert.rejects(() => bob.getView(view.short_id), isMissing);
  await assert.rejects(() => bob.changeView(view.short_id, { name: 'Ours' }), isMissing);
  await assert.rejects(() => bob.deleteView(view.short_id), isMissing);
  assert.equal((await ada.getView(view.short_id)).name, 'Mine');
  await ada.deleteView(view.short_id);
});

test('what cannot be a view is refused by its field', async () => {
  for (const [view, code, attr] of [
    [{}, 'required', 'name'],
    [{ name: null }, 'null', 'name'],
    [{ name: '' }, 'blank', 'name'],
    [{ name: 'x'.repeat(401) }, 'max_length', 'name'],
    [{ name: 'x', filters: 'y' }, 'invalid_input', 'filters'],
    [{ name: 'x', columns: 'y' }, 'invalid_input', 'columns'],
    [{ name: 'x', pinned: 'y' }, 'invalid_input', 'pinned'],
  ]) {
    const { status, data } = await ada.fetch('POST', ada.logs('views/'), { json: view });
    assert.deepEqual([status, data.type, data.code, data.attr], [400, 'validation_error', code, attr]);
  }
  const long = await ada.createView({ name: 'x'.repeat(400) });
  await ada.deleteView(long.short_id);
});
