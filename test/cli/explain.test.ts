/** `nlink explain` over a host that the test holds: which namespace is meant, and what is printed of it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../src/cli/run.ts';
import { NlinkError } from '../../src/errors.ts';
import { systemError } from '../../src/sys/errno.ts';
import { listing } from './fake-connection.ts';
import { FakeIo } from './fake-io.ts';
import { verdictOf } from './verdict.ts';
import { identity, listed } from './lines.ts';

const DIRECTORY = '/run/netns';
const blue = `${DIRECTORY}/blue`;
/** Local time, as it is printed: which day depends on where. */
const SINCE = '2024-11-2[34]';

/** `blue`, which has the id 5, a second name and a process. */
function host(): FakeIo {
  const io = new FakeIo();
  io.namespaces = [
    { ...listed('blue'), ready: true, namespace: identity },
    { ...listed('my net'), ready: true, namespace: { ...identity, since: 5n } },
    { ...listed('red'), ready: true, namespace: { ...identity, id: 7n } },
    { ...listed('stale'), ready: false, namespace: null, reason: 'not-a-namespace' },
  ];
  io.connection.nsids = { [blue]: 5, '/proc/4711/ns/net': 5 };
  io.host.paths.set(blue, identity).set('/proc/4711/ns/net', identity);
  return io;
}

const explain = (io: FakeIo, ...words: string[]): Promise<number> =>
  run(['explain', '-d', DIRECTORY, ...words], io);

test('everything of it, in columns, escaped', async () => {
  const io = host();
  const at = { pid: 99, fd: 7, comm: 'a\x1b[2J' };
  io.host.found = {
    ...io.host.found,
    processes: [
      { pid: 4711, comm: 'sleep', uid: 0, command: ['sleep', '100'], threads: [] },
      { pid: 12, comm: 'k', uid: 1000, command: [], threads: [13, 14] },
      { pid: 5, comm: 'long', uid: null, command: ['x'.repeat(50), 'y\n'.repeat(20)], threads: [6] },
    ],
    descriptors: [
      { ...at, pathOnly: false },
      { ...at, pid: 1000, fd: 12, pathOnly: true },
    ],
    mounts: [
      { id: 1, mountNamespace: 4026531832n, mountPoint: blue, pid: 1, comm: 'systemd' },
      { id: 2, mountNamespace: null, mountPoint: '/x y', pid: 20, comm: 'sh' },
    ],
    sockets: [
      { ...at, kind: 'socket', inode: 123n },
      { ...at, kind: 'tun', inode: null },
    ],
    watches: [{ ...at, kind: 'inotify' }],
  };
  assert.equal(await explain(io, 'blue'), 0);
  const [first, names, since, ...rest] = io.stdout.lines;
  assert.equal(first, 'net:[4026532178]  id 9007199254740993  nsid 5');
  assert.equal(names, '  names  /run/netns/blue, "/run/netns/my net"');
  assert.match(since ?? '', new RegExp(`^  since  ${SINCE} \\d\\d:\\d\\d:00$`));
  assert.deepEqual(rest, [
    '  owner  user:[4026531837], made by root',
    'What keeps it alive:',
    '  3 processes in it',
    '    4711  root  sleep 100',
    '      12  1000  k                                                             with threads 13, 14 alone',
    `       5  ?     ${'x'.repeat(50)} y\\ny\\ny\\n…  with thread 6 alone`.replace(
      'y\\ny\\ny\\n…',
      'y\\ny\\ny\\…',
    ),
    '  2 open descriptors',
    '      99  "a\\x1b[2J"  fd 7',
    '    1000  "a\\x1b[2J"  fd 12  O_PATH',
    '  2 mounts',
    '    /run/netns/blue  in mnt:[4026531832], that of   1  systemd',
    '    "/x y"           in the mount namespace of     20  sh',
    '  2 sockets of processes elsewhere',
    '    99  "a\\x1b[2J"  fd 7  socket:[123]',
    '    99  "a\\x1b[2J"  fd 7  /dev/net/tun',
    '  1 watch on its file',
    '    99  "a\\x1b[2J"  fd 7  inotify',
  ]);
  assert.equal(io.stderr.text, '');
  assert.ok(io.connection.closed);
});

test('what could not be looked at, each with what it takes', async () => {
  const io = host();
  io.host.found.unseen = { processes: 12, sockets: 1, mounts: 2, hidden: true, outside: true };
  assert.equal(await explain(io, 'blue'), 0);
  assert.deepEqual(io.stdout.lines.slice(3), [
    'What keeps it alive:',
    '  nothing that can be seen; it may have ended meanwhile',
    'Not looked at, so that there may be more:',
    '  12 processes that this user may not look into: takes CAP_SYS_PTRACE and all capabilities that they have',
    '  the namespaces of 1 socket: takes the right to trace (ptrace(2)) and CAP_NET_ADMIN',
    '  the mounts of 2 processes',
    '  processes that /proc hides from this user (hidepid)',
    '  what is outside of this PID namespace: run it on the host',
  ]);
});

test('JSON: one object with everything', async () => {
  const io = host();
  io.host.found.sockets = [{ pid: 1, fd: 2, comm: 'x', kind: 'socket', inode: 2n ** 60n }];
  assert.equal(await explain(io, '--json', 'blue'), 0);
  assert.equal(io.stdout.lines.length, 1);
  const found = JSON.parse(io.stdout.text);
  assert.deepEqual(
    [found.namespace.ino, found.nsid, found.own, found.initial],
    ['4026532178', 5, false, false],
  );
  assert.deepEqual(
    found.names.map(({ path }: { path: string }) => path),
    [blue, `${DIRECTORY}/my net`],
  );
  assert.deepEqual(found.owner, { userNamespace: '4026531837', uid: 0 });
  assert.deepEqual(found.sockets, [{ pid: 1, fd: 2, comm: 'x', kind: 'socket', inode: String(2n ** 60n) }]);
  assert.deepEqual([found.processes, found.descriptors, found.mounts, found.watches], [[], [], [], []]);
  assert.deepEqual(found.unseen, io.host.found.unseen);
});

for (const word of ['blue', blue, '4711', 'nsid:5', 'net:[4026532178]', '4026532178']) {
  test(`it is meant by ${word}`, async () => {
    const io = host();
    assert.equal(await explain(io, word), 0);
    assert.equal(io.stdout.lines[0], 'net:[4026532178]  id 9007199254740993  nsid 5');
    assert.equal(io.host.asked.length, 1);
  });
}

test('a name that looks like a number is a name', async () => {
  for (const word of ['nsid:9', 'net:[9]', '4026531999']) {
    const io = host();
    io.namespaces.push({ ...listed(word), ready: true, namespace: identity });
    io.host.paths.set(`${DIRECTORY}/${word}`, identity);
    assert.equal(await explain(io, word), 0);
    assert.deepEqual(io.host.asked, [`${DIRECTORY}/${word}`]);
  }
});

test('twenty of each kind, unless all are wanted', async () => {
  const io = host();
  io.host.found.descriptors = Array.from({ length: 25 }, (_, fd) => ({
    pid: 1,
    fd,
    comm: 'x',
    pathOnly: false,
  }));
  assert.equal(await explain(io, 'blue'), 0);
  assert.equal(io.stdout.lines.filter((line) => line.includes(' fd ')).length, 20);
  assert.equal(io.stdout.lines.at(-1), '    and 5 more: --all shows them');
  io.stdout.text = '';
  assert.equal(await explain(io, '--all', 'blue'), 0);
  assert.equal(io.stdout.lines.filter((line) => line.includes(' fd ')).length, 25);
});

test('--containers: names in those directories; what is refused is said', async () => {
  const io = host();
  io.containers = { watched: ['/run/docker/netns'], refused: ['/run/user/7'] };
  const asked: (string | undefined)[] = [];
  const counting = Object.assign(io, {
    listNamespaces: async ({ directory }: { directory?: string }) => {
      asked.push(directory);
      return [];
    },
  });
  assert.equal(await explain(counting, '--containers', blue), 0);
  assert.deepEqual(asked, [DIRECTORY, '/run/docker/netns']);
  assert.equal(io.stdout.lines[1], '  names  none in the directories looked at');
  assert.equal(io.stderr.text, 'nlink: left out, since this user may not read them: /run/user/7\n');
});

test('a directory that cannot be read: said, and the rest all the same', async () => {
  const denied = systemError(13, 'scandir', DIRECTORY);
  const io = Object.assign(host(), { listNamespaces: () => Promise.reject(denied) });
  assert.equal(await explain(io, blue), 0);
  assert.equal(io.stdout.lines[1], '  names  none in the directories looked at');
  assert.match(io.stderr.text, /^nlink: without the names in \/run\/netns: EACCES: scandir/);
});

test('without netlink everything but the id; by an id: 3', async () => {
  const refused = new NlinkError('ERR_NLINK_NETLINK_UNAVAILABLE', 'netlink sockets are forbidden');
  const io = Object.assign(host(), { openConnection: () => Promise.reject(refused) });
  assert.equal(await explain(io, 'blue'), 0);
  assert.equal(io.stdout.lines[0], 'net:[4026532178]  id 9007199254740993');
  assert.equal(io.stderr.text, 'nlink: without ids (nsid): netlink sockets are forbidden\n');
  assert.equal(await explain(io, 'nsid:5'), 3);
});

test('none there: 1, and why', async () => {
  const nobody = 'no name, process, descriptor, mount or socket that this user may look at leads to it';
  const cases: [string, string][] = [
    ['nothing', "ENOENT: open '/run/netns/nothing': there is no such namespace"],
    ['77', "ENOENT: open '/proc/77/ns/net': there is no such namespace; 77 is no name in /run/netns either"],
    ['nsid:6', 'no network namespace has the id 6 in this one; nlink ids lists those that are assigned'],
    ['nsid:12', `the id 12 is assigned here, but ${nobody}`],
    ['net:[4026532179]', `there is no network namespace net:[4026532179], or ${nobody}`],
  ];
  for (const [word, message] of cases) {
    const io = host();
    io.connection.list = listing(5, 12);
    assert.equal(await explain(io, word), 1);
    assert.deepEqual([io.stdout.text, io.stderr.text], ['', `nlink: ${message}\n`]);
    assert.ok(io.connection.closed);
  }
});

test('a name without a namespace: what it is, and that it is one elsewhere', async () => {
  const io = host();
  const stale = new NlinkError('ERR_NLINK_NOT_A_NAMESPACE', '/run/netns/stale is no network namespace');
  Object.assign(io.host, {
    identify: () => {
      throw stale;
    },
  });
  assert.equal(await explain(io, 'stale'), 1);
  assert.deepEqual(io.stderr.lines, [
    'nlink: /run/netns/stale is no network namespace (not-a-namespace): a file on which no namespace is mounted; an empty file, mode 0000',
    'nlink: no namespace is mounted on /run/netns/stale in any mount namespace: an unmounted namespace, or an ip netns add that failed, left it behind; nlink delete /run/netns/stale removes it',
  ]);
  for (const word of ['stale', '/run/netns/stale']) {
    io.stderr.text = '';
    io.verdicts.set('/run/netns/stale', verdictOf('no-propagation'));
    assert.equal(await explain(io, word), 1);
    assert.match(
      io.stderr.text,
      /^nlink: \/run\/netns\/stale is no network namespace \(no-propagation\): mounted in .*4711/,
    );
    assert.match(io.stderr.text, /HostToContainer/);
    assert.doesNotMatch(io.stderr.text, /nlink delete/);
  }
});

test('not permitted: 3', async () => {
  const io = host();
  Object.assign(io.host, {
    identify: () => {
      throw systemError(13, 'open', '/proc/1/ns/net');
    },
  });
  assert.equal(await explain(io, '1'), 3);
});

test('colours on a terminal only', async () => {
  for (const terminal of [true, false]) {
    const io = host();
    io.stdout.isTTY = terminal;
    assert.equal(await explain(io, 'blue'), 0);
    assert.equal(io.stdout.text.includes('\x1b['), terminal);
  }
});
