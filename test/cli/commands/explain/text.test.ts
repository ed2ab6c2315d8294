/**
 * What `nlink explain` prints of a namespace: the conclusion, a line for each holder, what could
 * not be looked at.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import type { HoldingMount } from '../../../../src/netns/holders/holders-found.ts';
import { blue, DIRECTORY, explain, host, mountOf, nginx } from './explain-host.ts';
import type { FakeIo } from '../../support/fake-io.ts';
import { identity } from '../../support/lines.ts';

/** Local time, as it is printed: which day depends on where. */
const SINCE = '2024-11-2[34]';

test('everything of it, a line for each holder, the conclusion first, escaped', async () => {
  const io = host();
  const at = { pid: 99, fd: 7, comm: 'a\x1b[2J', owner: null };
  io.host.found = {
    ...io.host.found,
    processes: [
      { pid: 4711, comm: 'sleep', uid: 0, command: ['sleep', '100'], threads: [], owner: nginx },
      { pid: 12, comm: 'k', uid: 1000, command: [], threads: [13, 14], owner: null },
      {
        pid: 5,
        comm: 'long',
        uid: null,
        command: ['x'.repeat(50), 'y\n'.repeat(20)],
        threads: [6],
        owner: nginx,
      },
    ],
    descriptors: [
      { ...at, pathOnly: false },
      { ...at, pid: 1000, fd: 12, pathOnly: true },
      { ...at, fd: 8, pathOnly: false },
    ],
    mounts: [
      mountOf(1),
      mountOf(2, { mountNamespace: null, mountPoint: '/x y', file: null, pid: 20, comm: 'sh' }),
    ],
    sockets: [
      ...Array.from({ length: 36 }, (_, fd) => ({
        pid: 12,
        fd,
        comm: 'nginx',
        owner: fd === 0 ? nginx : null,
        kind: 'socket' as const,
        inode: BigInt(fd),
      })),
      { ...at, kind: 'tun', inode: null },
    ],
    inFlight: [{ ...at, inode: 5n }],
    watches: [{ ...at, kind: 'inotify' }],
  };
  assert.equal(await explain(io, 'blue'), 0);
  const [first, conclusion, names, owner, since, ...rest] = io.stdout.lines;
  assert.equal(owner, '  belongs to  nginx.service');
  assert.equal(first, 'net:[4026532178]  id 9007199254740993  nsid 5');
  assert.equal(
    conclusion,
    '3 processes, 3 open descriptors, 37 sockets, 1 descriptor in flight, 1 watch, 1 other mount and its name keep it alive',
  );
  assert.equal(names, '  names  /run/netns/blue, "/run/netns/my net"');
  assert.match(since ?? '', new RegExp(`^  since  ${SINCE} \\d\\d:\\d\\d:00$`));
  assert.deepEqual(rest, [
    '  owned by  user:[4026531837], made by root',
    'What keeps it alive:',
    '  process 4711  root  sleep 100                                                     nginx.service',
    '  process   12  1000  k                                                             with threads 13, 14 alone',
    `  process    5  ?     ${'x'.repeat(50)} y\\ny\\ny\\…  with thread 6 alone  nginx.service`,
    '  2 open descriptors of PID 99 ("a\\x1b[2J"): fd 7, 8',
    '  1 open descriptor of PID 1000 ("a\\x1b[2J"): fd 12 (O_PATH)',
    '  36 sockets of PID 12 (nginx), nginx.service: fd 0, 1, 2, 3, 4, 5, 6, 7 and 28 more',
    '  1 tun device of PID 99 ("a\\x1b[2J"): fd 7',
    '  a descriptor in flight to PID 99 ("a\\x1b[2J"): in the queue of fd 7',
    '  1 inotify instance that watches its file of PID 99 ("a\\x1b[2J"): fd 7',
    '  mount /run/netns/blue',
    '  mount "/x y" in the mount namespace of PID 20 (sh): stays when the names above are deleted',
  ]);
  assert.equal(io.stderr.text, '');
  assert.ok(io.connection.closed);
});

test('what could not be looked at, each with what it takes', async () => {
  const io = host();
  io.host.found.unseen = {
    processes: 12,
    sockets: 1,
    inFlight: 3,
    mounts: 2,
    mountNamespaces: 1,
    hidden: true,
    outside: true,
  };
  assert.equal(await explain(io, 'blue'), 0);
  assert.equal(io.stdout.lines[1], 'Nothing that can be seen keeps it alive; it may have ended meanwhile');
  assert.deepEqual(io.stdout.lines.slice(4), [
    'Not inspected, so there may be more:',
    '  12 processes that this user may not inspect: requires CAP_SYS_PTRACE and all their capabilities',
    '  the namespaces of 1 socket: requires permission to trace (ptrace(2)), CAP_NET_ADMIN, and the PID namespace of /proc',
    '  3 descriptors in flight in Unix sockets, behind others or in sockets that may not be asked',
    '  the mounts of 2 processes',
    '  the mounts of 1 mount namespace in which no process is seen, and which a mount or descriptor keeps',
    '  processes that /proc hides from this user (hidepid)',
    "  what is outside of this PID namespace: run it on the host, or give the host's /proc (--proc)",
  ]);
});

/** What one line says of the mounts, and the conclusion. */
async function ofMounts(
  mounts: HoldingMount[],
  set: (io: FakeIo) => unknown = () => null,
): Promise<string[]> {
  const io = host();
  io.namespaces = io.namespaces.filter(({ name }) => name !== 'my net');
  io.host.found.mounts = mounts;
  set(io);
  assert.equal(await explain(io, 'blue'), 0);
  const { lines } = io.stdout;
  const begin = lines.indexOf('What keeps it alive:') + 1;
  return [lines[1] ?? '', ...lines.slice(begin).filter((line) => line.startsWith('  mount '))];
}

test('copies of a mount in other mount namespaces are one line, and go with the name', async () => {
  const copies = Array.from({ length: 15 }, (_, at) =>
    mountOf(at + 2, { mountNamespace: 4026531832n + BigInt(Math.ceil(at / 2)), pid: 100 + at }),
  );
  assert.deepEqual(await ofMounts([mountOf(1), ...copies]), [
    'Nothing but its name keeps it alive: `nlink delete blue` would end it',
    '  mount /run/netns/blue, and 15 copies of it (8 mount namespaces in all), which go with the name',
  ]);
  assert.deepEqual(await ofMounts([mountOf(1), mountOf(2)]), [
    'Nothing but its name keeps it alive: `nlink delete blue` would end it',
    '  mount /run/netns/blue, and 1 copy of it, which goes with the name',
  ]);
});

test('keeps a mount on another file, and one whose file is unknown', async () => {
  const elsewhere = { mountNamespace: 7n, pid: 20, comm: 'sh', owner: nginx };
  const other = mountOf(2, { ...elsewhere, file: { device: '0:25', path: '/other' }, mountPoint: '/other' });
  assert.deepEqual(await ofMounts([other, mountOf(1), mountOf(3, { ...elsewhere, file: null })]), [
    '2 other mounts and its name keep it alive',
    '  mount /run/netns/blue',
    '  mount /other in mnt:[7], that of PID 20 (sh), nginx.service: stays when the names above are deleted',
    '  mount /run/netns/blue in mnt:[7], that of PID 20 (sh), nginx.service: stays when the names above are deleted',
  ]);
  // The same path there is not the name here.
  const there = mountOf(1, { ...elsewhere, owner: null, file: { device: '0:26', path: '/netns/blue' } });
  assert.deepEqual(await ofMounts([there]), [
    '1 mount keeps it alive',
    '  mount /run/netns/blue in mnt:[7], that of PID 20 (sh)',
  ]);
});

test('what would end it can be pasted: in which directory, quoted; not what a runtime made', async () => {
  const named = (path: string): Promise<string[]> =>
    ofMounts([mountOf(1, { mountPoint: path })], (io) => {
      io.namespaces = [];
      io.host.paths.set(path, identity);
      io.host.paths.set(blue, identity);
    });
  const endings: [path: string, command: string][] = [
    ['/run/other/blue', '/run/other/blue'],
    ["/run/netns/my net's", String.raw`'my net'\''s'`],
    ['/run/netns/-x', '/run/netns/-x'],
    ['/run/netns/\udce9\n', String.raw`$'\xe9\x0a'`],
  ];
  for (const [path, command] of endings) {
    const io = host();
    io.namespaces = [];
    io.host.found.mounts = [mountOf(1, { mountPoint: path })];
    io.host.paths.set(path, identity);
    assert.equal(await explain(io, path), 0);
    assert.equal(
      io.stdout.lines[1],
      `Nothing but its name keeps it alive: \`nlink delete ${command}\` would end it`,
    );
  }
  assert.equal(
    (await named(blue))[0],
    'Nothing but its name keeps it alive: `nlink delete blue` would end it',
  );
  const unseen = await ofMounts([mountOf(1)], (io) => (io.host.found.unseen.processes = 1));
  assert.equal(
    unseen[0],
    'Nothing that can be seen but its name keeps it alive: if that is all, `nlink delete blue` would end it',
  );
  // In a container it may be the host's.
  const outside = await ofMounts([mountOf(1)], (io) => (io.host.found.unseen.outside = true));
  assert.equal(
    outside[0],
    'Nothing that can be seen but its name keeps it alive: what cannot be seen from here may keep it as well',
  );
  const runtimes = host();
  runtimes.containers = { watched: [DIRECTORY], refused: [] };
  runtimes.host.found.mounts = [mountOf(1)];
  assert.equal(await run(['explain', '-d', '/run/none', '--containers', blue], runtimes), 0);
  assert.equal(
    runtimes.stdout.lines[1],
    'Nothing but its name keeps it alive: it ends when the container runtime that made it deletes that',
  );
});

test('one that systemd keeps in flight: how it ends', async () => {
  const io = host();
  io.host.found.inFlight = [{ pid: 1, comm: 'systemd', fd: 57, inode: 5n, owner: null }];
  assert.equal(await explain(io, blue), 0);
  const { lines } = io.stdout;
  assert.equal(lines[1], '1 descriptor in flight keeps it alive');
  assert.deepEqual(lines.slice(6), [
    '  a descriptor in flight to PID 1 (systemd): in the queue of fd 57',
    '    it keeps one for each unit with NetworkNamespacePath= or PrivateNetwork= until the unit is stopped (systemctl stop);',
    "    which these are: `systemctl show '*.service' -p Id -p ActiveState -p NetworkNamespacePath -p PrivateNetwork`",
  ]);
});

test('twenty of each kind, unless all are wanted', async () => {
  const io = host();
  io.host.found.descriptors = Array.from({ length: 25 }, (_, fd) => ({
    pid: fd + 1,
    fd,
    comm: 'x',
    pathOnly: false,
    owner: null,
  }));
  assert.equal(await explain(io, 'blue'), 0);
  assert.equal(io.stdout.lines.filter((line) => line.includes(' fd ')).length, 20);
  assert.equal(io.stdout.lines.at(-1), '  and 5 more processes with open descriptors: --all shows them');
  io.stdout.text = '';
  assert.equal(await explain(io, '--all', 'blue'), 0);
  assert.equal(io.stdout.lines.filter((line) => line.includes(' fd ')).length, 25);
});

test('colours on a terminal only', async () => {
  for (const terminal of [true, false]) {
    const io = host();
    io.stdout.isTTY = terminal;
    assert.equal(await explain(io, 'blue'), 0);
    assert.equal(io.stdout.text.includes('\x1b['), terminal);
  }
});
