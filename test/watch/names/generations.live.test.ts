/**
 * One name, many namespaces: created, deleted and created again while the watcher is busy or its
 * consumer is. Each is reported once, and never with the identity of one that came after it.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NamespaceEvent } from '../../../src/watch/names/name-events.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { within } from '../../support/wait.ts';

const fixture = fileURLToPath(new URL('../fixtures/generations.js', import.meta.url));

/** The inode and its time, as Node's own stat gives them. */
function identity(path: string): string {
  const { ino, mtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${mtimeNs}`;
}

/** For each `created`, the identity it told, or null if it vanished first. */
function identitiesOf(events: readonly NamespaceEvent[]): (string | null)[] {
  return events
    .filter((event) => event.type === 'created')
    .map((event) => (event.ready ? `${event.namespace.ino} ${event.namespace.since}` : null));
}

// Fails if what is at the path when the event is made passes for what the record was about.
test('reports a name that is created, deleted and created again before the watcher looks', async (t) => {
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  const replay = await Replay.open(t, { directory });
  addNamespace(path);
  deleteNamespace(path);
  addNamespace(path);
  assert.deepEqual(await replay.settle(), ['created a (vanished)', 'deleted a', 'created a']);
  assert.deepEqual(identitiesOf(replay.events), [null, identity(path)]);
});

test('reports a name that comes and goes while events wait for the consumer', async (t) => {
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  const replay = await Replay.open(t, { directory, bufferSize: 1 });
  // The first event takes the room, so that the rest waits in the kernel.
  addNamespace(`${directory}/first`);
  while (replay.watcher.stats().buffered === 0) await new Promise(setImmediate);
  const made: string[] = [];
  for (let generation = 0; generation < 10; generation++) {
    addNamespace(path);
    made.push(identity(path));
    // The event loop goes round, and the watcher could look.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    if (generation < 9) deleteNamespace(path);
  }
  await replay.settle();
  const [, ...told] = identitiesOf(replay.events);
  assert.equal(told.length, 10);
  assert.equal(told.at(-1), made.at(-1));
  for (const [generation, one] of told.entries()) {
    if (one !== null) assert.equal(one, made[generation], `the namespace of generation ${generation}`);
  }
});

for (const bufferSize of [1, 100]) {
  // Fails if what was seen is believed before the records that were queued by then have been
  // applied.
  test(`follows a name that another process makes and deletes, bufferSize ${bufferSize}`, async (t) => {
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    const replay = await Replay.open(t, { directory, bufferSize });
    const count = 1500;
    const child = spawn(process.execPath, [fixture, path, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const made = text(child.stdout);
    for (let deleted = 0; deleted < count;) if ((await replay.next()).type === 'deleted') deleted++;
    await replay.settle();
    const generations = (await within('the process', made)).split('\n');
    const told = identitiesOf(replay.events);
    assert.equal(told.length, count);
    // Else there may be `unmounted`, where the process was stopped for long between the two steps
    // of a deletion.
    assert.equal(replay.events.filter(({ type }) => type === 'deleted').length, count);
    const ready = told.filter((one) => one !== null).length;
    t.diagnostic(`${ready} of ${count} were seen`);
    assert(ready > 10 && ready < count, `${ready} of ${count} were seen`);
    for (const [generation, one] of told.entries()) {
      if (one !== null)
        assert.equal(one, generations[generation], `the namespace of generation ${generation}`);
    }
  });
}
