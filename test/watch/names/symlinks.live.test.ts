/**
 * Names that are symbolic links, as some tools make them to /proc/PID/ns/net: the kernel reports
 * nothing of what they lead to, neither that it dies nor that it comes.
 */
import { strict as assert } from 'node:assert';
import { statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { addNamespace, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

// Fails without the looks at links by the clock: the end of a process gives no record and changes
// no mount.
test("emits created for a link to a process's namespace, unmounted when the process ends, deleted when the link goes", async (t) => {
  const directory = netnsDirectory();
  const before = await spawnHolder(t);
  symlinkSync(`/proc/${before.pid}/ns/net`, `${directory}/before`);
  const replay = await Replay.open(t, { directory });
  assert.equal(replay.snapshot[0]?.ready, true);
  const holder = await spawnHolder(t);
  symlinkSync(`/proc/${holder.pid}/ns/net`, `${directory}/link`);
  const event = await replay.next();
  assert(event.type === 'created' && event.ready);
  assert.equal(event.namespace.ino, statSync(`/proc/${holder.pid}/ns/net`, { bigint: true }).ino);
  await holder.end();
  assert.deepEqual(await replay.settle(), ['unmounted link']);
  await before.end();
  assert.deepEqual(await replay.settle(), ['unmounted before']);
  unlinkSync(`${directory}/link`);
  unlinkSync(`${directory}/before`);
  assert.deepEqual(await replay.settle(), ['deleted link', 'deleted before']);
});

test('follows a dangling link whose target comes, goes and is replaced', async (t) => {
  const [directory, elsewhere] = [netnsDirectory(), netnsDirectory()];
  const target = `${elsewhere}/target`;
  symlinkSync(target, `${directory}/link`);
  const replay = await Replay.open(t, { directory, readyTimeout: 100 });
  const [entry] = replay.snapshot;
  assert(entry?.ready === false && entry.reason === 'dangling-symlink');
  symlinkSync(target, `${directory}/second`);
  assert.deepEqual(await replay.settle(), ['created second (dangling-symlink)']);
  addNamespace(target);
  assert.deepEqual((await replay.settle()).sort(), ['mounted link', 'mounted second']);
  deleteNamespace(target);
  assert.deepEqual((await replay.settle()).sort(), ['unmounted link', 'unmounted second']);
  addNamespace(target);
  assert.deepEqual((await replay.settle()).sort(), ['mounted link', 'mounted second']);
  deleteNamespace(target);
  addNamespace(target);
  const told = await replay.settle();
  const of = (name: string): string[] => told.filter((line) => line.endsWith(` ${name}`));
  assert.deepEqual(of('link'), ['deleted link', 'created link']);
  assert.deepEqual(of('second'), ['deleted second', 'created second']);
});

test('reports a link to something else as not-a-namespace', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, readyTimeout: 50 });
  writeFileSync(`${directory}/file`, '');
  symlinkSync('file', `${directory}/to-file`);
  symlinkSync('.', `${directory}/to-directory`);
  symlinkSync('loop', `${directory}/loop`);
  assert.deepEqual((await replay.settle()).sort(), [
    'created file (timeout)',
    'created loop (dangling-symlink)',
    'created to-directory (not-a-namespace)',
    'created to-file (not-a-namespace)',
  ]);
});

// Fails if links are followed, by the watcher or by its snapshot.
test('with followSymlinks false a link is never a namespace', async (t) => {
  const directory = netnsDirectory();
  symlinkSync('/proc/self/ns/net', `${directory}/before`);
  const replay = await Replay.open(t, { directory, followSymlinks: false, readyTimeout: 100 });
  const [entry] = replay.snapshot;
  assert(entry?.ready === false && entry.reason === 'not-a-namespace');
  symlinkSync('/proc/self/ns/net', `${directory}/link`);
  addNamespace(`${directory}/a`);
  assert.deepEqual(await replay.settle(), ['created a', 'created link (not-a-namespace)']);
});
