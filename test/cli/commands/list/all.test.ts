/** `nlink list --all` over groups of processes made of arguments. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { list } from '../../../../src/cli/commands/list/list.ts';
import type { InhabitedNamespaces } from '../../../../src/cli/host/library-calls.ts';
import { NlinkError } from '../../../../src/errors.ts';
import type { Numbered } from '../../../../src/netlink/common-numbers.ts';
import type { NamespaceId } from '../../../../src/netns/identity/identity.ts';
import type { NamespaceEntry } from '../../../../src/netns/names/entry.ts';
import type { ProcessOwner } from '../../../../src/netns/processes/process-owner.ts';
import { listing, OWN } from '../../support/fake-connection.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { givenBy } from '../../support/given.ts';

const DIRECTORY = '/run/netns';
const namespace = (number: number): NamespaceId => ({
  id: BigInt(number),
  dev: 4n,
  ino: BigInt(4026530000 + number),
  since: BigInt(number),
});
const ready = (name: string, number: number): NamespaceEntry => ({
  name,
  path: `${DIRECTORY}/${name}`,
  ready: true,
  namespace: namespace(number),
});

/** Who is in a namespace of this number. */
interface Inside {
  pids?: number[];
  tids?: number[];
  /** Whether its processes may be looked at. */
  seen?: boolean;
  /** Undefined: it cannot be asked for. */
  nsid?: number | null | undefined;
  loOnly?: boolean | null;
  owner?: ProcessOwner;
}

const service: ProcessOwner = { kind: 'service', name: 'a.service', id: null };
const docker: ProcessOwner = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' };

/** A host whose own namespace is number 1, of which an ordinary user may look at his processes. */
function host(names: NamespaceEntry[], inside: Record<number, Inside>): FakeIo {
  const io = new FakeIo();
  io.namespaces = names;
  for (const { path } of names) io.connection.nsids[path] = null;
  const groups = Object.entries(inside).map(([number, { pids = [], tids = [], ...rest }]) => ({
    ...{ nsid: null, seen: false, loOnly: false, ...rest },
    namespace: namespace(Number(number)),
    group: {
      inode: Number(number),
      own: number === '1',
      stayed: false,
      count: pids.length,
      pids,
      threads: tids.map((tid) => ({ pid: 2, tid })),
    },
  }));
  const of = (pid: number): (typeof groups)[number] | undefined =>
    groups.find(({ group }) => group.pids.includes(pid) || group.threads.some(({ tid }) => tid === pid));
  for (const { group, nsid } of groups)
    for (const pid of [...group.pids, ...group.threads.map(({ tid }) => tid)])
      if (nsid !== undefined) io.connection.nsids[pid] = nsid;
  const found: InhabitedNamespaces = {
    namespaces: new Map(groups.map(({ group }) => [group.inode, group])),
    unseen: { processes: 0, hidden: false, outside: false },
    procfs: { path: '/proc', own: true, initial: true },
    inodeOf: (pid) => of(pid)?.group.inode ?? null,
    loOnly: (pid) => of(pid)?.loOnly ?? null,
  };
  io.calls.inhabitedNamespaces = async () => found;
  io.calls.processesByNamespace = () => assert.fail('counted');
  io.calls.ownerOf = async ([pid = 0]) => of(pid)?.owner ?? null;
  io.calls.identityAt = async (path) => {
    if (path === OWN) return namespace(1);
    const named = names.find((name) => name.path === path);
    if (named !== undefined) return named.namespace;
    const one = of(Number(/^\/proc\/(\d+)\/ns\/net$/.exec(path)?.[1]));
    return one?.seen === true ? one.namespace : null;
  };
  io.calls.commonNumbers = async (references) =>
    references.map((reference) => {
      if ('pid' in reference) return Number(of(reference.pid)?.namespace.id);
      return Number(names.find(({ path }) => path === reference.path)?.namespace?.id);
    });
  return io;
}

async function listed(io: FakeIo, ...words: string[]): Promise<string[]> {
  io.stdout.text = '';
  assert.equal(await list(givenBy('list', '-d', DIRECTORY, '--all', ...words), io), 0);
  return io.stdout.lines.slice(1);
}

async function rowsOf(io: FakeIo): Promise<Record<string, unknown>[]> {
  io.stdout.text = '';
  assert.equal(await list(givenBy('list', '-d', DIRECTORY, '--all', '--json'), io), 0);
  return JSON.parse(io.stdout.text) as Record<string, unknown>[];
}

const forbidden = async (): Promise<never> => {
  throw new NlinkError('ERR_NLINK_NO_USER_NAMESPACE', 'user namespaces are forbidden');
};

test('all that may be looked at: told by identity, and no table is made', async () => {
  const io = host([ready('blue', 10), ready('idle', 11)], {
    1: { pids: [1, 2], seen: true },
    10: { pids: [7], seen: true },
    20: { pids: [8, 9], seen: true, owner: docker },
    30: { pids: [11], seen: true, nsid: 5 },
  });
  io.calls.commonNumbers = () => assert.fail('made');
  io.connection.list = listing(4, 5);
  io.connection.nsids[OWN] = null;
  assert.deepEqual(await listed(io), [
    'blue     -  net:[4026530010]  10          1    7  -',
    'idle     -  net:[4026530011]  11          0    -  -',
    '-        4  -                  -          -    -  -',
    '-        5  net:[4026530030]  30          1   11  -',
    '-        -  net:[4026530001]   1          2    1  -                    (this namespace)',
    '-        -  net:[4026530020]  20          2    8  docker 4f797c539e6c',
  ]);
});

test('processes of others: whose name is theirs is told by a table of numbers', async () => {
  const io = host([ready('blue', 10), ready('azure', 10), ready('idle', 11)], {
    1: { pids: [1], seen: true },
    10: { pids: [7] },
    20: { pids: [8, 9] },
  });
  const asked: (readonly Numbered[])[] = [];
  const { commonNumbers } = io.calls;
  io.calls.commonNumbers = (references) => {
    asked.push(references);
    return commonNumbers(references);
  };
  assert.deepEqual(await listed(io, '-v'), [
    'blue      -  net:[4026530010]  10          1    7',
    'azure     -  net:[4026530010]  10          1    7',
    'idle      -  net:[4026530011]  11          0    -',
    '-         -  net:[4026530001]   1          1    1  (this namespace)',
    '-         -  -                  -          2    8',
  ]);
  assert.deepEqual(asked, [
    [{ path: `${DIRECTORY}/blue` }, { path: `${DIRECTORY}/idle` }, { pid: 7 }, { pid: 8 }, { pid: 9 }],
  ]);
  assert.deepEqual(io.stderr.lines, []);
});

test('without a table: told where an nsid tells it, and else it is said that nobody knows', async () => {
  const io = host([ready('blue', 10), ready('five', 11)], {
    1: { pids: [1], seen: true },
    10: { pids: [7] },
    11: { pids: [6], nsid: 5 },
    20: { pids: [8] },
    21: { pids: [9], nsid: 6 },
  });
  io.calls.commonNumbers = forbidden;
  io.connection.list = listing(5, 6);
  io.connection.nsids[`${DIRECTORY}/five`] = 5;
  assert.deepEqual(await listed(io, '--verbose'), [
    'blue     -  net:[4026530010]  10         0+    -',
    'five     5  net:[4026530011]  11          1    6',
    '-        6  -                  -          1    9',
    '-        -  net:[4026530001]   1          1    1  (this namespace)',
    '?        -  -                  -          1    7',
    '?        -  -                  -          1    8',
  ]);
  assert.deepEqual(io.stderr.lines, [
    'nlink: of 2 namespaces it is not known whether they have one of these names: user namespaces are forbidden',
  ]);
  const rows = await rowsOf(io);
  assert.deepEqual(
    rows.map(({ name, mayBeNamed, pids }) => [name, mayBeNamed, pids]),
    [
      ['blue', undefined, []],
      ['five', undefined, [6]],
      [null, false, [9]],
      [null, false, [1]],
      [null, true, [7]],
      [null, true, [8]],
    ],
  );
});

test('an nsid that a name got meanwhile tells nothing: a table does', async () => {
  const io = host([ready('blue', 10), ready('red', 11)], { 10: { pids: [7], nsid: 5 }, 11: { pids: [8] } });
  let asked = 0;
  io.connection.list = listing(3);
  io.connection.nsids[`${DIRECTORY}/blue`] = () => (asked++ === 0 ? null : 5);
  assert.deepEqual(await listed(io), [
    'blue     -  net:[4026530010]  10          1    7',
    'red      -  net:[4026530011]  11          1    8',
    '-        3  -                  -          -    -',
  ]);
  assert.equal(asked, 2);
});

test('no name that could be theirs: no table is made', async () => {
  const io = host([ready('home', 1)], { 1: { pids: [1], seen: true }, 20: { pids: [8] } });
  io.calls.commonNumbers = () => assert.fail('made');
  assert.deepEqual(await listed(io), [
    'home     -  net:[4026530001]   1          1    1  (this namespace)',
    '-        -  -                  -          1    8',
  ]);
});

test('a process that has moved since the scan answers for nobody, and its namespace is left out', async () => {
  const io = host([ready('blue', 10)], { 10: { pids: [7] }, 20: { pids: [8, 9], loOnly: true, nsid: 5 } });
  const found = await io.calls.inhabitedNamespaces('/proc');
  // Where the first two are by now.
  Object.assign(io.connection.nsids, { '7': 6, '8': 6 });
  io.calls.inhabitedNamespaces = async () => ({ ...found, inodeOf: (pid) => (pid === 9 ? 20 : 77) });
  const [blue, other, ...more] = await rowsOf(io);
  assert.deepEqual([blue?.['processes'], blue?.['processesComplete']], [0, true]);
  assert.deepEqual([other?.['nsid'], other?.['loOnly'], other?.['mayBeNamed']], [5, true, false]);
  assert.deepEqual(more, []);
});

test('a name that was replaced while it was numbered is not known by its number', async () => {
  const io = host([ready('blue', 10), ready('red', 11)], { 11: { pids: [7] }, 20: { pids: [8] } });
  const { identityAt } = io.calls;
  // What is numbered is the one that came in its place.
  io.calls.commonNumbers = async () => [11, 77, 11, 20];
  io.calls.identityAt = async (path) => (path.endsWith('/blue') ? namespace(11) : identityAt(path));
  assert.deepEqual(
    (await rowsOf(io)).map(({ name, processes, mayBeNamed }) => [name, processes, mayBeNamed]),
    [
      ['blue', null, undefined],
      ['red', 0, undefined],
      [null, 1, true],
      [null, 1, true],
    ],
  );
});

test('a namespace of so many processes that not each is known is not left out', async () => {
  const io = host([ready('blue', 10)], { 10: { pids: [7] } });
  const found = await io.calls.inhabitedNamespaces('/proc');
  const [group] = found.namespaces.values();
  assert.ok(group !== undefined);
  const namespaces = new Map([[10, { ...group, count: 17 }]]);
  io.calls.inhabitedNamespaces = async () => ({ ...found, namespaces, inodeOf: () => null });
  const [blue, other] = await rowsOf(io);
  assert.deepEqual([blue?.['processes'], blue?.['processesComplete']], [null, false]);
  assert.deepEqual([other?.['processes'], other?.['mayBeNamed']], [17, true]);
});

test('a procfs with other numbers: none is given to the kernel', async () => {
  const io = host([ready('blue', 10)], { 10: { pids: [7] } });
  const found = await io.calls.inhabitedNamespaces('/proc');
  io.calls.procOption = async (path) => path;
  io.calls.inhabitedNamespaces = async (proc) => ({
    ...found,
    procfs: { path: proc, own: false, initial: true },
  });
  io.calls.commonNumbers = () => assert.fail('made');
  const lines = await listed(io, '--proc', '/host/proc', '-v');
  assert.deepEqual(lines.at(-1), '?        -  -                  -          1    7');
  assert.match(io.stderr.text, /one namespace .*: \/host\/proc numbers processes otherwise/);
  assert.ok(!io.connection.asked.includes('pid 7'));
});

test('a thread alone counts as somebody', async () => {
  const io = host([ready('blue', 10)], { 10: { tids: [78] }, 20: { tids: [79], loOnly: true } });
  assert.deepEqual(await listed(io), [
    'blue     -  net:[4026530010]  10          0   78  (a thread of one process: pids --threads)',
    '-        -  -                  -          0   79  (a thread of one process: pids --threads)',
  ]);
});

test('what was not seen: counts may be low', async () => {
  const io = host([ready('blue', 10)], { 10: { pids: [7], seen: true } });
  const found = await io.calls.inhabitedNamespaces('/proc');
  io.calls.inhabitedNamespaces = async () => ({
    ...found,
    unseen: { processes: 0, hidden: true, outside: false },
  });
  assert.match((await listed(io, '-v'))[0] ?? '', / 1\+ +7$/);
  assert.match(io.stderr.text, /process counts may be low: \/proc hides processes/);
});

test('sandboxes are folded into the last line, and shown where they are wanted', async () => {
  const sandbox = { seen: true, loOnly: true };
  const firejail: ProcessOwner = { kind: 'firejail', name: '40', id: '40' };
  const io = host([ready('named', 10)], {
    1: { pids: [1], ...sandbox },
    10: { pids: [7], ...sandbox },
    20: { pids: [20], ...sandbox, owner: service },
    21: { pids: [21], ...sandbox, owner: service },
    22: { pids: [22], ...sandbox, owner: firejail },
    23: { pids: [23], ...sandbox },
    // None: a container, with an nsid, with an interface, not known, with a thread alone.
    30: { pids: [30], ...sandbox, owner: docker },
    31: { pids: [31], ...sandbox, nsid: 3 },
    32: { pids: [32], seen: true, owner: service },
    33: { pids: [33], seen: true, loOnly: null },
    34: { tids: [34], ...sandbox },
  });
  io.connection.list = listing(3);
  const pidsOf = (lines: readonly string[]): (string | undefined)[] =>
    lines.map((line) => /\] +\d+ +\d+ +(\d+)/.exec(line)?.[1]);
  const folded = await listed(io);
  assert.deepEqual(pidsOf(folded), ['7', '31', '1', '30', '32', '33', '34', undefined]);
  assert.equal(
    folded.at(-1),
    '4 sandboxes with nothing but lo (firejail 1, services 2, others 1): --sandboxes shows them',
  );
  const all = await listed(io, '--sandboxes');
  assert.deepEqual(pidsOf(all), ['7', '31', '1', '20', '21', '22', '23', '30', '32', '33', '34']);
  assert.equal((await rowsOf(io)).length, all.length);
});

test('one sandbox, and nothing else', async () => {
  const io = host([], { 23: { pids: [23], loOnly: true } });
  assert.deepEqual(await listed(io), ['1 sandbox with nothing but lo (others 1): --sandboxes shows it']);
});

test('fields of a row', async () => {
  const io = host([], { 20: { pids: [8], loOnly: true, owner: service } });
  assert.deepEqual(await rowsOf(io), [
    {
      name: null,
      nsid: null,
      own: false,
      namespace: null,
      processes: 1,
      processesComplete: true,
      byThread: 0,
      owner: service,
      pids: [8],
      loOnly: true,
      mayBeNamed: false,
    },
  ]);
});
