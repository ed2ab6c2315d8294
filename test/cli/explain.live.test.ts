/** `nlink explain` as a process of its own: the namespace by everything that it goes by, and what holds it when its name is gone. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NetlinkSocket } from '../../src/netlink/index.ts';
import { ip, netnsDirectory, spawnHolder } from '../support/netns.ts';
import { ordinaryCommand, spawnOrdinary } from '../support/ordinary.ts';
import { freshHost } from './id-host.ts';
import { main, outcomeOf, programOf, start } from './program.ts';

/** As much of the JSON as is looked at. */
interface Explained {
  namespace: { ino: string };
  nsid: number | null;
  own: boolean;
  owner: { userNamespace: string; uid: number } | null;
  names: { name: string }[];
  processes: { pid: number; command: string[] }[];
  descriptors: { pid: number; fd: number }[];
  mounts: { mountPoint: string }[];
  sockets: { pid: number }[];
  unseen: { processes: number; hidden: boolean; outside: boolean };
}

async function explained(t: TestContext, ...words: string[]): Promise<Explained> {
  const { status, stdout, stderr } = await outcomeOf(start(t, 'explain', '--json', ...words));
  assert.deepEqual([stderr, status, stdout.length], [[], 0, 1], words.join(' '));
  return JSON.parse(stdout.join('')) as Explained;
}

test('by name, path, process, id and inode; a process that is in it', async (t) => {
  await freshHost(t, 'blue', 'red');
  ip('netns', 'set', 'blue', '7');
  const { pid } = await spawnHolder(t, '/run/netns/blue');
  const link = readlinkSync(`/proc/${pid}/ns/net`);
  const ino = link.replace(/\D/g, '');
  for (const word of ['blue', '/run/netns/blue', String(pid), 'nsid:7', link, ino]) {
    const found = await explained(t, word);
    assert.deepEqual([found.namespace.ino, found.nsid, found.own], [ino, 7, false], word);
    assert.deepEqual(
      found.processes.map((process) => [process.pid, process.command]),
      [[pid, ['sleep', 'infinity']]],
    );
    assert.deepEqual(
      found.names.map(({ name }) => name),
      ['blue'],
    );
    assert.deepEqual([...new Set(found.mounts.map(({ mountPoint }) => mountPoint))], ['/run/netns/blue']);
    assert.equal(`user:[${found.owner?.userNamespace}]`, readlinkSync('/proc/self/ns/user'));
  }
  const { stdout, status } = await outcomeOf(start(t, 'explain', 'blue'));
  assert.equal(status, 0);
  assert.ok(stdout[0]?.startsWith(link));
  assert.ok(stdout.some((line) => line.trim().startsWith(`${pid} `) && line.endsWith('  sleep infinity')));
  assert.equal((await explained(t, String(process.pid))).own, true);
});

test('a name that is gone: by its id, what holds it; in the end nothing, and 1', async (t) => {
  await freshHost(t, 'blue');
  ip('netns', 'set', 'blue', '7');
  const link = `net:[${(await explained(t, 'blue')).namespace.ino}]`;
  const socket = await NetlinkSocket.open({ namespace: 'blue' });
  t.after(() => socket.close());
  const fd = openSync('/run/netns/blue', 'r');
  ip('netns', 'delete', 'blue');
  for (const word of ['nsid:7', link]) {
    const { names, mounts, processes, descriptors, sockets } = await explained(t, word);
    assert.deepEqual([names, mounts, processes], [[], [], []]);
    assert.deepEqual(
      descriptors.map((found) => [found.pid, found.fd]),
      [[process.pid, fd]],
    );
    assert.deepEqual(
      sockets.map(({ pid }) => pid),
      [process.pid],
    );
  }
  closeSync(fd);
  // The socket alone leads to it.
  for (const word of ['nsid:7', link]) {
    const { nsid, descriptors, sockets } = await explained(t, word);
    assert.deepEqual([nsid, descriptors, sockets.map(({ pid }) => pid)], [7, [], [process.pid]]);
  }
  socket.close();
  // The inode may be that of another namespace by now.
  const { status, stdout, stderr } = await outcomeOf(start(t, 'explain', 'nsid:7'));
  assert.deepEqual([status, stdout], [1, []]);
  assert.match(stderr.join('\n'), /^nlink: /);
});

test('an ordinary user is told that there may be more', async (t) => {
  await freshHost(t, 'blue');
  await spawnHolder(t, '/run/netns/blue');
  const { status, stdout, stderr } = await outcomeOf(programOf(t, spawnOrdinary(main, 'explain', 'blue')));
  assert.deepEqual([status, stderr], [0, []]);
  assert.ok(stdout.includes('Not looked at, so that there may be more:'));
  assert.ok(stdout.some((line) => line.startsWith('    /run/netns/blue  in ')));
});

test('a name that is mistyped: which was probably meant', async (t) => {
  await freshHost(t, 'blue');
  const { status, stderr } = await outcomeOf(start(t, 'explain', 'blu'));
  assert.equal(status, 1);
  assert.match(stderr.join('\n'), /ENOENT: open '\/.*\/blu': .*; did you mean blue\?$/);
});

test('several directories', async (t) => {
  await freshHost(t, 'blue');
  const directory = netnsDirectory();
  const found = await explained(t, 'blue', '-d', directory, '-d', '/run/netns');
  assert.deepEqual(
    found.names.map(({ name }) => name),
    ['blue'],
  );
});

test('from within a user namespace the owner of what is outside is not known', async (t) => {
  await freshHost(t, 'blue');
  const command = [
    'unshare',
    '--user',
    '--map-root-user',
    process.execPath,
    main,
    'explain',
    '--json',
    'blue',
  ];
  const outcome = await outcomeOf(programOf(t, spawn('setpriv', ['--pdeathsig=KILL', ...command])));
  assert.deepEqual([outcome.stderr, outcome.status], [[], 0]);
  assert.equal((JSON.parse(outcome.stdout.join('')) as Explained).owner, null);
});

for (const [options, hidden] of [
  ['rw', false],
  ['hidepid=2', true],
] as const) {
  test(`from within a PID namespace, with /proc mounted ${options}: there may be more outside`, async (t) => {
    await freshHost(t, 'blue');
    const { pid } = await spawnHolder(t, '/run/netns/blue');
    const inside = 'mount -t proc -o "$0" proc /proc && "$@"; exit $?';
    const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', inside, options];
    const command = [...apart, ...ordinaryCommand(main, 'explain', '--json', 'blue')];
    const outcome = await outcomeOf(programOf(t, spawn('setpriv', ['--pdeathsig=KILL', ...command])));
    assert.deepEqual([outcome.stderr, outcome.status], [[], 0]);
    const { unseen, processes, mounts } = JSON.parse(outcome.stdout.join('')) as Explained;
    assert.deepEqual([unseen.hidden, unseen.outside], [hidden, true]);
    assert.ok(!processes.some((found) => found.pid === pid));
    assert.deepEqual([...new Set(mounts.map(({ mountPoint }) => mountPoint))], ['/run/netns/blue']);
  });
}
