/**
 * What cannot work says so when it is opened, or at the moment at which it stops working: which
 * call failed on what, and what to do about it.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { notWhole, testRefusedOptions } from '../support/refused-options.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { Replay } from '../support/replay.ts';
import { follow, watchProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';

const ordinary = (t: TestContext, options: object): (() => Promise<Line>) =>
  follow(t, spawnOrdinary(watchProgram, JSON.stringify(options)));

test('throws EACCES for a directory that may not be read, and names the permission', async (t) => {
  const directory = netnsDirectory();
  chmodSync(directory, 0o311);
  const { message, ...rest } = await ordinary(t, { directory })();
  assert.deepEqual(rest, { type: 'error', code: 'EACCES', syscall: 'inotify_add_watch', path: directory });
  assert.match(message ?? '', /needs read permission on the directory and search permission on its parents/);
});

test('throws EACCES for a missing directory in a parent that may not be read', async (t) => {
  const parent = netnsDirectory();
  chmodSync(parent, 0o311);
  const { type, code, path } = await ordinary(t, { directory: `${parent}/netns` })();
  assert.deepEqual([type, code, path], ['error', 'EACCES', parent]);
});

test('throws EACCES for a parent that may not be searched', async (t) => {
  const parent = netnsDirectory();
  mkdirSync(`${parent}/closed/netns`, { recursive: true, mode: 0o755 });
  chmodSync(`${parent}/closed`, 0o644);
  const { type, code, message } = await ordinary(t, { directory: `${parent}/closed/netns` })();
  assert.deepEqual([type, code], ['error', 'EACCES']);
  assert.match(message ?? '', /search permission/);
});

// Fails if a watcher that can no longer ask goes on as if nothing had happened.
test('emits the events so far, then throws EACCES, when the directory is made unreadable', async (t) => {
  const directory = netnsDirectory();
  const next = ordinary(t, { directory });
  assert.equal((await next()).type, 'open');
  addNamespace(`${directory}/a`);
  assert.equal((await next()).name, 'a');
  chmodSync(directory, 0);
  // A mount anywhere makes it ask whether the path still leads there.
  addNamespace(`${netnsDirectory()}/elsewhere`);
  const { type, code } = await next();
  assert.deepEqual([type, code], ['error', 'EACCES']);
});

/**
 * The program with a limit of its own user namespace (namespaces(7), /proc/sys/user), which nobody
 * else feels.
 */
function limited(t: TestContext, limit: string, directory: string): () => Promise<Line> {
  const script = 'echo "$1" > /proc/sys/user/"$0"; shift; exec "$@"';
  const [name = '', value = ''] = limit.split('=');
  const program = [process.execPath, watchProgram, JSON.stringify({ directory })];
  return follow(t, spawn('unshare', ['-Ur', 'sh', '-ec', script, name, value, ...program]));
}

test('throws EMFILE without an inotify instance, and names the sysctl', async (t) => {
  const directory = netnsDirectory();
  const { message, ...rest } = await limited(t, 'max_inotify_instances=0', directory)();
  assert.deepEqual(rest, { type: 'error', code: 'EMFILE', syscall: 'inotify_init1' });
  assert.match(message ?? '', /raise the sysctl fs\.inotify\.max_user_instances/);
  // One is enough.
  assert.equal((await limited(t, 'max_inotify_instances=1', directory)()).type, 'open');
});

test('throws ENOSPC without an inotify watch, and names the sysctl', async (t) => {
  const { type, code, syscall, message } = await limited(t, 'max_inotify_watches=1', netnsDirectory())();
  assert.deepEqual([type, code, syscall], ['error', 'ENOSPC', 'inotify_add_watch']);
  assert.match(message ?? '', /raise the sysctl fs\.inotify\.max_user_watches/);
});

test('throws ENOTDIR for a file, or a path through one', async () => {
  const root = netnsDirectory();
  writeFileSync(`${root}/file`, '');
  symlinkSync('file', `${root}/link`);
  addNamespace(`${root}/namespace`);
  for (const name of ['file', 'file/below', 'link', 'namespace']) {
    const directory = `${root}/${name}`;
    await withoutLeak(async () => {
      for (const watchParent of [true, false]) {
        await assert.rejects(NamespaceWatcher.open({ directory, watchParent }), {
          code: 'ENOTDIR',
          syscall: 'inotify_add_watch',
          path: directory,
          message: /this is a file; give the directory that holds the names/,
        });
      }
    });
  }
});

// Fails if a value is taken that makes no sense, or passes for the default.
testRefusedOptions(
  [(options) => NamespaceWatcher.open(options), (options) => NamespaceWatcher.listAndWatch(options)],
  { directory: '/run' },
  {
    directory: ['a path', ['', 'a\0b', 5, null, ['/run/netns'], Buffer.from('/run/netns')]],
    bufferSize: ['a whole number from 1 to 1048576', [...notWhole, 0, -1, 2 ** 20 + 1, '100', 100n]],
    readyTimeout: ['a whole number from 0 to 2147483647', [...notWhole, -1, 2 ** 31, '1000', true]],
    watchParent: ['true or false', [null, 0, 1, 'true', {}]],
    emitDirectoryEvents: ['true or false', [null, 0, 1, 'true', []]],
    followSymlinks: ['true or false', [null, 0, 1, 'no', {}]],
    signal: ['an AbortSignal', [null, {}, { aborted: false }, 'abort', new EventTarget()]],
  },
);

test('takes undefined as the default', async (t) => {
  const watcher = await NamespaceWatcher.open({
    directory: netnsDirectory(),
    bufferSize: undefined,
    watchParent: undefined,
    emitDirectoryEvents: undefined,
    readyTimeout: undefined,
    followSymlinks: undefined,
    signal: undefined,
  });
  t.after(() => watcher.stop());
  assert.equal(watcher.isWatchingNetns, true);
});

test('takes the limits of the ranges', async (t) => {
  const directory = netnsDirectory();
  for (const options of [
    { bufferSize: 1, readyTimeout: 0 },
    { bufferSize: 2 ** 20, readyTimeout: 2 ** 31 - 1 },
  ]) {
    const replay = await Replay.open(t, { directory, ...options });
    addNamespace(`${directory}/a${options.bufferSize}`);
    assert.deepEqual(await replay.settle(), [`created a${options.bufferSize}`]);
  }
});

test('resolves a relative directory when it is opened', async (t) => {
  const directory = netnsDirectory();
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir('/run');
  const { watcher } = await NamespaceWatcher.listAndWatch({ directory: relative('/run', directory) });
  t.after(() => watcher.stop());
  process.chdir('/');
  addNamespace(`${directory}/a`);
  const event = await watcher.recv();
  assert(event?.type === 'created' && event.ready);
  assert.equal(event.path, `${directory}/a`);
});
