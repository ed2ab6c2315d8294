/**
 * The option `names`: names that match no glob do not exist for the watcher, whatever happens to
 * them, and cost no look.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeName, encodeName } from '../../../src/reference/names.ts';
import { waking } from '../../../src/sys/poll-support.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { realIo } from '../../../src/watch/names/namespace-watcher.ts';
import type { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { addNamespace, deleteNamespace, mountNamespace, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

/** Creates and deletes files until the kernel's queue is full; the event loop gets no turn. */
function fillQueue(directory: string, name: string): void {
  for (let pair = 0; pair < 10_000; pair++) {
    writeFileSync(`${directory}/${name}`, '');
    unlinkSync(`${directory}/${name}`);
  }
}

test('lists and reports names that match, and no others', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/web-1`);
  addNamespace(`${directory}/db-1`);
  const replay = await Replay.open(t, { directory, names: 'web-*' });
  assert.deepEqual(
    replay.snapshot.map(({ name }) => name),
    ['web-1'],
  );
  addNamespace(`${directory}/db-2`);
  addNamespace(`${directory}/web-2`);
  deleteNamespace(`${directory}/db-1`);
  deleteNamespace(`${directory}/web-1`);
  assert.deepEqual((await replay.settle()).toSorted(), ['created web-2', 'deleted web-1']);
  assert.deepEqual(
    replay.watcher.namespaces().map(({ name }) => name),
    ['web-2'],
  );
});

test('several globs: a name is watched if one of them matches', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, names: ['[!a-m]*', 'blue'] });
  for (const name of ['amber', 'blue', 'red']) addNamespace(`${directory}/${name}`);
  assert.deepEqual(await replay.settle(), ['created blue', 'created red']);
});

test('a name that is not UTF-8 matches by its bytes', async (t) => {
  const directory = netnsDirectory();
  const [bytes, other] = [
    decodeName(Buffer.from('x\xff', 'latin1')),
    decodeName(Buffer.from('x\xfe', 'latin1')),
  ];
  const replay = await Replay.open(t, { directory, names: 'x\udcff', readyTimeout: 0 });
  for (const name of [other, bytes]) writeFileSync(encodeName(`${directory}/${name}`), '');
  const told = await replay.settle();
  assert.deepEqual(told, [`created ${bytes} (not-a-namespace)`]);
});

test('a rename across the border of the filter is a creation or a deletion', async (t) => {
  const directory = netnsDirectory();
  for (const name of ['in', 'out']) writeFileSync(`${directory}/${name}`, '');
  const replay = await Replay.open(t, { directory, names: 'in*', readyTimeout: 0 });
  renameSync(`${directory}/in`, `${directory}/gone`);
  assert.deepEqual(await replay.settle(), ['deleted in']);
  renameSync(`${directory}/out`, `${directory}/in-2`);
  assert.deepEqual(await replay.settle(), ['created in-2 (not-a-namespace)']);
  renameSync(`${directory}/gone`, `${directory}/still-gone`);
  renameSync(`${directory}/in-2`, `${directory}/in-3`);
  assert.deepEqual(await replay.settle(), ['deleted in-2', 'created in-3 (not-a-namespace)']);
});

test('a name that does not match is never pending, mounted or not', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, names: 'web', readyTimeout: 60_000 });
  writeFileSync(`${directory}/db`, '');
  writeFileSync(`${directory}/web`, '');
  await waitForPending(replay.watcher, 1);
  mountNamespace(`${directory}/db`);
  mountNamespace(`${directory}/web`);
  assert.deepEqual(await replay.settle(), ['created web']);
});

async function waitForPending(watcher: NamespaceWatcher, pending: number): Promise<void> {
  while (watcher.stats().pending !== pending) {
    assert.equal(watcher.tryRecv(), undefined);
    await new Promise(setImmediate);
  }
}

// Fails if the filter is applied to events instead of to what is looked at.
test('nothing asks the kernel for a name that does not match', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/other-1`);
  addNamespace(`${directory}/web-1`);
  const asked = new Set<string>();
  const system = new Proxy(linux(), {
    get: (target, call) => {
      const through = target[call as keyof System] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        // What it fills in is an answer, by which names are matched.
        if (call === 'mountPoint') return through(...args);
        for (const arg of args) if (arg instanceof Uint8Array) asked.add(Buffer.from(arg).toString('latin1'));
        return through(...args);
      };
    },
  });
  const io = { ...realIo(), system: waking(system) };
  const replay = await Replay.open(t, { directory, names: 'web-*', readyTimeout: 50 }, io);
  addNamespace(`${directory}/other-2`);
  writeFileSync(`${directory}/other-3`, '');
  addNamespace(`${directory}/web-2`);
  assert.deepEqual(await replay.settle(), ['created web-2']);
  const names = [...asked].filter((path) => path.startsWith(`${directory}/`));
  assert.ok(names.some((path) => path.includes('web-1')) && names.some((path) => path.includes('web-2')));
  assert.deepEqual(
    names.filter((path) => path.includes('other')),
    [],
  );
});

test('after an overflow the filter holds for what is read again', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/web-1`);
  addNamespace(`${directory}/db-1`);
  const replay = await Replay.open(t, { directory, names: 'web-*' });
  fillQueue(directory, 'storm');
  addNamespace(`${directory}/db-2`);
  addNamespace(`${directory}/web-2`);
  deleteNamespace(`${directory}/db-1`);
  deleteNamespace(`${directory}/web-1`);
  const told = await replay.settle();
  assert.deepEqual(told.toSorted(), ['created web-2', 'deleted web-1', 'resynced (overflow)']);
  assert.equal(told.at(-1), 'resynced (overflow)');
  assert.equal(replay.watcher.stats().events, 3);
});

test('a directory that replaces another: the filter holds for its names', async (t) => {
  const root = netnsDirectory();
  const [directory, next] = [`${root}/netns`, `${root}/next`];
  for (const path of [directory, next]) mkdirSync(path);
  for (const name of ['web-1', 'db-1']) writeFileSync(`${directory}/${name}`, '');
  for (const name of ['web-2', 'db-2']) writeFileSync(`${next}/${name}`, '');
  const replay = await Replay.open(t, { directory, names: 'web-*', readyTimeout: 0 });
  renameSync(directory, `${root}/old`);
  renameSync(next, directory);
  assert.deepEqual(await replay.settle(), ['deleted web-1', 'created web-2 (not-a-namespace)']);
  rmSync(directory, { recursive: true });
  assert.deepEqual(await replay.settle(), ['deleted web-2']);
});
