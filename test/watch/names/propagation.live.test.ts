/**
 * A watcher in a mount namespace of its own, as in a container: what is mounted outside arrives
 * there only by propagation (mount_namespaces(7)). Without it a name never becomes ready, and the
 * reason says so, but only of names that are ready outside.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { UnifiedNamespaceWatcher } from '../../../src/index.ts';
import { addNamespace, deleteNamespace, freshRun, ip, ipAsync, netnsDirectory } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { within } from '../../support/wait.ts';
import { follow, watchProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';

/** A watcher in a mount namespace that gets the test's mounts in this way. */
function watchInside(t: TestContext, propagation: 'private' | 'slave', options: object): () => Promise<Line> {
  const program = [process.execPath, watchProgram, JSON.stringify(options)];
  return follow(t, spawn('unshare', ['-m', '--propagation', propagation, ...program]));
}

const summary = ({ type, name, reason }: Line): (string | undefined)[] => [type, name, reason];

// Fails without the diagnosis, and if it takes any file that is not ready for a lack of
// propagation.
test('reports no-propagation without propagation, but not for a stray file', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/before`);
  const next = watchInside(t, 'private', { directory });
  const { namespaces } = await next();
  // The copy of the mount that was there when the mount namespace was made.
  assert.deepEqual(
    namespaces?.map(({ name, ready }) => [name, ready]),
    [['before', true]],
  );
  writeFileSync(`${directory}/stray`, '', { mode: 0 });
  assert.deepEqual(summary(await next()), ['created', 'stray', 'timeout']);
  addNamespace(`${directory}/a`);
  const created = await next();
  assert.deepEqual(summary(created), ['created', 'a', 'no-propagation']);
  assert.equal(created.ready, false);
  assert.equal(created.namespace, null);
  // Both at once are distinguished.
  addNamespace(`${directory}/b`);
  writeFileSync(`${directory}/stray2`, '', { mode: 0 });
  const both = new Map([await next(), await next()].map(({ name, reason }) => [name, reason]));
  assert.deepEqual([both.get('b'), both.get('stray2')], ['no-propagation', 'timeout']);
  deleteNamespace(`${directory}/a`);
  assert.deepEqual(summary(await next()), ['deleted', 'a', undefined]);
});

test('reports no-propagation for ip netns add, which shares the directory outside only', async (t) => {
  freshRun(t);
  // Else `ip netns add` makes a mount that the inside has not.
  ip('netns', 'add', 'first');
  const next = watchInside(t, 'private', {});
  await next();
  await ipAsync('netns', 'add', 'a');
  assert.deepEqual(summary(await next()), ['created', 'a', 'no-propagation']);
  await ipAsync('netns', 'del', 'a');
  assert.deepEqual(summary(await next()), ['deleted', 'a', undefined]);
});

// Fails if anything but the arrival of the mount means ready.
test('emits created, ready, with propagation', async (t) => {
  const directory = netnsDirectory();
  execFileSync('mount', ['--bind', directory, directory]);
  execFileSync('mount', ['--make-shared', directory]);
  t.after(() => execFileSync('umount', ['-l', directory]));
  const next = watchInside(t, 'slave', { directory });
  await next();
  addNamespace(`${directory}/a`);
  const created = await next();
  assert.deepEqual(summary(created), ['created', 'a', undefined]);
  assert.equal(created.ready, true);
  deleteNamespace(`${directory}/a`);
  assert.deepEqual(summary(await next()), ['deleted', 'a', undefined]);
  // A stray file is only that.
  writeFileSync(`${directory}/stray`, '', { mode: 0 });
  assert.deepEqual(summary(await next()), ['created', 'stray', 'timeout']);
});

// Mounts are private here too, and other mount namespaces around hold namespaces of the same
// directory.
test('reports timeout for a stray file in the mount namespace in which names are made', async (t) => {
  const directory = netnsDirectory();
  const inside = watchInside(t, 'private', { directory, readyTimeout: 100 });
  await inside();
  const replay = await Replay.open(t, { directory, readyTimeout: 100 });
  addNamespace(`${directory}/a`);
  writeFileSync(`${directory}/stray`, '', { mode: 0 });
  assert.deepEqual(await replay.settle(), ['created a', 'created stray (timeout)']);
});

// Fails unless the process that has the mount is followed.
test('reports where a name is mounted that only its maker has, and when that is over', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'first');
  const watcher = await UnifiedNamespaceWatcher.open({ readyTimeout: 100, directories: ['/run/netns'] });
  t.after(() => watcher.stop());
  const script = 'ip netns add in-unit; read line; exec 0<&-; ';
  const maker = spawn('unshare', ['-m', '--propagation', 'slave', 'sh', '-ec', script], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  t.after(() => maker.kill('SIGKILL'));
  const created = await within('created', watcher.recv());
  assert(created?.type === 'created' && !created.ready);
  assert.deepEqual([created.name, created.reason], ['in-unit', 'mounted-elsewhere']);
  assert.equal(created.verdict?.mountedIn[0]?.pid, maker.pid);
  maker.stdin.end('\n');
  const left = await within('unmounted', watcher.recv());
  assert.deepEqual([left?.type, left !== undefined && 'name' in left && left.name], ['unmounted', 'in-unit']);
  const entry = watcher.namespaces().find(({ names }) => names[0]?.name === 'in-unit');
  const [name] = entry?.names ?? [];
  assert(name?.ready === false && name.reason === 'unmounted');
  ip('netns', 'del', 'in-unit');
  const deleted = await within('deleted', watcher.recv());
  assert.equal(deleted?.type, 'deleted');
});

// Fails if what was found by a process that has ended is taken for what there is.
test('waits for the end of another process that still has the mount of the maker', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'first');
  const watcher = await UnifiedNamespaceWatcher.open({ readyTimeout: 100, directories: ['/run/netns'] });
  t.after(() => watcher.stop());
  const script = 'ip netns add in-unit; sleep 1000 >&- & echo $!; read line';
  const maker = spawn('unshare', ['-m', '--propagation', 'slave', 'sh', '-ec', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await within('the other process', once(maker.stdout, 'data'))) as [Buffer];
  const other = Number(said.toString());
  let alive = true;
  t.after(() => alive && process.kill(other, 'SIGKILL'));
  const created = await within('created', watcher.recv());
  assert(created?.type === 'created' && !created.ready && created.reason === 'mounted-elsewhere');
  const left = watcher.recv();
  maker.stdin.end('\n');
  assert.equal(await Promise.race([left, setTimeout(2500, 'nothing')]), 'nothing');
  process.kill(other, 'SIGKILL');
  alive = false;
  assert.equal((await within('unmounted', left))?.type, 'unmounted');
});
