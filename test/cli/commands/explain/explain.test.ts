/**
 * `nlink explain` over a host that the test holds: which namespace is meant, and what a program
 * reads of it.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NlinkError } from '../../../../src/errors.ts';
import type { ConnectionOptions } from '../../../../src/netlink/connection-options.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import { listing } from '../../support/fake-connection.ts';
import { blue, DIRECTORY, explain, host, mountOf, nginx } from './explain-host.ts';
import { verdictOf } from '../../support/verdict.ts';
import { identity, listed } from '../../support/lines.ts';

test('JSON: one object with everything', async () => {
  const io = host();
  const socket = { pid: 1, fd: 2, comm: 'x', kind: 'socket' as const, owner: null };
  io.host.found.sockets = [{ ...socket, inode: 2n ** 60n }];
  io.host.found.inFlight = [{ pid: 1, fd: 2, comm: 'x', inode: 2n ** 60n, owner: nginx }];
  io.host.found.mounts = [mountOf(1), mountOf(2, { mountNamespace: null, file: null })];
  const inside = { pid: 5, comm: 'x', uid: 0, command: ['x'], threads: [] };
  io.host.found.processes = [
    { ...inside, owner: nginx },
    { ...inside, pid: 6, owner: null },
  ];
  assert.equal(await explain(io, '--json', 'blue'), 0);
  assert.equal(io.stdout.lines.length, 1);
  const found = JSON.parse(io.stdout.text);
  assert.deepEqual(
    [found.namespace.ino, found.nsid, found.target, found.own, found.initial],
    ['4026532178', 5, null, false, false],
  );
  assert.deepEqual(
    found.names.map(({ path }: { path: string }) => path),
    [blue, `${DIRECTORY}/my net`],
  );
  assert.deepEqual(found.userNamespace, { inode: '4026531837', uid: 0 });
  assert.deepEqual(found.owner, nginx);
  assert.deepEqual(found.sockets, [{ ...socket, inode: String(2n ** 60n) }]);
  assert.deepEqual(found.inFlight, [{ pid: 1, fd: 2, comm: 'x', inode: String(2n ** 60n), owner: nginx }]);
  const mount = { id: 1, mountPoint: blue, pid: 1, comm: 'systemd', owner: null };
  assert.deepEqual(found.mounts, [
    { ...mount, mountNamespace: '4026531832', file: { device: '0:25', path: '/netns/blue' } },
    { ...mount, id: 2, mountNamespace: null, file: null },
  ]);
  assert.deepEqual(found.processes[0].owner, nginx);
  assert.deepEqual([found.descriptors, found.watches], [[], []]);
  assert.deepEqual(found.unseen, io.host.found.unseen);
});

test('an id that is assigned, and nothing leads to it: alive, what may keep it, 0', async () => {
  for (const seen of [true, false]) {
    const io = host();
    io.connection.list = listing(5, 12);
    io.host.found.unseen.processes = seen ? 0 : 3;
    assert.equal(await explain(io, 'nsid:12'), 0);
    const { lines } = io.stdout;
    assert.deepEqual(lines.slice(0, 3), [
      'nsid 12',
      `Alive, as its nsid is assigned, but ${seen ? 'nothing visible' : 'nothing that this user can see'} leads to it`,
      'What may keep it alive, which nobody can see:',
    ]);
    for (const kind of [/a connection that its program has closed/, /in flight/, /io_uring/, /umount -l/])
      assert.ok(
        lines.some((line) => kind.test(line)),
        String(kind),
      );
    assert.equal(
      lines.some((line) => line.includes('ends when the unit is stopped')),
      !seen,
    );
    assert.equal(lines.includes('Not inspected, so there may be more:'), !seen);
    assert.equal(io.stderr.text, '');
    assert.ok(io.connection.closed);
    io.stdout.text = '';
    assert.equal(await explain(io, '--json', 'nsid:12'), 0);
    const found = JSON.parse(io.stdout.text);
    assert.deepEqual([found.namespace, found.nsid, found.processes], [null, 12, []]);
    assert.deepEqual(found.unseen, io.host.found.unseen);
  }
});

test('an nsid removed during its lookup counts as none', async () => {
  const io = host();
  io.connection.list = listing(12);
  const { find } = io.host;
  Object.assign(io.host, {
    find: async (...asked: Parameters<typeof find>) => {
      const found = await find(...asked);
      io.connection.list = listing();
      return found;
    },
  });
  assert.equal(await explain(io, 'nsid:12'), 1);
  assert.match(io.stderr.text, /^nlink: no network namespace has nsid 12 in this one/);
});

test('--target: ids of another namespace, in which the connection is', async () => {
  for (const [word, reference] of [
    ['red', { path: `${DIRECTORY}/red` }],
    ['/run/x', { path: '/run/x' }],
    ['77', { path: '/proc/77/ns/net' }],
  ] as const) {
    const io = host();
    const opened: ConnectionOptions[] = [];
    Object.assign(io, {
      openConnection: async (options: ConnectionOptions) => {
        opened.push(options);
        return io.connection;
      },
    });
    io.connection.list = listing(5);
    assert.equal(await explain(io, '--target', word, 'nsid:5'), 0);
    assert.deepEqual(opened, [{ namespace: reference }]);
    assert.equal(io.stdout.lines[0], `net:[4026532178]  id 9007199254740993  nsid 5 in ${word}`);
    assert.equal(await explain(io, '-t', word, 'nsid:6'), 1);
    assert.equal(
      io.stderr.text,
      `nlink: no network namespace has nsid 6 in ${word}; nlink ids --target ${word} -d /run/netns lists the assigned nsids\n`,
    );
  }
});

test('--proc: processes by their numbers there', async () => {
  const io = host();
  Object.assign(io.calls, { procOption: async (path: string) => path });
  io.host.paths.set('/host/proc/4711/ns/net', identity);
  io.connection.nsids = { '/host/proc/4711/ns/net': 9 };
  const places: string[] = [];
  Object.assign(io, {
    inspector: async (proc: string) => {
      places.push(proc);
      return Object.assign(io.host, { identify: () => identity });
    },
  });
  assert.equal(await explain(io, '--proc', '/host/proc', '4711'), 0);
  assert.deepEqual(places, ['/host/proc']);
  assert.match(io.stdout.text, /^net:.* nsid 9$/m);
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
  assert.equal(io.stdout.lines[2], '  names  /run/netns/blue');
  assert.equal(io.stderr.text, 'nlink: skipped, not readable for this user: /run/user/7\n');
});

test('a directory that cannot be read: said, and the rest all the same', async () => {
  const denied = systemError(13, 'scandir', DIRECTORY);
  const io = Object.assign(host(), { listNamespaces: () => Promise.reject(denied) });
  assert.equal(await explain(io, blue), 0);
  assert.equal(io.stdout.lines[2], '  names  /run/netns/blue');
  assert.match(io.stderr.text, /^nlink: without the names in \/run\/netns: EACCES: scandir/);
});

test('without netlink everything but the id; by an id: 3', async () => {
  const refused = new NlinkError('ERR_NLINK_NETLINK_UNAVAILABLE', 'netlink sockets are forbidden');
  const io = Object.assign(host(), { openConnection: () => Promise.reject(refused) });
  assert.equal(await explain(io, 'blue'), 0);
  assert.equal(io.stdout.lines[0], 'net:[4026532178]  id 9007199254740993');
  assert.equal(io.stderr.text, 'nlink: without nsids: netlink sockets are forbidden\n');
  assert.equal(await explain(io, 'nsid:5'), 3);
});

test('none there: 1, and why', async () => {
  const cases: [string, string][] = [
    ['nothing', "ENOENT: open '/run/netns/nothing': there is no such namespace"],
    [
      '77',
      "ENOENT: open '/proc/77/ns/net': there is no such namespace; 77 is not a name in /run/netns either",
    ],
    ['nsid:6', 'no network namespace has nsid 6 in this one; nlink ids lists the assigned nsids'],
    ['net:[4026532179]', 'no network namespace net:[4026532179], or none that this user can see'],
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
