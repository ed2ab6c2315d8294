/** `nlink list` over a process made of arguments: what a real host cannot be brought to. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { list } from '../../../../src/cli/commands/list/list.ts';
import { run } from '../../../../src/cli/run.ts';
import type { ProcessesByNamespace } from '../../../../src/netns/processes/processes-by-namespace.ts';
import { NlinkError } from '../../../../src/errors.ts';
import type { NamespaceEntry } from '../../../../src/netns/names/entry.ts';
import type { NamespaceId } from '../../../../src/netns/identity/identity.ts';
import { listing, OWN } from '../../support/fake-connection.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { givenBy } from '../../support/given.ts';
import { verdictOf } from '../../support/verdict.ts';

const DIRECTORY = '/run/netns';
const namespace = (number: number, id: number | null = number): NamespaceId => ({
  id: id === null ? null : BigInt(id),
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
const stale = (name: string, reason: 'not-a-namespace' | 'no-permission'): NamespaceEntry => ({
  name,
  path: `${DIRECTORY}/${name}`,
  ready: false,
  namespace: null,
  reason,
});
const census = (counts: Record<number, number[]>, complete = true): ProcessesByNamespace => ({
  namespaces: new Map(
    Object.entries(counts).map(([number, pids]) => {
      const { dev, ino } = namespace(Number(number));
      return [ino, { dev, ino, pids }];
    }),
  ),
  complete,
  unseen: () => ({ processes: complete ? 0 : 3, hidden: false, outside: false }),
  procfs: { path: '/proc', own: true, initial: true },
});

/** A host whose own namespace is number 1. */
function host(namespaces: NamespaceEntry[], processes: ProcessesByNamespace = census({ 1: [1, 2] })): FakeIo {
  const io = new FakeIo();
  io.namespaces = namespaces;
  io.calls.identityAt = async (path) => {
    if (path === OWN) return namespace(1);
    for (const { ino, pids } of processes.namespaces.values())
      if (path === `/proc/${pids[0]}/ns/net`) return namespace(Number(ino) - 4026530000);
    return null;
  };
  io.calls.processesByNamespace = async () => processes;
  io.calls.threadsByNamespace = async () => new Map();
  io.calls.ownerOf = async () => null;
  return io;
}

async function listed(io: FakeIo, ...words: string[]): Promise<{ out: string[]; err: string[] }> {
  assert.equal(await list(givenBy('list', '-d', DIRECTORY, ...words), io), 0);
  return { out: io.stdout.lines, err: io.stderr.lines };
}

test('names, ids, processes, one without a name that is seen by a process, one that is not', async () => {
  const io = host([ready('blue', 10), ready('home', 1)], census({ 1: [1, 2, 3], 10: [7], 20: [8, 9] }));
  io.connection.list = listing(3, 4, 5);
  io.connection.nsids = {
    [OWN]: null,
    [`${DIRECTORY}/blue`]: 3,
    [`${DIRECTORY}/home`]: null,
    '8': 5,
  };
  assert.deepEqual(await listed(io), {
    out: [
      'NAME  NSID  NAMESPACE         ID  PROCESSES',
      'blue     3  net:[4026530010]  10          1',
      'home     -  net:[4026530001]   1          3  (this namespace)',
      '-        4  -                  -          -',
      '-        5  net:[4026530020]  20          2',
    ],
    err: [],
  });
  assert.ok(io.connection.closed);
});

test('owners: of the first process in each; a column where there are any, and fields', async () => {
  const io = host([ready('blue', 10), ready('idle', 11), ready('home', 1)], census({ 1: [1], 10: [7, 8] }));
  io.connection.nsids = Object.fromEntries(
    [OWN, ...['blue', 'idle', 'home'].map((name) => `${DIRECTORY}/${name}`)].map((path) => [path, null]),
  );
  io.calls.ownerOf = async ([pid]) =>
    pid === 1
      ? { kind: 'scope', name: 'init.scope', id: null }
      : { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' };
  const { out } = await listed(io);
  assert.deepEqual(out, [
    'NAME  NSID  NAMESPACE         ID  PROCESSES  OWNER',
    'blue     -  net:[4026530010]  10          2  docker 4f797c539e6c',
    'idle     -  net:[4026530011]  11          0  -',
    'home     -  net:[4026530001]   1          1  init.scope           (this namespace)',
  ]);
  io.stdout.text = '';
  const json = await listed(io, '--json');
  assert.deepEqual(
    JSON.parse(json.out.join('')).map(({ owner }: { owner: unknown }) => owner),
    [
      { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' },
      null,
      { kind: 'scope', name: 'init.scope', id: null },
    ],
  );
  io.stdout.text = '';
  io.calls.ownerOf = () => assert.fail('looked for');
  assert.doesNotMatch((await listed(io, '--no-processes')).out[0] ?? '', /OWNER/);
});

test('without kernel ids there is no column for them; without processes none for these', async () => {
  const io = host([{ ...ready('blue', 10), namespace: namespace(10, null) } as NamespaceEntry]);
  io.connection.list = listing(2147483647);
  io.connection.nsids = { [OWN]: null, [`${DIRECTORY}/blue`]: 2147483647 };
  const { out } = await listed(io, '--no-processes');
  assert.deepEqual(out, ['NAME        NSID  NAMESPACE', 'blue  2147483647  net:[4026530010]']);
});

test('no ids to be had: said, and the names all the same', async () => {
  const io = host([ready('blue', 10)]);
  Object.assign(io, {
    openConnection: async () => {
      throw new NlinkError('ERR_NLINK_NETLINK_UNAVAILABLE', 'netlink sockets are forbidden');
    },
  });
  const { out, err } = await listed(io);
  assert.deepEqual(out.slice(1), ['blue     -  net:[4026530010]  10          0']);
  assert.deepEqual(err, ['nlink: nsids are not available: netlink sockets are forbidden']);
});

test('ids that may not be all, a name that could not be asked for, processes that may not be looked at: notes', async () => {
  const io = host([ready('blue', 10), ready('a\nb', 11)], census({ 1: [1] }, false));
  io.connection.list = { ...listing(3), complete: false, reason: 'dump-truncated' };
  io.connection.nsids = {
    [OWN]: null,
    [`${DIRECTORY}/blue`]: 3,
    [`${DIRECTORY}/a\nb`]: Object.assign(new Error('EMFILE: open'), { code: 'EMFILE' }),
  };
  const { out, err } = await listed(io, '--verbose');
  assert.match(err[0] ?? '', /^nlink: cannot read the nsid of "a\\nb": EMFILE/);
  assert.match(err[1] ?? '', /^nlink: there may be more nsids than these \(dump-truncated\)/);
  assert.match(err[2] ?? '', /process counts may be low: this user may not inspect 3 processes \(root/);
  assert.equal(err.length, 3);
  assert.deepEqual(
    out.slice(1).map((line) => line.trimEnd().split(/ +/).at(-1)),
    ['0+', '0+'],
  );
  io.stderr.text = '';
  assert.equal((await listed(io)).err.length, 2);
});

test('names that are not ready: the reason beside each, what to do once for each reason', async () => {
  const io = host([
    stale('x', 'not-a-namespace'),
    stale('y', 'not-a-namespace'),
    stale('z', 'not-a-namespace'),
  ]);
  io.verdicts.set(`${DIRECTORY}/z`, verdictOf('no-propagation'));
  const { out, err } = await listed(io);
  assert.deepEqual(out.slice(1), [
    'x     not ready (not-a-namespace): a file on which no namespace is mounted',
    'y     not ready (not-a-namespace): a file on which no namespace is mounted',
    'z     not ready (no-propagation): mounted in the mount namespace of PID 4711 (sleep), whose mounts do not propagate here',
  ]);
  assert.equal(err.length, 2);
  assert.match(err[0] ?? '', /nlink delete \/run\/netns\/x removes it$/);
  assert.match(err[1] ?? '', /rslave.*HostToContainer/);
});

test('a process that has ended since it was counted: its namespace is not taken for another', async () => {
  const io = host([], census({ 1: [1], 20: [8] }));
  const { identityAt } = io.calls;
  io.connection.list = listing(5);
  io.connection.nsids = { [OWN]: null, '8': 5 };
  // Its number is another process's by now.
  io.calls.identityAt = async (path) => (path === OWN ? identityAt(path) : namespace(40));
  const { out } = await listed(io);
  assert.deepEqual(out.slice(1), ['-        5  -                  -']);
});

test('the own namespace without a name, by its id', async () => {
  const io = host([], census({ 1: [1, 2] }));
  io.connection.list = listing(5);
  io.connection.nsids = { [OWN]: 5 };
  const { out } = await listed(io, '--json');
  assert.deepEqual(JSON.parse(out.join('')), [
    {
      name: null,
      nsid: 5,
      own: true,
      namespace: { id: '1', dev: '4', ino: '4026530001', since: '1' },
      processes: 2,
      processesComplete: true,
      byThread: null,
      owner: null,
    },
  ]);
});

test('to a terminal names of ip are escaped, and colours are there', async () => {
  const io = host([]);
  io.stdout.isTTY = true;
  io.calls.entriesOf = async () => [Buffer.from('a\x1b[2J'), Buffer.from([0xff])];
  io.connection.nsids = { [`${DIRECTORY}/a\x1b[2J`]: 3 };
  assert.deepEqual((await listed(io, '--format', 'ip')).out, ['a\\x1b[2J (id: 3)', '\\xff']);
  io.stdout.text = '';
  io.namespaces = [ready('home', 1), stale('x', 'no-permission')];
  const { out } = await listed(io);
  assert.ok(out[1]?.includes('\x1b[36m(this namespace)'), out[1]);
  assert.ok(out[2]?.includes('\x1b[33mnot ready (no-permission)'), out[2]);
});

test('where something was not seen none is null, and some are at least so many', async () => {
  const io = host([ready('blue', 10), ready('red', 11)], census({ 1: [1], 10: [7] }, false));
  io.connection.list = listing();
  const { out } = await listed(io, '--json');
  const rows = JSON.parse(out.join('')) as { processes: number | null; processesComplete: boolean }[];
  assert.deepEqual(
    rows.map(({ processes, processesComplete }) => [processes, processesComplete]),
    [
      [1, false],
      [null, false],
    ],
  );
  io.stdout.text = '';
  const columns = (await listed(io)).out.slice(1).map((line) => line.split(/ +/).at(-1));
  assert.deepEqual(columns, ['1+', '0+']);
});

test('no process, but a thread: not taken for empty', async () => {
  const io = host([ready('blue', 10), ready('red', 11), ready('home', 1)]);
  io.calls.threadsByNamespace = async (wanted, proc) => {
    assert.deepEqual([wanted.map(({ ino }) => ino), proc], [[4026530010n, 4026530011n], '/proc']);
    return new Map([[4026530010n, [77]]]);
  };
  const { out } = await listed(io);
  assert.match(out[1] ?? '', / 0  \(a thread of one process: pids --threads\)$/);
  assert.match(out[2] ?? '', / 0$/);
});

test('a procfs that numbers processes otherwise: ids are asked for by paths in it, never by its numbers', async () => {
  const processes = {
    ...census({ 1: [1], 20: [8] }),
    procfs: { path: '/host/proc', own: false, initial: true },
  };
  const io = host([], processes);
  const { identityAt } = io.calls;
  io.calls.procOption = async (path) => path;
  io.calls.processesByNamespace = async (proc) => {
    assert.equal(proc, '/host/proc');
    return processes;
  };
  io.calls.identityAt = (path) => identityAt(path.replace(/^\/host\/proc\/(\d+)/, '/proc/$1'));
  io.connection.list = listing(5);
  // 8 is the number of another process here.
  io.connection.nsids = { [OWN]: null, '8': 3, '/host/proc/8/ns/net': 5 };
  const { out } = await listed(io, '--proc', '/host/proc');
  assert.deepEqual(out.slice(1), ['-        5  net:[4026530020]  20          1']);
});

test('--names: those of the first directory, others as paths; only ready ones; as bytes', async () => {
  const io = host([ready('blue', 10), stale('old', 'not-a-namespace'), ready('a\nb', 11)]);
  assert.deepEqual((await listed(io, '--names')).out, ['blue', 'old', '"a\\nb"']);
  io.stdout.text = '';
  assert.deepEqual((await listed(io, '--names', '--ready', '-d', '/run/other')).out, [
    'blue',
    '"a\\nb"',
    '/run/netns/blue',
    '"/run/netns/a\\nb"',
  ]);
  io.stdout.text = '';
  await listed(io, '--names', '--null');
  assert.equal(io.stdout.text, 'blue\0old\0a\nb\0');
});

test('a directory that was given and is not there is said, in every form; --quiet says nothing', async () => {
  for (const form of [[], ['--json'], ['--names'], ['--format', 'ip'], ['-d', '/run/other']]) {
    const io = host([]);
    io.connection.list = listing(4);
    io.calls.entriesOf = async () => [];
    io.calls.isMissing = async (path) => path === DIRECTORY;
    assert.equal(await run(['list', '-d', DIRECTORY, ...form], io), 0);
    assert.deepEqual(io.stderr.lines, [`nlink: ${DIRECTORY} does not exist`], form.join(' '));
    io.stderr.text = '';
    await run(['list', '-q', '-d', DIRECTORY, ...form], io);
    assert.equal(io.stderr.text, '');
  }
});

test('--quiet: errors are still printed', async () => {
  const io = host([ready('blue', 10)]);
  io.connection.list = { ...listing(3), complete: false, reason: 'dump-truncated' };
  const fault = Object.assign(new Error('EMFILE: open'), { code: 'EMFILE' });
  io.connection.nsids = { [OWN]: null, [`${DIRECTORY}/blue`]: fault };
  const { err } = await listed(io);
  assert.deepEqual(
    err.map((line) => line.split(' ')[1]),
    ['cannot', 'there'],
  );
  io.stderr.text = '';
  assert.equal(await run(['-q', 'list', '-d', DIRECTORY], io), 0);
  assert.deepEqual(io.stderr.lines, ['nlink: cannot read the nsid of blue: EMFILE: open']);
  io.stderr.text = '';
  assert.equal(await run(['list', '-q', '--format', 'xml'], io), 2);
  assert.match(io.stderr.text, /^nlink: --format must be columns or ip/);
});

test('GLOB: the names that match, and nothing without a name', async () => {
  for (const [words, expected] of [
    [['web-*'], ['web-1', 'web-2']],
    [
      ['db', '*-2'],
      ['web-2', 'db'],
    ],
    [['nothing'], []],
    [[], ['web-1', 'web-2', 'db', null]],
  ] as const) {
    const io = host([ready('web-1', 2), ready('web-2', 3), ready('db', 4)], census({ 1: [1] }));
    io.connection.list = listing(9);
    assert.equal(await run(['list', '--json', '-d', DIRECTORY, ...words], io), 0);
    const rows = JSON.parse(io.stdout.text) as { name: string | null }[];
    assert.deepEqual(
      rows.map(({ name }) => name),
      expected,
    );
    const names = host([ready('web-1', 2), ready('web-2', 3), ready('db', 4)]);
    assert.equal(await run(['list', '--names', '-d', DIRECTORY, ...words], names), 0);
    assert.deepEqual(
      names.stdout.lines,
      expected.filter((name) => name !== null),
    );
  }
  const none = host([ready('db', 4)]);
  assert.equal(await run(['list', '-d', DIRECTORY, 'x*'], none), 0);
  assert.deepEqual([none.stdout.text, none.stderr.text], ['', `nlink: no matching names in ${DIRECTORY}\n`]);
});

test('GLOB with --format ip', async () => {
  const io = host([]);
  io.calls.entriesOf = async () => ['web-1', 'db', 'web-2'].map((name) => Buffer.from(name));
  assert.equal(await run(['list', '--format', 'ip', 'web-?'], io), 0);
  assert.deepEqual(io.stdout.lines, ['web-1', 'web-2']);
});
