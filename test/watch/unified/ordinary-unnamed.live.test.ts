/**
 * Namespaces without a name for those who may not look at the processes in them: found by their
 * processes, which are root's, told by the watcher's own number, and their deaths.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { addAlias, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { follow, watchUnifiedProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';

/** @returns what was there, and the next line that is wanted */
async function watchAsOrdinary(
  t: TestContext,
  directory: string,
): Promise<{ namespaces: readonly Line[]; next: (isWanted: (line: Line) => boolean) => Promise<Line> }> {
  const options = JSON.stringify({ directory, deaths: 'require', unnamed: true });
  const line = follow(t, spawnOrdinary(watchUnifiedProgram, options));
  const { namespaces = [] } = await line();
  return {
    namespaces,
    next: async (isWanted) => {
      for (;;) {
        const found = await line();
        if (isWanted(found)) return found;
      }
    },
  };
}

const isFound = (pid: number) => (line: Line) => line.type === 'found' && line.pids?.includes(pid) === true;
const isEnd = (number: number | null | undefined) => (line: Line) =>
  line.type === 'destroyed' && line.number === number;

test('an ordinary user: found, and destroyed', async (t) => {
  const { next } = await watchAsOrdinary(t, netnsDirectory());
  const { pid, end } = await spawnHolder(t);
  const { number, namespace, loOnly } = await next(isFound(pid));
  assert(typeof number === 'number');
  // Where the tests run as an ordinary user themselves, all processes are the same user's.
  assert(namespace === null || typeof namespace?.ino === 'string');
  assert.equal(loOnly, true);
  await end();
  // One that was elsewhere for a moment, when it was looked at, may be counted as well.
  assert((await next(isEnd(number))).pids?.includes(pid));
});

test('an ordinary user: one that was there at the start', async (t) => {
  const { pid, end } = await spawnHolder(t);
  const { namespaces, next } = await watchAsOrdinary(t, netnsDirectory());
  const entry = namespaces.find(({ pids }) => pids?.includes(pid));
  assert(typeof entry?.number === 'number');
  await end();
  await next(isEnd(entry.number));
});

// Fails if the name makes another entry: then its end is told with another number, or twice.
test('an ordinary user: a name that it gets later is of the same namespace', async (t) => {
  const directory = netnsDirectory();
  const { next } = await watchAsOrdinary(t, directory);
  const { pid, end } = await spawnHolder(t);
  const { number } = await next(isFound(pid));
  addAlias(`/proc/${pid}/ns/net`, `${directory}/a`);
  await next(({ type, name }) => type === 'created' && name === 'a');
  deleteNamespace(`${directory}/a`);
  const deleted = await next(({ type }) => type === 'deleted');
  assert.equal(deleted.alive, true);
  await end();
  const ended = await next(
    (event) =>
      event.type === 'destroyed' &&
      (event.number === number || event.names?.some(({ name }) => name === 'a') === true),
  );
  assert.deepEqual([ended.number, ended.names?.map(({ name }) => name)], [number, ['a']]);
});
