import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send } from './otlp.mjs';
import { plainRows } from './rows.mjs';
import { ada, world } from './world.mjs';

const PATIENCE_MS = 30_000;
const MICROSECONDS = '2026-11-23T14:02:11.482913'.length; // a checkpoint is finer than the moments of rows

test('polling with the checkpoint shows every row once while rows arrive', async () => {
  const all = plainRows('tail', 120, world.nowMs - 1000);
  all.forEach((row, number) => {
    if (number % 3 === 0) row.timestampNs -= 1_800_000_000_000n; // what comes late is shown too
  });
  await send(world.address, world.ada.token, all.slice(0, 5));

  const query = { serviceNames: ['tail'], limit: 2000 };
  const known = new Map();
  const take = ({ results }) => {
    for (const row of results) known.set(row.uuid, row);
    return results[0]?.live_logs_checkpoint;
  };
  let checkpoint = take(await ada.query(query));
  assert.match(checkpoint, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  assert.equal(known.size, 5);

  const sending = (async () => {
    for (let start = 5; start < all.length; start += 5) {
      await send(world.address, world.ada.token, all.slice(start, start + 5));
    }
  })();
  const deadline = Date.now() + PATIENCE_MS;
  let polls = 0;
  while (known.size < all.length && Date.now() < deadline) {
    const page = await ada.query({ ...query, liveLogsCheckpoint: checkpoint });
    for (const { observed_timestamp } of page.results) {
      assert.ok(observed_timestamp >= checkpoint.slice(0, MICROSECONDS), `${observed_timestamp} before ${checkpoint}`);
    }
    const next = take(page);
    if (next) {
      assert.ok(next >= checkpoint, `${next} after ${checkpoint}`);
      checkpoint = next;
    }
    polls += 1;
  }
  await sending;
  assert.ok(polls > 1);
  assert.deepEqual(
    [...known.values()].map(({ attributes }) => attributes.row).sort(),
    all.map(({ attributes }) => attributes.row).sort(),
  );
});

test('a checkpoint keeps what was observed before it out', async () => {
  const { results } = await ada.query({ serviceNames: ['recent'] });
  const ahead = new Date(Date.parse(results[0].live_logs_checkpoint) + 60_000).toISOString();
  const page = await ada.query({ serviceNames: ['recent'], liveLogsCheckpoint: ahead });
  assert.deepEqual(page.results, []);
});
