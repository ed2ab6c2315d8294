/**
 * Which id has a namespace: by descriptor, process, path and name, and each way in which the
 * question can be wrong.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Connection } from '../../src/netlink/index.ts';
import { cPath } from '../../src/reference/names.ts';
import { check } from '../../src/sys/errno.ts';
import { linux } from '../../src/sys/system.ts';
import { withoutLeak } from '../support/descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  netnsDirectory,
  spawnHolder,
} from '../support/netns.ts';
import { connect, freshTable, makeNamespace } from '../support/nsids.ts';
import { waitFor } from '../support/wait.ts';

/**
 * What the kernel says of a question whose subject it cannot find: where in the request it was
 * named.
 */
const invalid = (code: string) => ({
  name: 'NetlinkError',
  code,
  syscall: 'RTM_GETNSID',
  text: 'Peer netns reference is invalid',
  offset: 20,
});

const refused = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT' };

function open(t: TestContext, path: string, flags: number | string = 'r'): number {
  const fd = openSync(path, flags);
  t.after(() => closeSync(fd));
  return fd;
}

test('null where none is assigned, and the id where one is, whichever way is asked', async (t) => {
  freshTable(t);
  freshRun(t);
  ip('netns', 'add', 'a');
  const holder = await spawnHolder(t, '/run/netns/a');
  const fd = open(t, '/run/netns/a');
  const connection = await connect(t);
  await withoutLeak(async () => {
    for (const expected of [null, 11]) {
      if (expected !== null) ip('netns', 'set', 'a', String(expected));
      assert.equal(await connection.getNsid({ fd }), expected);
      assert.equal(await connection.getNsid({ pid: holder.pid }), expected);
      assert.equal(await connection.getNsid({ path: '/run/netns/a' }), expected);
      assert.equal(await connection.getNsid({ path: `/proc/${holder.pid}/ns/net` }), expected);
      assert.equal(await connection.getNsid('a'), expected);
    }
  });
  // Asking assigns nothing: the one that was never assigned has none still.
  assert.match(ip('netns', 'list-id'), /^nsid 11 [^\n]*\n$/);
});

test('the smallest and the largest id', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  for (const nsid of [0, 2 ** 31 - 1]) {
    const path = makeNamespace();
    await connection.setNsid({ path }, nsid);
    assert.equal(await connection.getNsid({ path }), nsid);
  }
});

test('the own namespace: none, until it is assigned one to itself', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const own = '/proc/thread-self/ns/net';
  assert.equal(await connection.getNsid({ pid: process.pid }), null);
  assert.equal(await connection.getNsid({ path: own }), null);
  assert.equal(await connection.setNsid({ path: own }, 77), 77);
  assert.equal(await connection.getNsid({ pid: process.pid }), 77);
  assert.equal(await connection.getNsid({ path: own }), 77);
});

test('names are looked for in the directory that the connection was given', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/ü\udcff`);
  const connection = await connect(t, { directory });
  await connection.setNsid('ü\udcff', 4);
  assert.equal(await connection.getNsid('ü\udcff'), 4);
  const elsewhere = await connect(t, { directory: `${directory}/none` });
  await assert.rejects(elsewhere.getNsid('a'), {
    code: 'ENOENT',
    syscall: 'open',
    path: `${directory}/none/a`,
    message: /no such namespace.*nlink list/,
  });
  for (const name of ['', '.', '..', 'a/b', 'a\0', 'x'.repeat(256)])
    await assert.rejects(connection.getNsid(name), { code: 'ERR_NLINK_INVALID_NAME' });
  for (const reference of [5, null, undefined, {}, { name: 'a' }])
    await assert.rejects(connection.getNsid(reference as never), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^reference must be a name, \{ path \}, \{ pid \} or \{ fd \}, got /,
    });
});

test('a descriptor of what is no network namespace: EINVAL', async (t) => {
  const connection = await connect(t);
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '');
  for (const path of [
    '/dev/null',
    '/proc/self/ns/mnt',
    '/proc/self/ns/uts',
    `${directory}/stale`,
    directory,
  ]) {
    const fd = open(t, path);
    await assert.rejects(
      connection.getNsid({ fd }),
      { ...invalid('EINVAL'), message: /no network namespace/ },
      path,
    );
    await assert.rejects(connection.getNsid({ path }), { ...invalid('EINVAL'), path }, path);
  }
});

test('a descriptor that is closed, or was opened with O_PATH: EBADF', async (t) => {
  const connection = await connect(t);
  const path = makeNamespace();
  const closed = openSync(path, 'r');
  closeSync(closed);
  const refusal = { ...invalid('EBADF'), message: /not open, or was opened with O_PATH/ };
  await assert.rejects(connection.getNsid({ fd: closed }), refusal);
  await assert.rejects(connection.getNsid({ fd: 2 ** 31 - 1 }), refusal);
  const O_PATH = 0o10000000;
  const opaque = check(linux().open(cPath(path), O_PATH | constants.O_RDONLY), 'open');
  await assert.rejects(connection.getNsid({ fd: opaque }), refusal);
  linux().close(opaque);
});

test('a process that is gone, or dead and not yet waited for: ESRCH', async (t) => {
  const connection = await connect(t);
  const child = spawn('true');
  const { pid } = child;
  assert.ok(pid !== undefined);
  await once(child, 'exit');
  const refusal = { ...invalid('ESRCH'), message: /no such process/ };
  await assert.rejects(connection.getNsid({ pid }), refusal);
  await assert.rejects(connection.getNsid({ path: `/proc/${pid}/ns/net` }), {
    code: 'ENOENT',
    syscall: 'open',
    message: new RegExp(`no process ${pid}`),
  });
  // Node waits for its children in the event loop, which is not entered before the question is
  // asked.
  const { pid: zombie = 0 } = spawn('true');
  while (!/^State:\tZ/m.test(readFileSync(`/proc/${zombie}/status`, 'utf8'))) pause();
  await assert.rejects(connection.getNsid({ pid: zombie }), refusal);
});

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

test('paths: an error names the system call that failed', async (t) => {
  const connection = await connect(t);
  const directory = netnsDirectory();
  mkdirSync(`${directory}/sub`);
  writeFileSync(`${directory}/file`, '');
  for (const [path, code] of [
    [`${directory}/missing`, 'ENOENT'],
    [`${directory}/file/a`, 'ENOTDIR'],
    [`${directory}/${'x'.repeat(256)}`, 'ENAMETOOLONG'],
  ] as const)
    await assert.rejects(connection.getNsid({ path }), { code, syscall: 'open', path });
});

test('a relative path is meant from the working directory', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const path = makeNamespace();
  await connection.setNsid({ path }, 9);
  const before = process.cwd();
  process.chdir(path.slice(0, path.lastIndexOf('/')));
  t.after(() => process.chdir(before));
  assert.equal(await connection.getNsid({ path: '0' }), 9);
});

// Fails if a wrong argument reaches the kernel, which would take -1 for a descriptor and 1.5 for 1.
test('what is no descriptor, process or path is refused before anything is asked', async () => {
  const connection = await Connection.open();
  // Whatever would be sent now would be refused with another code.
  connection.close();
  const numbers = [-1, 1.5, Number.NaN, Infinity, 2 ** 31, '3', null, undefined, 3n, {}];
  for (const value of numbers) {
    await assert.rejects(connection.getNsid({ fd: value as number }), {
      ...refused,
      message: /^reference\.fd must be/,
    });
    await assert.rejects(connection.getNsid({ pid: value as number }), {
      ...refused,
      message: /^reference\.pid must be/,
    });
  }
  await assert.rejects(connection.getNsid({ pid: 0 }), refused);
  for (const value of ['', 'a\0b', 5, null, undefined, {}])
    await assert.rejects(connection.getNsid({ path: value as string }), {
      ...refused,
      message: /^reference\.path must be/,
    });
});

test('a refusal does not spoil the questions after it', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const path = makeNamespace();
  await connection.setNsid({ path }, 2);
  const fd = open(t, path);
  const answers = await Promise.allSettled([
    connection.getNsid({ fd }),
    connection.getNsid({ pid: process.pid }),
    connection.getNsid({ fd: open(t, '/dev/null') }),
    connection.getNsid({ fd }),
    connection.getNsid({ path: '/dev/null' }),
    connection.getNsid({ path }),
  ]);
  assert.deepEqual(
    answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value : (answer.reason as { code: string }).code,
    ),
    [2, null, 'EINVAL', 2, 'EINVAL', 2],
  );
});

test('an id is gone with its namespace, and the next one that gets it is another', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const path = makeNamespace();
  await connection.setNsid({ path }, 'auto');
  deleteNamespace(path);
  const isFree = async (): Promise<boolean> => (await connection.listNsids()).entries.length === 0;
  await waitFor('the end of the namespace', isFree);
  addNamespace(path);
  assert.equal(await connection.getNsid({ path }), null);
  assert.equal(await connection.setNsid({ path }, 'auto'), 0);
});
