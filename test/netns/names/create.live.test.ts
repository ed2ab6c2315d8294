import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createNamespace,
  deleteNamespace,
  encodeName,
  isNamespace,
  listNamespaces,
  sameNamespace,
} from '../../../src/index.ts';
import { create } from '../../../src/netns/names/create.ts';
import { linux } from '../../../src/sys/system.ts';
import { LOCK_EX, LOCK_NB } from '../../../src/sys/flags.ts';
import { converse } from '../../support/child.ts';
import type { Conversation } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { faulty } from '../../support/faults.ts';
import { freshRun, ip, netnsDirectory } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';

const make = fileURLToPath(new URL('fixtures/make.js', import.meta.url));
const own = readlinkSync('/proc/thread-self/ns/net');

/** Lines of mountinfo for a mount point. */
const mountsAt = (path: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === path);

/**
 * What ip-netns(8) finds in the namespace of a name, whose bytes no argument of spawn could carry.
 */
function namespaceByIp(name: string): string {
  const octal = [...encodeName(name)].map((byte) => `\\0${byte.toString(8)}`).join('');
  const script = `ip netns exec "$(printf '%b' '${octal}')" readlink /proc/self/ns/net`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim();
}

test('on a host that has no names yet: as ip netns would have made it', async (t) => {
  freshRun(t);
  await withoutLeak(async () => {
    const made = await createNamespace('ours');
    assert.equal(readlinkSync('/proc/thread-self/ns/net'), own);
    assert.equal(namespaceByIp('ours'), `net:[${made.ino}]`);
    assert.notEqual(`net:[${made.ino}]`, own);

    const [entry] = await listNamespaces();
    assert.ok(entry?.ready === true && sameNamespace(entry.namespace, made));
    assert.equal(entry.namespace.since, made.since);
    assert.equal(lstatSync('/run/netns').mode & 0o7777, 0o755);
    assert.equal(mountsAt('/run/netns').length, 1);
    assert.match(mountsAt('/run/netns')[0] ?? '', / shared:/);
  });
  ip('netns', 'add', 'theirs');
  assert.deepEqual(ip('netns', 'list').split('\n').filter(Boolean).sort(), ['ours', 'theirs']);
  await createNamespace('another');
  assert.equal(mountsAt('/run/netns').length, 1);
  assert.equal(mountsAt('/run/netns/another').length, 1);
  ip('netns', 'del', 'ours');
  await deleteNamespace('theirs');
  assert.deepEqual(readdirSync('/run/netns'), ['another']);
});

test('any name that a file can have', async (t) => {
  freshRun(t);
  const names = ['a b', 'line\nbreak', '-n', '.hidden', '\\040', 'ü', '\udcff\udc80x', 'x'.repeat(255)];
  for (const name of names) {
    const { ino } = await createNamespace(name);
    assert.equal(namespaceByIp(name), `net:[${ino}]`, JSON.stringify(name));
  }
  const listed = await listNamespaces();
  assert.deepEqual(
    listed.map((entry) => entry.name),
    names,
    'in the order of creation',
  );
  for (const name of names) await deleteNamespace(name);
  assert.deepEqual(readdirSync('/run/netns'), []);
});

test('a name that is taken, however: EEXIST, and nothing changes', async () => {
  const directory = netnsDirectory();
  const first = await createNamespace('mounted', { directory });
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  symlinkSync('/nowhere', `${directory}/link`);
  mkdirSync(`${directory}/directory`);
  for (const name of ['mounted', 'stale', 'link', 'directory']) {
    await assert.rejects(createNamespace(name, { directory }), {
      code: 'EEXIST',
      path: `${directory}/${name}`,
      message: /taken/,
    });
  }
  const entries = await listNamespaces({ directory });
  const mounted = entries.find((entry) => entry.name === 'mounted');
  assert.ok(mounted?.ready === true && sameNamespace(mounted.namespace, first));
  assert.equal(readlinkSync(`${directory}/link`), '/nowhere');
  assert.equal(readlinkSync('/proc/thread-self/ns/net'), own);
});

test('{ path }: that file alone, whose directory is left as it is', async () => {
  const directory = netnsDirectory();
  const path = `${directory}/by path`;
  await createNamespace({ path });
  assert.equal(await isNamespace({ path }), true);
  assert.deepEqual(mountsAt(directory), []);
  await deleteNamespace({ path });
  assert.equal(existsSync(path), false);
  const missing = `${directory}/missing/a`;
  await assert.rejects(createNamespace({ path: missing }), {
    code: 'ENOENT',
    path: missing,
    message: /make that first/,
  });
});

test('directories that cannot be: errors that say what to do', async () => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/file`, '');
  await assert.rejects(createNamespace('a', { directory: `${directory}/a/b` }), {
    code: 'ENOENT',
    syscall: 'mkdir',
    message: /parent/,
  });
  await assert.rejects(createNamespace('a', { directory: `${directory}/file` }), { code: 'ENOTDIR' });
  assert.deepEqual(readdirSync(directory), ['file']);
});

test('two processes, one name, fifty times: one wins, the other gets EEXIST', async (t) => {
  const directory = netnsDirectory();
  const one = await converse(t, spawn(process.execPath, [make, directory]));
  const other = await converse(t, spawn(process.execPath, [make, directory]));
  for (let round = 0; round < 50; round++) {
    const answers = await Promise.all([one.ask(`add n${round}`), other.ask(`add n${round}`)]);
    const lost = answers.filter((answer) => answer !== 'done');
    assert.equal(lost.length, 1, JSON.stringify(answers));
    assert.equal((lost[0] as { code: string }).code, 'EEXIST');
    assert.equal(await isNamespace(`n${round}`, { directory }), true);
    assert.equal(mountsAt(`${directory}/n${round}`).length, 1);
    assert.equal(await one.ask(`del n${round}`), 'done');
  }
});

test('four processes on a host without names: the directory is mounted on itself once', async (t) => {
  const children: Conversation[] = [];
  for (let i = 0; i < 4; i++)
    children.push(await converse(t, spawn(process.execPath, [make, '/run/fresh/netns'])));
  for (let round = 0; round < 10; round++) {
    execFileSync('mount', ['-t', 'tmpfs', '--mkdir', 'tmpfs', '/run/fresh']);
    const answers: unknown[] = await Promise.all(children.map((child, i) => child.ask(`add n${i}`)));
    assert.deepEqual(answers, ['done', 'done', 'done', 'done']);
    assert.equal(mountsAt('/run/fresh/netns').length, 1);
    for (let i = 0; i < 4; i++) assert.equal(mountsAt(`/run/fresh/netns/n${i}`).length, 1);
    execFileSync('umount', ['-l', '/run/fresh']);
  }
});

test('an `ip netns add` that comes while the directory is being mounted on itself waits for that', async (t) => {
  freshRun(t);
  let theirs: Promise<unknown[]> | undefined;
  let mounts = 0;
  const { system } = faulty(linux(), (call) => {
    // The first mount has told that the directory is none yet, the second is about to make it one.
    if (call === 'mount' && ++mounts === 2) theirs = startAndWaitUntilBlocked();
    return undefined;
  });
  await create(system, { path: '/run/netns/ours', directory: '/run/netns' });
  assert.deepEqual(await theirs, [0, null]);
  assert.equal(mountsAt('/run/netns').length, 1);
  assert.deepEqual(readdirSync('/run/netns').sort(), ['ours', 'theirs']);
});

/**
 * Starts `ip netns add theirs` and goes on when it waits for a lock (proc_locks(5)), or has ended
 * without. @returns its end
 */
function startAndWaitUntilBlocked(): Promise<unknown[]> {
  const child = spawn('ip', ['netns', 'add', 'theirs'], { stdio: 'inherit' });
  const pid = child.pid ?? 0;
  const isBlocked = (): boolean =>
    new RegExp(`-> FLOCK .* ${pid} `).test(readFileSync('/proc/locks', 'utf8'));
  const hasEnded = (): boolean => /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  while (!isBlocked() && !hasEnded()) execFileSync('sleep', ['0.01']);
  return once(child, 'exit');
}

test('many at once in one process, on a host without names', async (t) => {
  freshRun(t);
  const names = Array.from({ length: 50 }, (_, i) => `n${i}`);
  const made = await Promise.all(names.map((name) => createNamespace(name)));
  assert.equal(new Set(made.map(({ ino }) => ino)).size, 50);
  assert.equal(mountsAt('/run/netns').length, 1);
  await Promise.all(names.map((name) => deleteNamespace(name)));
  assert.deepEqual(readdirSync('/run/netns'), []);
});

test('a lock that is never let go is waited for, and then no longer', async () => {
  const directory = netnsDirectory();
  const system = linux();
  const fd = system.open(Buffer.from(`${directory}\0`), 0);
  assert.equal(system.flock(fd, LOCK_EX | LOCK_NB), 0);
  const start = performance.now();
  await createNamespace('a', { directory });
  assert.ok(performance.now() - start >= 900);
  const waiting = createNamespace('b', { directory });
  system.close(fd);
  await waiting;
  assert.equal(await isNamespace('b', { directory }), true);
});

test('an ordinary user: EPERM with the remedy, and nothing is made', async (t) => {
  const directory = netnsDirectory();
  execFileSync('chmod', ['777', directory]);
  for (const at of [directory, `${directory}/new`]) {
    const child = await converse(t, spawnOrdinary(make, at));
    const { code, message } = (await child.ask('add a')) as { code: string; message: string };
    assert.equal(code, 'EPERM');
    assert.match(message, /CAP_SYS_ADMIN: run as root .*unshare -Urnm/);
  }
  assert.deepEqual(readdirSync(directory), []);
});

test('in a user namespace without a network namespace of its own: refused before anything changed', async (t) => {
  const directory = netnsDirectory();
  const child = await converse(t, spawn('unshare', ['-Urm', process.execPath, make, `${directory}/new`]));
  const { code, message } = (await child.ask('add a')) as { code: string; message: string };
  assert.equal(code, 'ERR_NLINK_NO_RETURN');
  assert.match(message, /unshare -Urnm/);
  assert.deepEqual(readdirSync(directory), []);
});

test('in a user namespace with one: as root', async (t) => {
  const script = 'mount -t tmpfs tmpfs /run && exec "$@"';
  const inside = ['-Urnm', 'sh', '-c', script, 'sh', process.execPath, make, '/run/netns'];
  const child = await converse(t, spawn('unshare', inside));
  assert.equal(await child.ask('add a'), 'done');
  assert.equal(((await child.ask('add a')) as { code: string }).code, 'EEXIST');
  assert.equal(await child.ask('del a'), 'done');
});

test('a namespace appears in mount namespaces that are slaves of this one', async (t) => {
  freshRun(t);
  await createNamespace('first');
  const script = 'echo 1; while read name; do stat -f -c "\\"%T\\"" "/run/netns/$name"; done';
  const child = await converse(t, spawn('unshare', ['-m', '--propagation', 'slave', 'sh', '-c', script]));
  await createNamespace('second');
  assert.equal(await child.ask('second'), 'nsfs');
});

test('a thousand, one after the other: no descriptor stays, and the thread is where it was', async () => {
  const directory = netnsDirectory();
  await withoutLeak(async () => {
    for (let i = 0; i < 1000; i++) {
      await createNamespace('again', { directory });
      await deleteNamespace('again', { directory });
    }
  });
  assert.equal(readlinkSync('/proc/thread-self/ns/net'), own);
  assert.deepEqual(readdirSync(directory), []);
});
