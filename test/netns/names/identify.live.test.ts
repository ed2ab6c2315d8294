/**
 * Which names the namespace of a process has: beside ip(8), over several directories, and for who
 * may not ask.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { identify, listNamespaces, sameNamespace } from '../../../src/index.ts';
import type { IdentifiedNamespace } from '../../../src/index.ts';
import { converse } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addAlias, addNamespace, freshRun, ip, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';

const processes = fileURLToPath(new URL('../fixtures/processes.js', import.meta.url));

const ipIdentify = (pid: number): string[] =>
  ip('netns', 'identify', String(pid)).split('\n').filter(Boolean);
const namesOf = ({ names }: IdentifiedNamespace): string[] => names.map(({ name }) => name);

test('beside ip netns identify', async (t) => {
  freshRun(t);
  const nameless = await spawnHolder(t);
  assert.deepEqual(namesOf(await identify({ pid: nameless.pid })), []);
  for (const name of ['z', 'a', 'other']) ip('netns', 'add', name);
  const one = await spawnHolder(t, '/run/netns/other');
  const several = await spawnHolder(t, '/run/netns/z');
  ip('netns', 'attach', 'attached', String(several.pid));
  symlinkSync('z', '/run/netns/link');
  symlinkSync(`/proc/${several.pid}/ns/net`, '/run/netns/process');
  writeFileSync('/run/netns/stale', '');
  mkdirSync('/run/netns/directory');
  await withoutLeak(async () => {
    for (const [pid, expected] of [
      [nameless.pid, []],
      [one.pid, ['other']],
      [several.pid, ['attached', 'link', 'process', 'z']],
      [process.pid, []],
    ] as const) {
      assert.deepEqual(namesOf(await identify({ pid })).sort(), expected);
      // Of several it prints one, the last in the directory.
      const printed = ipIdentify(pid);
      assert.equal(printed.length > 0, expected.length > 0);
      for (const name of printed) assert.ok((expected as readonly string[]).includes(name), name);
    }
  });
});

test('names with their place, directory by directory, each in the order of a listing; and the identity', async (t) => {
  freshRun(t);
  const [first, second] = [netnsDirectory(), netnsDirectory()];
  addNamespace(`${first}/z`);
  const { pid } = await spawnHolder(t, `${first}/z`);
  for (const path of [`${first}/a`, `${first}/\udcff`, `${first}/m`, `${second}/b`])
    addAlias(`${first}/z`, path);
  addNamespace(`${second}/other`);
  const found = await identify({ pid }, { directories: [second, '/nowhere', first, second] });
  const listed = await listNamespaces({ directory: first });
  assert.equal(listed.length, 4);
  assert.deepEqual(found.names, [
    { name: 'b', path: `${second}/b`, directory: second },
    ...listed.map(({ name, path }) => ({ name, path, directory: first })),
  ]);
  for (const { namespace } of listed)
    assert.ok(namespace !== null && sameNamespace(found.namespace, namespace));
  const { dev, ino, mtimeNs } = statSync(`/proc/${pid}/ns/net`, { bigint: true });
  assert.deepEqual([found.namespace.dev, found.namespace.ino, found.namespace.since], [dev, ino, mtimeNs]);
  assert.deepEqual(namesOf(await identify({ pid }, { directory: second })), ['b']);
  // The directory of ip netns is not there, which is no error.
  assert.deepEqual(namesOf(await identify({ pid })), []);
});

test('the calling process, if no other is asked for', async () => {
  const directory = netnsDirectory();
  addAlias('/proc/self/ns/net', `${directory}/own`);
  for (const reference of [undefined, { pid: process.pid }, 'own', { path: '/proc/self/ns/net' }])
    assert.deepEqual(namesOf(await identify(reference, { directory })), ['own']);
});

test('processes that are not there, or have ended', async (t) => {
  await withoutLeak(async () => {
    await assert.rejects(identify({ pid: 2 ** 31 - 1 }), {
      code: 'ENOENT',
      path: '/proc/2147483647/ns/net',
      message: /there is no process 2147483647, or it has ended/,
    });
  });
  const holder = await spawnHolder(t);
  assert.deepEqual(namesOf(await identify({ pid: holder.pid })), []);
  await holder.end();
  await assert.rejects(identify({ pid: holder.pid }), {
    code: 'ENOENT',
    message: new RegExp(`${holder.pid}`),
  });
});

test('what means nothing is refused before anything is opened', async () => {
  const invalid = 'ERR_NLINK_INVALID_ARGUMENT';
  for (const pid of [0, -1, 1.5, 2 ** 31, '1', null, Number.NaN])
    await assert.rejects(identify({ pid: pid as number }), {
      code: invalid,
      message: /^reference\.pid must be/,
    });
  await assert.rejects(identify(5 as never), {
    code: invalid,
    message: 'reference must be a name, { path }, { pid } or { fd }, got 5',
  });
  // The process is not there, which is not found out.
  for (const [option, options] of [
    ['directory', { directory: '' }],
    ['directory', { directory: '/a', directories: ['/b'] }],
    ['directories', { directories: [] }],
    ['directories', { directories: '/a' }],
    ['directories\\[1\\]', { directories: ['/a', 'a\0'] }],
  ] as const) {
    const asked = identify({ pid: 2 ** 31 - 1 }, options as object);
    await assert.rejects(asked, { code: invalid, message: new RegExp(`^${option} must be`) });
  }
});

test('a directory that cannot be listed is an error, and nothing stays open', async () => {
  const file = `${netnsDirectory()}/file`;
  writeFileSync(file, '');
  await withoutLeak(async () => {
    await assert.rejects(identify(undefined, { directory: file }), { code: 'ENOTDIR', path: file });
  });
});

test('an ordinary user: its own processes; of another one says who may ask', async (t) => {
  const directory = netnsDirectory();
  addAlias('/proc/self/ns/net', `${directory}/own`);
  const holder = await spawnHolder(t);
  const child = spawnOrdinary(processes);
  const conversation = await converse(t, child);
  const asked = (...args: unknown[]): Promise<unknown> =>
    conversation.ask(JSON.stringify(['identify', ...args]));
  const own = [{ name: 'own', path: `${directory}/own`, directory }];
  assert.deepEqual(await asked({ pid: child.pid }, { directory }), own);
  assert.deepEqual(await asked(), []);
  const denied = (await asked({ pid: holder.pid }, { directory })) as { code: string; message: string };
  assert.equal(denied.code, 'EACCES');
  assert.match(denied.message, /needs the right to trace that process|not dumpable/);
});
