/**
 * The ids of many paths at once: each answer at its place, however many there are and however few
 * descriptors or bytes may be used.
 */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Connection } from '../../src/netlink/index.ts';
import type { NsidOrError } from '../../src/netlink/index.ts';
import { check } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { Asker } from './ask.ts';
import type { PlainError } from './ask.ts';
import { withDescriptorsLeft, withoutLeak } from '../support/descriptors.ts';
import { faulty } from '../support/faults.ts';
import { netnsDirectory } from '../support/netns.ts';
import { atPaths, connect, freshTable, makeNamespaces } from '../support/nsids.ts';

const real = netlinkSystem();

interface Mixture {
  paths: string[];
  /** What is expected of each: its id, null, or the code of an error. */
  answers: (number | string | null)[];
}

/** Paths of every kind in turn, and what they come to. */
async function mix(connection: Connection, count: number): Promise<Mixture> {
  const [assigned, another, unassigned] = makeNamespaces(3) as [string, string, string];
  await connection.setNsid({ path: assigned }, 100_000);
  await connection.setNsid({ path: another }, 0);
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '');
  const kinds: [string, number | string | null][] = [
    [assigned, 100_000],
    [unassigned, null],
    [`${directory}/missing`, 'ENOENT'],
    [`${directory}/stale`, 'EINVAL'],
    [another, 0],
    ['/proc/self/ns/mnt', 'EINVAL'],
    [`${directory}/stale/below`, 'ENOTDIR'],
  ];
  const rows = Array.from({ length: count }, (_, index) => kinds[index % kinds.length] as (typeof kinds)[0]);
  return { paths: rows.map(([path]) => path), answers: rows.map(([, answer]) => answer) };
}

/** Errors by their code. */
const brief = (answers: readonly NsidOrError[]): (number | string | null)[] =>
  answers.map((answer) => (typeof answer === 'object' && answer !== null ? answer.code : answer));

test('every kind of path, each at its place; errors tell what they are about', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const { paths, answers } = await mix(connection, 7);
  await withoutLeak(async () => {
    const found = await connection.getNsids(atPaths(paths));
    assert.deepEqual(brief(found), answers);
    for (const [index, answer] of found.entries()) {
      if (typeof answer !== 'object' || answer === null) continue;
      assert.equal(answer.path, paths[index]);
      const byKernel = answer.code === 'EINVAL';
      assert.equal(answer.syscall, byKernel ? 'RTM_GETNSID' : 'open');
      if ('text' in answer) assert.equal(answer.text, 'Peer netns reference is invalid');
      assert.equal('text' in answer, byKernel);
    }
  });
  assert.deepEqual(brief(await connection.getNsids(atPaths(paths.toReversed()))), answers.toReversed());
});

test('three thousand paths', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const { paths, answers } = await mix(connection, 3000);
  await withoutLeak(async () => assert.deepEqual(brief(await connection.getNsids(atPaths(paths))), answers));
});

test('none, one, and around the number that goes together', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  assert.deepEqual(await connection.getNsids([]), []);
  const { paths } = await mix(connection, 2);
  for (const count of [1, 2, 127, 128, 129, 256]) {
    const chosen = Array.from({ length: count }, (_, index) => paths[index % 2] as string);
    const expected = chosen.map((_, index) => (index % 2 === 0 ? 100_000 : null));
    assert.deepEqual(await connection.getNsids(atPaths(chosen)), expected, String(count));
  }
});

test('only missing paths, which nothing is asked for', async (t) => {
  const connection = await connect(t);
  const answers = await connection.getNsids(atPaths(Array.from({ length: 300 }, () => '/missing')));
  assert.deepEqual(new Set(brief(answers)), new Set(['ENOENT']));
  assert.equal(answers.length, 300);
});

test('a relative path is meant from the working directory', async (t) => {
  const connection = await connect(t);
  const before = process.cwd();
  process.chdir('/proc/self');
  t.after(() => process.chdir(before));
  assert.deepEqual(await connection.getNsids(atPaths(['ns/net'])), [
    await connection.getNsid({ pid: process.pid }),
  ]);
});

test('a process that may open few files', async (t) => {
  freshTable(t);
  const { paths, answers } = await mix(await connect(t), 500);
  const asker = await Asker.start(t, 'sh', '-c', 'ulimit -n 40 && exec "$@"', 'sh');
  const found = (await asker.value('getNsids', [atPaths(paths)])) as (number | null | PlainError)[];
  assert.deepEqual(
    found.map((answer) => (typeof answer === 'object' && answer !== null ? answer.code : answer)),
    answers,
  );
});

test('one descriptor is enough; with none, each path that would need one has EMFILE', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const { paths, answers } = await mix(connection, 300);
  let found: NsidOrError[] = [];
  for (const left of [1, 2, 3, 100]) {
    await withDescriptorsLeft(left, async () => {
      found = await connection.getNsids(atPaths(paths));
    });
    assert.deepEqual(brief(found), answers, `${left} left`);
  }
  await withDescriptorsLeft(0, async () => {
    found = await connection.getNsids(atPaths(paths));
  });
  assert.deepEqual(new Set(brief(found)), new Set(['EMFILE']));
  assert.equal(found.length, 300);
});

// Fails if more is asked for than there is room for answers: those beyond are lost, and what waits
// for them waits for ever.
test('a small receive buffer is never overrun', async (t) => {
  const SOL_SOCKET = 1;
  const SO_RCVBUF = 8;
  freshTable(t);
  const { paths, answers } = await mix(await connect(t), 600);
  for (const bytes of [1, 4096, 10_000, 50_000]) {
    const system = {
      ...real,
      netlinkSocket(protocol: number) {
        const fd = real.netlinkSocket(protocol);
        check(real.setOption(fd, SOL_SOCKET, SO_RCVBUF, bytes), 'setsockopt');
        return fd;
      },
    };
    await using connection = await Connection.open({}, system);
    assert.deepEqual(brief(await connection.getNsids(atPaths(paths))), answers, `${bytes} bytes`);
  }
});

test('what is no array of paths is refused before any is opened', async (t) => {
  const { system, calls } = faulty(real, () => undefined);
  const connection = await Connection.open({}, system);
  t.after(() => connection.close());
  calls.length = 0;
  const refused = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT' };
  for (const references of [undefined, null, '/proc/self/ns/net', {}, new Set([{ path: '/dev/null' }])])
    await assert.rejects(connection.getNsids(references as never), {
      ...refused,
      message: /^references must be an array/,
    });
  for (const path of ['', 'a\0', 5, null, undefined]) {
    const paths = ['/proc/self/ns/net', path as string];
    await assert.rejects(connection.getNsids(atPaths(paths)), {
      ...refused,
      message: /^references\[1\]\.path must be/,
    });
  }
  for (const reference of [5, null, {}])
    await assert.rejects(connection.getNsids(['a', reference as never]), {
      ...refused,
      message: /^references\[1\] must be a name, \{ path \}/,
    });
  // An array with a gap: nothing is at its second place.
  const gap: string[] = ['a'];
  gap[2] = 'b';
  await assert.rejects(connection.getNsids(gap), { ...refused, message: /^references\[1\] must be a name/ });
  assert.deepEqual(calls, []);
});

test('after the close: refused, and nothing stays open', async () => {
  const refused = { name: 'NlinkError', code: 'ERR_NLINK_CLOSED' };
  const connection = await Connection.open();
  await connection.getNsids(atPaths(['/proc/self/ns/net']));
  connection.close();
  await withoutLeak(async () => {
    await assert.rejects(connection.getNsids(atPaths(['/proc/self/ns/net', '/missing'])), refused);
    const unused = await Connection.open();
    unused.close();
    await assert.rejects(unused.getNsids(atPaths(['/proc/self/ns/net'])), refused);
  });
});
