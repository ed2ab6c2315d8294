/** `nlink list --leaks`: what counts as one, and what is said of it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import type { HeldNamespace, Holder } from '../../../../src/netns/holders/holder-census.ts';
import { NlinkError } from '../../../../src/errors.ts';
import { listing } from '../../support/fake-connection.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { at, identity } from '../../support/lines.ts';

const holder = (pid: number, kind: Holder['kind'], owner: Holder['owner'] = null): Holder => ({
  pid,
  kind,
  comm: 'sleep',
  owner,
});

const since = BigInt(new FakeIo().now().getTime() - 100_000_000) * 1_000_000n;

/** One that is a day and some hours old. */
const held = (names: string[], holders: Holder[], inhabited = false): HeldNamespace => ({
  namespace: { ...identity, since },
  names: names.map((name) => at(name)),
  inhabited,
  holders,
});

function host(...all: HeldNamespace[]): FakeIo {
  const io = new FakeIo();
  io.host.held = all;
  return io;
}

const docker = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c' } as const;

const rows: [what: string, one: HeldNamespace, line: string | null][] = [
  ['a name alone', held(['blue'], []), 'blue net:[4026532178] 9007199254740993 1d its name alone'],
  [
    'two names alone',
    held(['a', 'b c'], []),
    'a, "b c" net:[4026532178] 9007199254740993 1d its names alone',
  ],
  ['a name, and somebody else who holds it', held(['blue'], [holder(7, 'descriptor')]), null],
  ['a name, and a process in it', held(['blue'], [], true), null],
  ['a process alone', held([], [], true), null],
  [
    'no name: held by a descriptor and a socket of one process',
    held([], [holder(7, 'descriptor'), holder(7, 'socket')]),
    '- net:[4026532178] 9007199254740993 1d a descriptor and a socket of PID 7 (sleep)',
  ],
  [
    'no name: held by several, one of a container',
    held([], [holder(7, 'inFlight'), holder(8, 'mount', docker)]),
    '- net:[4026532178] 9007199254740993 1d a descriptor in flight of PID 7 (sleep); a mount that PID 8 (sleep) of docker 4f797c539e6c sees',
  ],
];

for (const [what, one, line] of rows)
  test(what, async () => {
    const io = host(one);
    assert.equal(await run(['list', '--leaks'], io), line === null ? 0 : 1);
    if (line === null) assert.deepEqual([io.stdout.text, io.stderr.lines], ['', ['nlink: no leaks']]);
    else assert.equal(io.stdout.lines[1]?.replaceAll(/ +/g, ' '), line);
  });

test('as JSON, and what cannot be seen', async () => {
  const io = host(held(['blue'], []), held([], [holder(7, 'tun', docker)]));
  io.host.found.unseen.processes = 3;
  assert.equal(await run(['list', '--leaks', '--json'], io), 1);
  const [named, bare] = JSON.parse(io.stdout.text);
  assert.deepEqual(named.names, [at('blue')]);
  assert.deepEqual([named.age, named.holders, named.namespace.ino], [100_000, [], '4026532178']);
  assert.deepEqual(bare.holders, [{ kind: 'tun', pid: 7, comm: 'sleep', owner: docker }]);
  assert.deepEqual([named.complete, bare.complete], [false, false]);
  assert.match(io.stderr.text, /^nlink: not everything could be inspected, so what is listed may be in use/);
  const text = host(held(['blue'], []));
  text.host.found.unseen.processes = 3;
  await run(['list', '--leaks'], text);
  assert.match(text.stdout.lines[1] ?? '', /its name alone, as far as can be seen$/);
});

/** A host with these nsids, and processes in namespaces with some of them. */
function hostWithIds(assigned: number[], inhabited: Record<number, number>, ...all: HeldNamespace[]): FakeIo {
  const io = host(...all);
  io.connection.list = listing(...assigned);
  Object.assign(io.connection.nsids, inhabited);
  const groups = Object.keys(inhabited).map(Number);
  io.calls.identityAt = async () => null;
  io.calls.ownerOf = async () => null;
  io.calls.inhabitedNamespaces = async () => ({
    namespaces: new Map(
      groups.map((pid) => [
        pid,
        { inode: pid, own: false, stayed: false, count: 1, pids: [pid], threads: [] },
      ]),
    ),
    unseen: { processes: 0, hidden: false, outside: false },
    procfs: { path: '/proc', own: true, initial: true },
    inodeOf: (pid) => pid,
    loOnly: () => null,
  });
  return io;
}

test('an nsid that nothing leads to; not those of names, of what is held, of processes', async () => {
  const bare = { ...held([], [holder(7, 'tun')]), namespace: { ...identity, id: 5n, ino: 5n, since } };
  const io = hostWithIds([1, 2, 3, 4], { 70: 3 }, held(['blue'], [holder(7, 'tun')]), bare);
  io.connection.nsids[at('blue').path] = 1;
  io.connection.nsids['/proc/7/fd/5'] = 2;
  assert.equal(await run(['list', '--leaks'], io), 1);
  assert.deepEqual(
    io.stdout.lines.map((line) => line.replaceAll(/ +/g, ' ')),
    [
      'NAME NSID NAMESPACE ID AGE HELD BY',
      '- 2 net:[5] 5 1d a tun descriptor of PID 7 (sleep)',
      '- 4 unknown - - nothing that can be seen',
    ],
  );
  assert.ok(io.connection.closed);
  io.stdout.text = '';
  io.host.found.unseen.processes = 3;
  assert.equal(await run(['list', '--leaks'], io), 1);
  assert.match(io.stdout.lines.at(-1) ?? '', / may be in use: nothing that this user can see$/);
  io.stdout.text = '';
  await run(['list', '--leaks', '--json'], io);
  assert.deepEqual(JSON.parse(io.stdout.text)[1], {
    names: [],
    nsid: 4,
    namespace: null,
    age: null,
    holders: [],
    complete: false,
  });
});

test('an nsid whose namespace came during the walk, or got it then, or ended', async () => {
  const red = { ...held(['red'], [], true), namespace: { ...identity, id: 5n, ino: 5n, since } };
  const io = hostWithIds([1, 2, 3], {}, red);
  let walks = 0;
  const walk = io.host.census;
  const census: typeof walk = (directories, onLead) => {
    if (++walks === 2) io.host.held.push(held(['blue'], [], true));
    return walk(directories, onLead);
  };
  Object.assign(io.host, { census });
  io.connection.nsids[at('blue').path] = 1;
  io.connection.nsids[at('red').path] = () => (walks === 1 ? null : 2);
  let lists = 0;
  io.connection.list = () => listing(...(++lists < 3 ? [1, 2, 3] : [1, 2]));
  assert.equal(await run(['list', '--leaks'], io), 0);
  assert.deepEqual([walks, lists], [2, 3]);
});

test('without nsids: said, and the leaks all the same', async () => {
  const io = host(held(['blue'], []));
  Object.assign(io, {
    openConnection: async () => {
      throw new NlinkError('ERR_NLINK_NETLINK_UNAVAILABLE', 'netlink sockets are forbidden');
    },
  });
  assert.equal(await run(['list', '--leaks'], io), 1);
  assert.match(io.stderr.lines[0] ?? '', /^nlink: nsids are not available: netlink sockets are forbidden/);
});

test('an ordinary user: no name is a leak in which he can tell that there are processes of others', async () => {
  const red = { ...held(['red'], []), namespace: { ...identity, id: 5n, ino: 5n, since } };
  const io = hostWithIds([1], { 70: 1 }, held(['blue'], []), red);
  io.connection.nsids[at('blue').path] = 1;
  io.connection.nsids[at('red').path] = null;
  io.host.found.unseen.processes = 3;
  assert.equal(await run(['list', '--leaks'], io), 1);
  assert.deepEqual(
    io.stdout.lines.map((line) => line.split(' ')[0]),
    ['NAME', 'red'],
  );
});

test('not with what lists other things', async () => {
  for (const words of [['--all'], ['--names'], ['--format', 'ip'], ['blue']])
    assert.equal(await run(['list', '--leaks', ...words], new FakeIo()), 2);
});
