import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ada, assertNames, bob, instant, names, UUID, world } from './world.mjs';

test('the key that asks is described', async () => {
  const key = await ada.currentKey();
  const added = 'mask_value expires_at';
  assertNames(key, `id label scopes scoped_teams scoped_organizations created_at last_used_at ${added}`);
  assert.match(key.id, UUID);
  assert.equal(key.label, 'everything');
  assert.deepEqual(key.scopes, ['*']);
  assert.ok(key.scoped_teams === null || Array.isArray(key.scoped_teams));
  instant(key.created_at);
  instant(key.last_used_at);
});

test('a key that is bound to a project says so', async () => {
  const key = await ada.with({ key: world.keys.reader }).currentKey();
  assert.deepEqual(key.scopes, ['logs:read']);
  assert.deepEqual(key.scoped_teams, [world.ada.projectId]);
});

test('the user who asks has the names that clients know', async () => {
  const me = await ada.me();
  const expected =
    'uuid id distinct_id email first_name last_name is_email_verified is_staff role_at_organization ' +
    'hedgehog_config theme_mode team organization organizations';
  for (const name of expected.split(' ')) assert.ok(name in me, name);
  assert.match(me.uuid, UUID);
  assert.ok(Number.isInteger(me.id));
  assert.equal(typeof me.distinct_id, 'string');
  assert.equal(me.email, 'ada@example.org');
  assert.equal(me.first_name, 'ada');
  assert.ok([true, false, null].includes(me.is_email_verified));
  assert.equal(typeof me.is_staff, 'boolean');
  assert.equal(me.team.id, world.ada.projectId);
  assert.equal(me.team.name, 'ada');
  assert.equal(me.team.api_token, world.ada.token);
  assert.equal(me.team.timezone, 'UTC');
  for (const name of ['id', 'name', 'slug', 'membership_level']) assert.ok(name in me.organization, name);
  assert.ok(me.organizations.some(({ id }) => id === me.organization.id));
});

test('the projects are a page of those that the key may see', async () => {
  const page = await ada.projects();
  assertNames(page, 'count next previous results');
  assert.deepEqual({ ...page, results: null }, { count: 1, next: null, previous: null, results: null });
  assert.deepEqual(
    page.results.map(({ id, name }) => [id, name]),
    [[world.ada.projectId, 'ada']],
  );
  const behind = await ada.projects({ limit: 1, offset: 1 });
  assert.deepEqual(behind.results, []);
  assert.equal(behind.count, 1);
  assert.equal(behind.next, null);
  assert.equal(new URL(behind.previous).pathname, '/api/projects/');
});

test('a project is the same by its number and as the current one', async () => {
  const project = await ada.projectById(world.ada.projectId);
  const expected = 'id uuid organization name api_token timezone created_at effective_membership_level';
  for (const name of expected.split(' ')) assert.ok(name in project, name);
  assert.equal(project.id, world.ada.projectId);
  assert.match(project.uuid, UUID);
  assert.match(project.api_token, /^phc_/);
  assert.equal(project.api_token, world.ada.token);
  assert.equal(project.timezone, 'UTC');
  assert.ok(Number.isInteger(project.effective_membership_level));
  instant(project.created_at);
  assert.deepEqual(await ada.projectById('@current'), project);
  const other = await bob.projectById('@current');
  assert.deepEqual(names(other), names(project));
  assert.equal(other.id, world.bob.projectId);
});

test('a project knows whether it has logs', async () => {
  assert.deepEqual(await ada.call('GET', ada.logs('has_logs/')), { hasLogs: true });
  assert.equal(await ada.hasLogs(), true);
  assert.equal(await bob.hasLogs(), false);
});
