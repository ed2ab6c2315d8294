/** An ordinary user without any privilege sees the same stream as root, ids and ends included. */
import { strict as assert } from 'node:assert';
import { unlinkSync } from 'node:fs';
import { test } from 'node:test';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { follow, watchUnifiedProgram } from '../../support/watching.ts';

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)));

test('the same snapshot and the same events', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/before`);
  const replay = await UnifiedReplay.open(t, { directory });
  const next = follow(t, spawnOrdinary(watchUnifiedProgram, JSON.stringify({ directory })));
  assert.deepEqual(await next(), { type: 'open', namespaces: plain(replay.snapshot) });

  const path = `${directory}/a`;
  const steps: (() => unknown)[] = [
    () => addNamespace(path),
    () => replay.connection.setNsid({ path }, 5),
    () => addAlias(path, `${directory}/alias`),
    () => deleteNamespace(path),
    () => unmountNamespace(`${directory}/alias`),
    () => unlinkSync(`${directory}/alias`),
    () => replay.connection.setNsid({ path: `${directory}/before` }, 'auto'),
  ];
  const holder = await spawnHolder(t, `${directory}/before`);
  steps.push(
    () => deleteNamespace(`${directory}/before`),
    () => holder.end(),
  );
  let compared = 0;
  for (const step of steps) {
    await step();
    await replay.settle();
    // Before the next step: who looks later sees more at once, and tells less.
    for (; compared < replay.events.length; compared++)
      assert.deepEqual(await next(), plain(replay.events[compared]));
  }
  await replay.settleAt();
  assert.deepEqual(replay.told, [
    'created a',
    'assigned #5 a',
    'created alias #5',
    'deleted a alive',
    'unmounted alias dead',
    'destroyed #5 alias',
    'deleted alias dead',
    'assigned #0 before',
    'deleted before alive',
    'destroyed #0 before',
  ]);
  for (const event of replay.events.slice(compared)) assert.deepEqual(await next(), plain(event));
});
