import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createNamespace, deleteNamespace } from '../../../src/index.ts';
import { remove } from '../../../src/netns/names/delete.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { converse } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import {
  addNamespace,
  ip,
  freshRun,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { seesMachine } from '../../support/visibility.ts';

/** How many mounts a mount point carries, those that others hide included. */
function mountsAt(path: string): number {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter((line) => line.split(' ')[4] === path).length;
}

const make = fileURLToPath(new URL('fixtures/make.js', import.meta.url));

test('a name that ip netns made, and one on which more than one namespace is mounted', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  ip('netns', 'add', 'b');
  execFileSync('mount', ['--bind', '/run/netns/a', '/run/netns/b']);
  await withoutLeak(async () => {
    await deleteNamespace('b');
    await deleteNamespace('a');
  });
  assert.equal(ip('netns', 'list'), '');
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /nsfs/);
});

// Fails if the directory is unmounted here to get at the mount below: that takes every name made
// since off.
test('a name of before the directory was mounted on itself, which is mounted twice since: it goes, and no other', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  for (const name of ['old', 'o l\nd', '-n', "quote'd"]) addNamespace(`/run/netns/${name}`);
  ip('netns', 'add', 'new');
  const { ino } = statSync('/run/netns/new');
  for (const name of ['old', 'o l\nd', '-n', "quote'd"]) {
    await deleteNamespace(name);
    assert.equal(mountsAt(`/run/netns/${name}`), 0);
  }
  assert.deepEqual(readdirSync('/run/netns'), ['new']);
  assert.equal(statSync('/run/netns/new').ino, ino);
  assert.equal(mountsAt('/run/netns/new'), 1);
});

test('the same where no program can do it: EBUSY, how to do it, and nothing is taken off', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  addNamespace('/run/netns/old');
  ip('netns', 'add', 'new');
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  t.after(() => (process.env['PATH'] = path));
  const { code, message } = await deleteNamespace('old').then(
    () => assert.fail('it was deleted'),
    (error: Error & { code: string }) => error,
  );
  assert.equal(code, 'EBUSY');
  assert.match(message, /sh -c 'umount -l \/run\/netns; umount \/run\/netns\/old; rm \/run\/netns\/old'$/);
  assert.equal(mountsAt('/run/netns/old'), 2);
  process.env['PATH'] = path;
  // What is printed works as it is pasted.
  execFileSync('sh', ['-c', /(unshare -m .*)$/.exec(message)?.[1] ?? 'false']);
  assert.deepEqual(readdirSync('/run/netns'), ['new']);
});

/**
 * Programs of these names, of which the call of this number kills who called it, before or after it
 * has done its work.
 */
function deadlyPrograms(count: number, before: boolean): string {
  const directory = mkdtempSync('/run/programs-');
  for (const name of ['umount', 'stat', 'rm']) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    const work = `${real} "$@"; status=$?`;
    const kill = `[ "$(wc -c < ${directory}/calls)" -ne ${count} ] || kill -9 $PPID`;
    const body = before ? `${kill}; ${work}` : `${work}; ${kill}`;
    writeFileSync(
      `${directory}/${name}`,
      `#!/bin/sh\nprintf x >> ${directory}/calls\n${body}\nexit $status\n`,
      {
        mode: 0o755,
      },
    );
  }
  writeFileSync(`${directory}/calls`, '');
  return directory;
}

// Fails if something is taken off in this mount namespace before the file can be removed.
test('killed between any two steps: a name that is mounted twice is there whole, or gone, and no other is touched', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  addNamespace('/run/netns/old');
  ip('netns', 'add', 'new');
  const path = process.env['PATH'];
  t.after(() => (process.env['PATH'] = path));
  let gone = 0;
  for (const before of [true, false]) {
    for (let count = 1; count < 9; count++) {
      if (!existsSync('/run/netns/old')) {
        // As it was: made below the mount of the directory on itself.
        execFileSync('umount', ['-l', '/run/netns']);
        rmSync('/run/netns/new');
        addNamespace('/run/netns/old');
        ip('netns', 'add', 'new');
      }
      const { ino } = statSync('/run/netns/new');
      process.env['PATH'] = `${deadlyPrograms(count, before)}:${path}`;
      await deleteNamespace('old').catch((error: { code: string }) => assert.equal(error.code, 'EBUSY'));
      process.env['PATH'] = path;
      assert.equal(statSync('/run/netns/new').ino, ino);
      const there = existsSync('/run/netns/old');
      assert.equal(mountsAt('/run/netns/old'), there ? 2 : 0, `${count} ${before}`);
      if (!there) gone++;
    }
  }
  assert.ok(gone > 1);
});

test('killed between any two calls: no other name is touched, and it can be done again', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'other');
  const { ino } = statSync('/run/netns/other');
  let killed = 0;
  for (const mounted of [true, false]) {
    for (let position = 1; ; position++) {
      ip('netns', 'add', 'a');
      if (!mounted) unmountNamespace('/run/netns/a');
      const { system, calls } = faulty(linux(), (call, count) => {
        if (count === position && call !== 'close') throw new Error('killed');
        return undefined;
      });
      await remove(system, { path: '/run/netns/a', directory: null }, null).catch(() => killed++);
      assert.equal(statSync('/run/netns/other').ino, ino);
      if (existsSync('/run/netns/a')) await deleteNamespace('a', { force: !seesMachine });
      if (calls.length < position) break;
    }
  }
  assert.ok(killed > 10, `killed ${killed} times`);
});

test('the file of a former namespace, and a namespace in use', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/stale`);
  unmountNamespace(`${directory}/stale`);
  await createNamespace('used', { directory });
  const { pid } = await spawnHolder(t, `${directory}/used`);
  const inside = readlinkSync(`/proc/${pid}/ns/net`);
  await deleteNamespace('stale', { directory, force: !seesMachine });
  await deleteNamespace('used', { directory });
  assert.deepEqual(readdirSync(directory), []);
  assert.equal(readlinkSync(`/proc/${pid}/ns/net`), inside);
});

test('of a symbolic link only the link', async () => {
  const directory = netnsDirectory();
  await createNamespace('target', { directory });
  symlinkSync('target', `${directory}/link`);
  symlinkSync('/proc/self/ns/net', `${directory}/process`);
  symlinkSync('/proc/0/ns/net', `${directory}/dangling`);
  for (const name of ['link', 'process', 'dangling']) await deleteNamespace(name, { directory });
  assert.deepEqual(readdirSync(directory), ['target']);
  assert.match(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(` ${directory}/target `));
});

test('what is no name of a network namespace is left alone', async () => {
  const directory = netnsDirectory();
  mkdirSync(`${directory}/directory`);
  writeFileSync(`${directory}/content`, 'x');
  symlinkSync('content', `${directory}/to content`);
  writeFileSync(`${directory}/uts`, '');
  execFileSync('mount', ['--bind', '/proc/self/ns/uts', `${directory}/uts`]);
  const before = readdirSync(directory);
  const refused = {
    directory: { code: 'EISDIR', message: /is a directory/ },
    content: { code: 'ERR_NLINK_NOT_A_NAMESPACE', message: /is a file with content/ },
    'to content': {
      code: 'ERR_NLINK_NOT_A_NAMESPACE',
      message: /leads to a file on which no namespace is mounted/,
    },
    uts: { code: 'ERR_NLINK_NOT_A_NAMESPACE', message: /is a namespace of another kind/ },
    missing: { code: 'ENOENT', path: `${directory}/missing`, message: /no network namespace has this name/ },
  };
  for (const [name, error] of Object.entries(refused)) {
    await assert.rejects(deleteNamespace(name, { directory }), error, name);
    await assert.rejects(deleteNamespace({ path: `${directory}/${name}` }), error, name);
  }
  for (const name of ['.', '..', '../a', 'a/b', '']) {
    await assert.rejects(deleteNamespace(name, { directory }), { code: 'ERR_NLINK_INVALID_NAME' });
  }
  assert.deepEqual(readdirSync(directory), before);
  assert.match(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(` uts:.* ${directory}/uts `));
});

test('somebody mounts on the file again between unmounting and removing: tried again', async () => {
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  let rounds = 0;
  const { system } = faulty(linux(), (call) => {
    if (call === 'unlink' && ++rounds <= 3) execFileSync('mount', ['--bind', '/proc/self/ns/net', path]);
    return undefined;
  });
  await remove(system, { path, directory }, null);
  assert.equal(rounds, 4);
  assert.equal(existsSync(path), false);
});

test('it never ends to be busy: EBUSY', async () => {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  const { system, calls } = faulty(linux(), (call) => (call === 'unlink' ? -errno.EBUSY : undefined));
  await assert.rejects(remove(system, { path, directory: null }, null), { code: 'EBUSY', path });
  assert.equal(calls.filter((call) => call === 'unlink').length, 10);
});

test('each call fails once: an error or done, nothing open, and a second attempt goes through', async () => {
  const path = `${netnsDirectory()}/a`;
  for (let position = 1; ; position++) {
    addNamespace(path);
    const { system, calls } = faulty(linux(), failOnce(position, -errno.EIO));
    let failed = false;
    await withoutLeak(async () => {
      try {
        await remove(system, { path, directory: null }, null);
      } catch (error) {
        failed = true;
        // Only the look at /proc has an error of its own.
        const expected = position === 1 ? 'ERR_NLINK_UNSUPPORTED_KERNEL' : 'EIO';
        assert.equal((error as { code: string }).code, expected, `${calls[position - 1]}`);
      }
    });
    assert.equal(existsSync(path), failed, `${calls[position - 1]}`);
    if (failed) await deleteNamespace({ path }, { force: !seesMachine });
    if (calls.length < position) {
      assert.ok(position > 5 && !failed);
      return;
    }
  }
});

test('an ordinary user: EPERM for a namespace, but what is only a file of theirs goes', async (t) => {
  const directory = netnsDirectory();
  execFileSync('chmod', ['777', directory]);
  addNamespace(`${directory}/mounted`);
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  const child = await converse(t, spawnOrdinary(make, directory));
  const { code, message } = (await child.ask('del mounted')) as { code: string; message: string };
  assert.equal(code, 'EPERM');
  assert.match(message, /CAP_SYS_ADMIN/);
  assert.equal(await child.ask('del stale'), 'done');
  assert.deepEqual(readdirSync(directory), ['mounted']);
});
