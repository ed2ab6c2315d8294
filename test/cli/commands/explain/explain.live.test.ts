/**
 * `nlink explain` as a process of its own: the namespace by everything that it goes by, and what
 * holds it when its name is gone.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NetlinkSocket } from '../../../../src/netlink/index.ts';
import { ip, netnsDirectory, spawnHolder } from '../../../support/netns.ts';
import { ordinaryCommand, spawnOrdinary } from '../../../support/ordinary.ts';
import { start as startHolder } from '../../../support/starting.ts';
import { waitFor } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, start } from '../../support/program.ts';

/** As much of the JSON as is looked at. */
interface Explained {
  namespace: { ino: string };
  nsid: number | null;
  own: boolean;
  userNamespace: { inode: string; uid: number } | null;
  names: { name: string }[];
  processes: { pid: number; command: string[] }[];
  descriptors: { pid: number; fd: number }[];
  mounts: { mountPoint: string }[];
  sockets: { pid: number }[];
  inFlight: { pid: number }[];
  unseen: { processes: number; hidden: boolean; outside: boolean };
}

const hold = fileURLToPath(new URL('../../../netns/fixtures/hold.js', import.meta.url));
const undumpable = fileURLToPath(new URL('../../../netns/fixtures/undumpable.js', import.meta.url));

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
    assert.equal(`user:[${found.userNamespace?.inode}]`, readlinkSync('/proc/self/ns/user'));
  }
  const { stdout, status } = await outcomeOf(start(t, 'explain', 'blue'));
  assert.equal(status, 0);
  assert.ok(stdout[0]?.startsWith(link));
  assert.ok(
    stdout.some((line) => line.startsWith(`  process ${pid}  `) && / {2}sleep infinity( {2}|$)/.test(line)),
  );
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

test('an ordinary user gets a note that there may be more', async (t) => {
  await freshHost(t, 'blue');
  await spawnHolder(t, '/run/netns/blue');
  const { status, stdout, stderr } = await outcomeOf(programOf(t, spawnOrdinary(main, 'explain', 'blue')));
  assert.deepEqual([status, stderr], [0, []]);
  assert.ok(stdout.includes('Not inspected, so there may be more:'));
  assert.ok(stdout.some((line) => line.startsWith('  mount /run/netns/blue')));
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
  assert.equal((JSON.parse(outcome.stdout.join('')) as Explained).userNamespace, null);
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

test('a descriptor in flight, as systemd keeps those of its units: found by its id, until its process ends', async (t) => {
  await freshHost(t, 'blue');
  ip('netns', 'set', 'blue', '7');
  const holder = await startHolder(t, [process.execPath, hold, 'descriptor in flight', '/run/netns/blue']);
  ip('netns', 'delete', 'blue');
  const { inFlight, descriptors, sockets } = await explained(t, 'nsid:7');
  assert.deepEqual([inFlight.map(({ pid }) => pid), descriptors, sockets], [[holder.pid], [], []]);
  const { stdout } = await outcomeOf(start(t, 'explain', 'nsid:7'));
  assert.equal(stdout[1], '1 descriptor in flight keeps it alive');
  assert.ok(stdout.some((line) => line.startsWith(`  a descriptor in flight to PID ${holder.pid} (`)));
  await holder.end();
  assert.equal((await outcomeOf(start(t, 'explain', 'nsid:7'))).status, 1);
});

test('one that nobody can see leads to: alive, and 0; 1 when it has ended', async (t) => {
  await freshHost(t, 'blue');
  ip('netns', 'set', 'blue', '7');
  const how = 'descriptor in flight behind another';
  const holder = await startHolder(t, [process.execPath, hold, how, '/run/netns/blue']);
  ip('netns', 'delete', 'blue');
  const { stdout, stderr, status } = await outcomeOf(start(t, 'explain', 'nsid:7'));
  assert.deepEqual([stdout[0], stderr, status], ['nsid 7', [], 0]);
  assert.match(stdout[1] ?? '', /^Alive, as its nsid is assigned, but nothing that .* leads to it$/);
  assert.ok(stdout.some((line) => / descriptors? in flight in Unix sockets, behind others/.test(line)));
  await holder.end();
  assert.equal((await outcomeOf(start(t, 'explain', 'nsid:7'))).status, 1);
});

test('mounts that other mount namespaces have of a name are one line; the name takes them along', async (t) => {
  await freshHost(t, 'blue');
  const apart = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'echo; exec sleep infinity'];
  const holders = [await startHolder(t, apart), await startHolder(t, apart)];
  const { mounts } = await explained(t, 'blue');
  // What `ip netns add` mounted on the directory shows each of them twice.
  assert.ok(mounts.length >= 3);
  const { stdout } = await outcomeOf(start(t, 'explain', 'blue'));
  const copies = mounts.length - 1;
  assert.deepEqual(
    stdout.filter((line) => line.startsWith('  mount ')),
    [
      `  mount /run/netns/blue, and ${copies} copies of it (3 mount namespaces in all), which go with the name`,
    ],
  );
  assert.match(stdout[1] ?? '', /^Nothing .*but its name keeps it alive: .*`nlink delete blue`/);
  ip('netns', 'set', 'blue', '7');
  ip('netns', 'delete', 'blue');
  assert.equal((await outcomeOf(start(t, 'explain', 'nsid:7'))).status, 1);
  for (const holder of holders) await holder.end();
});

/**
 * The id by which the namespace of a device knows where its other end is; `-j`, since for people it
 * is a name if there is one.
 */
function otherEnd(...words: string[]): number {
  const [link] = JSON.parse(ip(...words)) as { link_netnsid?: number }[];
  assert.ok(link?.link_netnsid !== undefined);
  return link.link_netnsid;
}

test('from a veth of the host to its container by link-netnsid, which has no name any more', async (t) => {
  await freshHost(t, 'blue');
  const { pid } = await spawnHolder(t, '/run/netns/blue');
  ip('link', 'add', 'vethc', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  // It goes with the other end, which may have gone with the holder.
  t.after(() => spawnSync('ip', ['link', 'delete', 'vethc']));
  ip('netns', 'delete', 'blue');
  const found = await explained(t, `nsid:${otherEnd('-j', 'link', 'show', 'vethc')}`);
  assert.deepEqual([found.processes.length, found.processes[0]?.pid], [1, pid]);
});

test('--target: from a device of one namespace to what is at its other end', async (t) => {
  await freshHost(t, 'blue', 'red');
  ip('link', 'add', 'v0', 'netns', 'blue', 'type', 'veth', 'peer', 'name', 'v1', 'netns', 'red');
  const nsid = otherEnd('-n', 'blue', '-j', 'link', 'show', 'v0');
  const found = await explained(t, '--target', 'blue', `nsid:${nsid}`);
  assert.deepEqual([found.nsid, found.names.map(({ name }) => name), found.sockets], [nsid, ['red'], []]);
  const { status, stderr } = await outcomeOf(start(t, 'explain', '-t', 'red', 'nsid:99'));
  assert.deepEqual(
    [status, stderr],
    [1, ['nlink: no network namespace has nsid 99 in red; nlink ids --target red lists the assigned nsids']],
  );
});

test("from within a PID namespace with the host's /proc at another place: what is outside, by its numbers there", async (t) => {
  await freshHost(t, 'blue');
  const { pid } = await spawnHolder(t, '/run/netns/blue');
  await startHolder(t, [process.execPath, hold, 'socket', '/run/netns/blue']);
  const inside = 'mkdir /run/proc && mount --bind /proc /run/proc && mount -t proc proc /proc && exec "$@"';
  const command = ['--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', inside, 'sh'];
  const words = [process.execPath, main, 'explain', '--json', '--proc', '/run/proc', String(pid)];
  const outcome = await outcomeOf(
    programOf(t, spawn('setpriv', ['--pdeathsig=KILL', 'unshare', ...command, ...words])),
  );
  assert.deepEqual([outcome.stderr, outcome.status], [[], 0]);
  const found = JSON.parse(outcome.stdout.join('')) as Explained & { unseen: { sockets: number } };
  assert.deepEqual(
    found.processes.map((process) => process.pid),
    [pid],
  );
  // Numbers of another PID namespace are none for a system call.
  assert.deepEqual(found.sockets, []);
  assert.ok(found.unseen.sockets > 0);
});

test("one's own process that is not dumpable: so it says", async (t) => {
  const { stdout } = programOf(t, spawnOrdinary(undumpable));
  const pid = await stdout.next();
  const { status, stderr } = await outcomeOf(programOf(t, spawnOrdinary(main, 'explain', pid)));
  assert.equal(status, 3);
  assert.match(
    stderr.join('\n'),
    /EACCES: open '\/proc\/\d+\/ns\/net': that process is this user's, but not dumpable/,
  );
});

test('a symbolic link to what is not there, or to a process that has ended: so it says, and suggests nothing', async (t) => {
  await freshHost(t, 'blue');
  // It ends when its parent is a shell no more, which might wait for it.
  const script = '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep infinity';
  const parent = programOf(t, spawn('sh', ['-c', script]));
  const zombie = await parent.stdout.next();
  await waitFor('a zombie', () => / Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1')));
  for (const to of ['/proc/0/ns/net', `/proc/${zombie}/ns/net`]) {
    const name = `zombie${to.length}`;
    symlinkSync(to, `/run/netns/${name}`);
    for (const word of [name, `/run/netns/${name}`]) {
      const { status, stderr } = await outcomeOf(start(t, 'explain', word));
      assert.equal(status, 1);
      assert.match(
        stderr.join('\n'),
        /^nlink: ENOENT: open '.*': this is a symbolic link to something that is not there$/,
      );
    }
  }
});
