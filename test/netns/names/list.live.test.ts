import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import {
  encodeName,
  isNamespace,
  listNamespaces,
  namespaceExists,
  sameNamespace,
} from '../../../src/index.ts';
import { listDirectory } from '../../../src/netns/names/list.ts';
import { Observer } from '../../../src/netns/identity/observe.ts';
import { linux } from '../../../src/sys/system.ts';
import { converse } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { faulty } from '../../support/faults.ts';
import { hasHandles } from '../../support/old-kernels.ts';
import {
  addNamespace,
  freshRun,
  ip,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';

const listFixture = fileURLToPath(new URL('fixtures/list.js', import.meta.url));

test('no directory, an empty one, and names in the order of ip netns add', async (t) => {
  freshRun(t);
  assert.deepEqual(await listNamespaces(), []);
  mkdirSync('/run/netns');
  assert.deepEqual(await listNamespaces(), []);
  const names = ['z', 'a', 'm', '.b', 'a b', 'x\ny'];
  for (const name of names) ip('netns', 'add', name);
  const entries = await listNamespaces();
  assert.deepEqual(
    entries.map((entry) => entry.name),
    names,
  );
  for (const entry of entries) {
    assert.equal(entry.path, `/var/run/netns/${entry.name}`);
    assert.ok(entry.ready);
    const status = statSync(entry.path, { bigint: true });
    const { dev, ino, since } = entry.namespace;
    assert.deepEqual([dev, ino, since], [status.dev, status.ino, status.mtimeNs]);
  }
  const [oldest] = entries;
  // The kernel's own id is there since Linux 6.18; inode numbers of the living differ on all.
  const key = oldest?.namespace?.id === null ? 'ino' : 'id';
  assert.equal(new Set(entries.map((entry) => entry.namespace?.[key])).size, names.length);
});

test('oldest first: by time, and within a tick of the clock by mount', async () => {
  const directory = netnsDirectory();
  const names = Array.from({ length: 50 }, (_, i) => `n${String(99 - i)}`);
  for (const name of names) addNamespace(`${directory}/${name}`);
  for (const [i, name] of ['z', 'a', 'm'].entries()) {
    writeFileSync(`${directory}/${name}`, '');
    utimesSync(`${directory}/${name}`, 0, 1000 + i);
  }
  const listed = (await listNamespaces({ directory })).map((entry) => entry.name);
  assert.deepEqual(listed, ['z', 'a', 'm', ...names]);
});

test('what stands behind a name', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/mounted`);
  addNamespace(`${directory}/\udcff`);
  addNamespace(`${directory}/unmounted`);
  unmountNamespace(`${directory}/unmounted`);
  writeFileSync(`${directory}/content`, 'x');
  mkdirSync(`${directory}/directory`);
  symlinkSync('mounted', `${directory}/link`);
  const { pid } = await spawnHolder(t, `${directory}/mounted`);
  symlinkSync(`/proc/${pid}/ns/net`, `${directory}/process`);
  symlinkSync('/proc/0/ns/net', `${directory}/dangling`);
  symlinkSync(`/proc/${pid}/ns/uts`, `${directory}/uts`);
  symlinkSync('content', `${directory}/to content`);

  await withoutLeak(async () => {
    const found = new Map((await listNamespaces({ directory })).map((entry) => [entry.name, entry]));
    const mounted = found.get('mounted');
    assert.ok(mounted?.ready === true);
    for (const name of ['link', 'process']) {
      const entry = found.get(name);
      assert.ok(entry?.ready === true && sameNamespace(entry.namespace, mounted.namespace), name);
    }
    const other = found.get('\udcff');
    assert.ok(other?.ready === true && !sameNamespace(other.namespace, mounted.namespace));
    const reasons = [...found.values()].flatMap((entry) => (entry.ready ? [] : [[entry.name, entry.reason]]));
    assert.deepEqual(Object.fromEntries(reasons), {
      content: 'not-a-namespace',
      dangling: 'dangling-symlink',
      'to content': 'not-a-namespace',
      unmounted: 'not-a-namespace',
      uts: 'wrong-type',
    });
    assert.equal(found.size, 9);
  });

  const plain = await listNamespaces({ directory, followSymlinks: false });
  const link = plain.find((entry) => entry.name === 'link');
  assert.ok(link?.ready === false && link.reason === 'not-a-namespace');
});

test('namespaceExists: the file, whatever it is; isNamespace: what stands behind', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  writeFileSync(`${directory}/file`, '');
  symlinkSync('/nowhere', `${directory}/dangling`);
  mkdirSync(`${directory}/directory`);
  const expected = {
    a: [true, true],
    file: [true, false],
    dangling: [true, false],
    directory: [false, false],
  };
  for (const [name, answers] of Object.entries({ ...expected, missing: [false, false] })) {
    const got = [await namespaceExists(name, { directory }), await isNamespace(name, { directory })];
    assert.deepEqual(got, answers, name);
    const path = `${directory}/${name}`;
    assert.deepEqual([await namespaceExists({ path }), await isNamespace({ path })], answers, name);
  }
  assert.equal(await namespaceExists('a', { directory: `${directory}/file` }), false);
  assert.equal(await isNamespace({ path: '/proc/self/ns/net' }), true);
  assert.equal(await isNamespace({ path: '/proc/self/ns/uts' }), false);
  for (const ask of [namespaceExists, isNamespace]) {
    for (const wrong of ['', '.', '..', 'a/b'])
      await assert.rejects(ask(wrong), { code: 'ERR_NLINK_INVALID_NAME' });
    await assert.rejects(ask({ path: '/a\0' }), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
    for (const wrong of [5, null, undefined, [], {}, { name: 'a' }])
      await assert.rejects(ask(wrong as never), {
        code: 'ERR_NLINK_INVALID_ARGUMENT',
        message: `reference must be a name, { path }, { pid } or { fd }, got ${inspect(wrong)}`,
      });
  }
  await assert.rejects(isNamespace('a/b'), { message: /contains a slash; pass \{ path \} for a path$/ });
});

test('namespaceExists and isNamespace of processes and descriptors', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const holder = await spawnHolder(t, `${directory}/a`);
  const fd = openSync(`${directory}/a`, 'r');
  const other = openSync('/dev/null', 'r');
  t.after(() => {
    for (const opened of [fd, other]) closeSync(opened);
  });
  for (const [reference, expected] of [
    [{ pid: holder.pid }, [true, true]],
    [{ fd }, [true, true]],
    [{ fd: other }, [true, false]],
    [{ pid: 2 ** 31 - 1 }, [false, false]],
    [{ fd: 2 ** 31 - 1 }, [false, false]],
  ] as const)
    assert.deepEqual([await namespaceExists(reference), await isNamespace(reference)], expected);
});

test('a directory that is a file', async () => {
  const path = `${netnsDirectory()}/file`;
  writeFileSync(path, '');
  await assert.rejects(listNamespaces({ directory: path }), { code: 'ENOTDIR', path, message: /directory/ });
  await assert.rejects(listNamespaces({ directory: '' }), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
});

test('an ordinary user lists what may be read, and gets an error with the missing permission otherwise', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  execFileSync('chmod', ['755', directory]);
  const child = await converse(t, spawnOrdinary(listFixture));
  assert.deepEqual(await child.ask(directory), [['a', true]]);
  for (const [mode, syscall, remedy] of [
    ['311', 'scandir', /read permission/],
    ['644', 'statx', /search permission/],
  ] as const) {
    execFileSync('chmod', [mode, directory]);
    const error = (await child.ask(directory)) as { code: string; syscall: string; message: string };
    assert.equal(error.code, 'EACCES', mode);
    assert.equal(error.syscall, syscall);
    assert.match(error.message, remedy);
  }
});

test('names that vanish while they are listed are left out', () => {
  const directory = netnsDirectory();
  const real = linux();
  const observer = (system: typeof real): Observer => new Observer(system);
  for (const name of ['a', 'b', 'c']) writeFileSync(`${directory}/${name}`, '');
  let looked = 0;
  const { system } = faulty(real, (call) => {
    // The first look is the observer's own, at /proc; at the second all but the first name are
    // gone.
    if (call === 'stat' && ++looked === 3)
      for (const name of ['a', 'b', 'c']) unlinkSync(`${directory}/${name}`);
    return undefined;
  });
  assert.equal(listDirectory(system, observer(system), directory, true)?.length, 1);
  rmdirSync(directory);
  assert.equal(listDirectory(real, observer(real), directory, true), null);
});

test('five thousand names cost a call each, and one for the directory', () => {
  const directory = netnsDirectory();
  const names = Array.from({ length: 5000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
  for (const name of names) writeFileSync(encodeName(`${directory}/${name}`), '');
  addNamespace(`${directory}/real`);
  const { system, calls } = faulty(linux(), () => undefined);
  const observer = new Observer(system);
  calls.length = 0;
  const listed = listDirectory(system, observer, directory, true);
  assert.deepEqual(
    listed?.map(({ name }) => name),
    [...names, 'real'],
  );
  const tally: Record<string, number> = {};
  for (const call of calls) tally[call] = (tally[call] ?? 0) + 1;
  // No file that carries no namespace is opened, or asked for its identity; the one that does is
  // opened before Linux 6.18 alone.
  const ofNames = { readDirectory: 1, stat: 5001 };
  const opened = { ...ofNames, open: 1, namespaceType: 1, stat: 5002, close: 1 };
  assert.deepEqual(tally, hasHandles(linux()) ? { ...ofNames, namespaceHandle: 1 } : opened);
});
