/**
 * A second name for a namespace: of a process, a path, a name, a descriptor; beside `ip netns
 * attach`, and against races.
 */
import { strict as assert } from 'node:assert';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  attachNamespace,
  createNamespace,
  deleteNamespace,
  identify,
  isNamespace,
  listNamespaces,
  namespacePids,
  sameNamespace,
} from '../../../src/index.ts';
import { attach } from '../../../src/netns/names/attach.ts';
import { create } from '../../../src/netns/names/create.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { outcomeOf, programOf } from '../../cli/support/program.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { freshRun, ip, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';

const attachScript = fileURLToPath(new URL('fixtures/attach.js', import.meta.url));

/** Lines of mountinfo for a mount point. */
const mountsAt = (path: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === path);

/** The same system calls, with something done just before one of them. */
const before = (call: keyof System, act: () => void): System =>
  new Proxy(linux(), {
    get(target, name) {
      const through = target[name as keyof System] as (...args: unknown[]) => unknown;
      if (name !== call) return through;
      return (...args: unknown[]) => {
        act();
        return through(...args);
      };
    },
  });

test('a process on a host without names: as ip netns attach, and the namespace outlives it', async (t) => {
  freshRun(t);
  const holder = await spawnHolder(t);
  const { namespace } = await identify({ pid: holder.pid });
  await withoutLeak(async () => {
    const attached = await attachNamespace('ours', { pid: holder.pid });
    assert.ok(sameNamespace(attached, namespace));
  });
  assert.equal(mountsAt('/run/netns').length, 1);
  assert.match(mountsAt('/run/netns')[0] ?? '', / shared:/);
  assert.equal(mountsAt('/run/netns/ours').length, 1);
  ip('netns', 'attach', 'theirs', String(holder.pid));
  await holder.end();
  const entries = await listNamespaces();
  assert.deepEqual(entries.map(({ name }) => name).sort(), ['ours', 'theirs']);
  for (const entry of entries) assert.ok(entry.ready && entry.namespace.ino === namespace.ino, entry.name);
  assert.deepEqual((await namespacePids('ours')).pids, []);
  ip('netns', 'del', 'ours');
  await deleteNamespace('theirs');
  assert.deepEqual(readdirSync('/run/netns'), []);
});

test('a name, a path, a link, a descriptor; a path as the new name', async () => {
  const directory = netnsDirectory();
  const first = await createNamespace('first', { directory });
  symlinkSync(`${directory}/first`, `${directory}/link`);
  const fd = openSync(`${directory}/first`, 'r');
  const path = `${directory}/by path`;
  await withoutLeak(async () => {
    const made = [
      await attachNamespace('second', 'first', { directory }),
      await attachNamespace('third', { path: `${directory}/link` }, { directory }),
      await attachNamespace('-4 \udcff', { fd }, { directory }),
      await attachNamespace({ path }, { path: `${directory}/second` }),
    ];
    for (const namespace of made) assert.ok(sameNamespace(namespace, first));
  });
  closeSync(fd);
  const entries = await listNamespaces({ directory });
  assert.equal(entries.length, 6);
  for (const entry of entries) assert.ok(entry.ready && sameNamespace(entry.namespace, first), entry.name);
  for (const { path } of entries) await deleteNamespace({ path });
  assert.deepEqual(readdirSync(directory), []);
});

test('what cannot be: the name is taken, there is no process, it is no namespace; nothing is made', async (t) => {
  const directory = netnsDirectory();
  const holder = await spawnHolder(t);
  const { pid } = holder;
  await createNamespace('taken', { directory });
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  for (const name of ['taken', 'stale'])
    await assert.rejects(attachNamespace(name, { pid }, { directory }), {
      code: 'EEXIST',
      path: `${directory}/${name}`,
      message: /taken/,
    });
  await assert.rejects(attachNamespace('new', 'stale', { directory }), { code: 'ERR_NLINK_NOT_A_NAMESPACE' });
  await assert.rejects(attachNamespace('new', { path: '/proc/self/ns/mnt' }, { directory }), {
    code: 'ERR_NLINK_NOT_A_NAMESPACE',
    message: /another kind/,
  });
  await assert.rejects(attachNamespace('new', 'missing', { directory }), { code: 'ENOENT' });
  await assert.rejects(attachNamespace('new', { fd: 999 }, { directory }), { code: 'EBADF' });
  await assert.rejects(attachNamespace('a/b', { pid }, { directory }), { code: 'ERR_NLINK_INVALID_NAME' });
  await assert.rejects(attachNamespace('new', {} as never), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  await holder.end();
  await assert.rejects(attachNamespace('new', { pid }, { directory: `${directory}/none` }), {
    code: 'ENOENT',
    path: `/proc/${pid}/ns/net`,
  });
  assert.deepEqual(readdirSync(directory).sort(), ['stale', 'taken']);
});

test('the process ends when its namespace has been opened: that namespace is what is named', async (t) => {
  const directory = netnsDirectory();
  const holder = await spawnHolder(t);
  const { namespace } = await identify({ pid: holder.pid });
  // Between opening and mounting its number could already be another process's.
  const system = before('mkdir', () => process.kill(holder.pid, 'SIGKILL'));
  const file = { path: `${directory}/a`, directory };
  assert.ok(sameNamespace(await attach(system, file, { pid: holder.pid }), namespace));
  const [entry] = await listNamespaces({ directory });
  assert.ok(entry?.ready === true && sameNamespace(entry.namespace, namespace));
});

test('a link that is turned elsewhere after it was opened changes nothing', async () => {
  const directory = netnsDirectory();
  const first = await createNamespace('first', { directory });
  await createNamespace('other', { directory });
  symlinkSync('first', `${directory}/link`);
  const system = before('mkdir', () => {
    symlinkSync('other', `${directory}/turned`);
    renameSync(`${directory}/turned`, `${directory}/link`);
  });
  const file = { path: `${directory}/a`, directory };
  assert.ok(sameNamespace(await attach(system, file, { path: `${directory}/link` }), first));
});

test('the new file is replaced by a link before the mount: nothing is mounted where that leads', async (t) => {
  for (const [what, make] of Object.entries({
    attach: (system: System, path: string) =>
      attach(system, { path, directory: null }, { path: '/proc/self/ns/net' }),
    create: (system: System, path: string) => create(system, { path, directory: null }),
  })) {
    await t.test(what, async () => {
      const directory = netnsDirectory();
      mkdirSync(`${directory}/elsewhere`);
      const victim = `${directory}/elsewhere/victim`;
      writeFileSync(victim, 'precious');
      const path = `${directory}/a`;
      const system = before('mount', () => {
        unlinkSync(path);
        symlinkSync(victim, path);
      });
      await withoutLeak(() => assert.rejects(make(system, path), { code: 'ENOENT', syscall: 'mount' }));
      assert.equal(readFileSync(victim, 'utf8'), 'precious');
      assert.deepEqual(mountsAt(victim), []);
      assert.equal(await isNamespace({ path: victim }), false);
    });
  }
});

test('an ordinary user: EPERM with the remedy, and nothing is made', async (t) => {
  const directory = netnsDirectory();
  chmodSync(directory, 0o777);
  const path = `${directory}/a`;
  const { stdout } = await outcomeOf(programOf(t, spawnOrdinary(attachScript, path)));
  const { code, message } = JSON.parse(stdout.join('')) as { code: string; message: string };
  assert.equal(code, 'EPERM');
  assert.match(message, /CAP_SYS_ADMIN/);
  assert.deepEqual(readdirSync(directory), []);
});
