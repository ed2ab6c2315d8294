/**
 * Which processes are in a namespace: beside ip(8), for every kind of reference, for threads, and
 * for who may not see all.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { identify, namespacePids } from '../../../src/index.ts';
import type { NamespacePids, NamespaceReference } from '../../../src/index.ts';
import { converse } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addNamespace, freshRun, ip, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { ordinaryCommand, spawnOrdinary } from '../../support/ordinary.ts';
import { waitFor, within } from '../../support/wait.ts';

const processes = fileURLToPath(new URL('../fixtures/processes.js', import.meta.url));
const thread = new URL('../fixtures/thread.js', import.meta.url);

const ipPids = (name: string): number[] => ip('netns', 'pids', name).split('\n').filter(Boolean).map(Number);

test('beside ip netns pids', async (t) => {
  freshRun(t);
  for (const name of ['none', 'one', 'many']) ip('netns', 'add', name);
  const one = [(await spawnHolder(t, '/run/netns/one')).pid];
  const many: number[] = [];
  for (let i = 0; i < 5; i++) many.push((await spawnHolder(t, '/run/netns/many')).pid);
  many.sort((a, b) => a - b);
  for (const [name, expected] of Object.entries({ none: [], one, many })) {
    assert.deepEqual(ipPids(name), expected, name);
    const { pids, complete } = await namespacePids(name);
    assert.deepEqual(pids, expected, name);
    assert.equal(typeof complete, 'boolean');
  }
});

test('a name, a name elsewhere, a path, a link, a process, a descriptor: all the same', async (t) => {
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  symlinkSync('a', `${directory}/link`);
  const { pid } = await spawnHolder(t, path);
  const fd = openSync(path, 'r');
  t.after(() => closeSync(fd));
  const pathOnly = openSync(path, 0o10000000);
  t.after(() => closeSync(pathOnly));
  const nameless = await spawnHolder(t);
  await withoutLeak(async () => {
    for (const target of ['a', 'link', { path }, { pid }, { fd }, { fd: pathOnly }]) {
      const found = await namespacePids(target, { directory });
      assert.deepEqual(found.pids, [pid], JSON.stringify(target));
    }
    assert.deepEqual((await namespacePids({ pid: nameless.pid })).pids, [nameless.pid]);
    const own = await namespacePids({ path: '/proc/self/ns/net' });
    assert.ok(own.pids.includes(process.pid) && !own.pids.includes(pid));
    assert.deepEqual(
      own.pids,
      own.pids.toSorted((a, b) => a - b),
    );
  });
  // A descriptor that was given is still open, and still of the namespace.
  assert.deepEqual((await namespacePids({ fd })).pids, [pid]);
});

test('a process that is in it with one thread alone counts where threads are asked for', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const worker = new Worker(thread, { workerData: '/run/netns/a' });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  const { pid } = await spawnHolder(t, '/run/netns/a');
  const both = [pid, process.pid].sort((a, b) => a - b);
  assert.deepEqual(ipPids('a'), [pid]);
  assert.deepEqual((await namespacePids('a')).pids, [pid]);
  assert.deepEqual((await namespacePids('a', { threads: true })).pids, both);
  // A process counts once, however many of its threads are inside.
  const own = await namespacePids({ pid: process.pid }, { threads: true });
  assert.equal(own.pids.filter((found) => found === process.pid).length, 1);
});

test('a process whose main thread has ended counts where threads are asked for', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const command = [process.execPath, fileURLToPath(thread), '/run/netns/a'];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await within('the end of the child', exited);
  });
  await within('the thread in its namespace', once(child.stdout, 'data'));
  await waitFor('the end of the main thread', () => isZombie(child.pid as number));
  assert.deepEqual(ipPids('a'), []);
  assert.deepEqual((await namespacePids('a')).pids, []);
  assert.deepEqual((await namespacePids('a', { threads: true })).pids, [child.pid]);
});

/** `State` in proc_pid_status(5). */
const isZombie = (pid: number): boolean => /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('what is no network namespace is refused, and nothing stays open', async (t) => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  symlinkSync('stale', `${directory}/to stale`);
  symlinkSync('/proc/0/ns/net', `${directory}/dangling`);
  execFileSync('mkfifo', [`${directory}/fifo`]);
  const fd = openSync('/dev/null', 'r');
  t.after(() => closeSync(fd));
  const uts = openSync('/proc/self/ns/uts', 'r');
  t.after(() => closeSync(uts));
  const other = { name: 'NlinkError', code: 'ERR_NLINK_NOT_A_NAMESPACE' };
  await withoutLeak(async () => {
    const refused = async (target: NamespaceReference, error: object): Promise<void> =>
      assert.rejects(namespacePids(target, { directory }), error, JSON.stringify(target));
    for (const name of ['stale', 'to stale', 'fifo'])
      await refused(name, {
        ...other,
        message: /is no network namespace: no namespace is mounted on it here/,
      });
    await refused({ path: directory }, other);
    await refused({ path: '/dev/null' }, other);
    await refused({ fd }, { ...other, message: new RegExp(`^/proc/self/fd/${fd} is no network namespace`) });
    await refused({ fd: uts }, { ...other, message: /another kind/ });
    await refused({ path: '/proc/self/ns/uts' }, { ...other, message: /another kind/ });
    await refused('missing', { code: 'ENOENT', syscall: 'open', path: `${directory}/missing` });
    await refused('dangling', { code: 'ENOENT' });
    await refused({ pid: 2 ** 31 - 1 }, { code: 'ENOENT', message: /there is no process 2147483647/ });
    await refused({ fd: 2 ** 31 - 1 }, { code: 'EBADF', message: /no descriptor of this number is open/ });
  });
});

test('what means nothing is refused before anything is opened', async () => {
  const invalid = 'ERR_NLINK_INVALID_ARGUMENT';
  for (const target of [undefined, null, 5, {}, { pid: 0 }, { pid: '1' }, { fd: -1 }, { path: '' }])
    await assert.rejects(namespacePids(target as string), { code: invalid, message: /^target/ });
  for (const name of ['', '..', 'a/b', 'a\0'])
    await assert.rejects(namespacePids(name), { code: 'ERR_NLINK_INVALID_NAME' });
  // The process is not there, which is not found out.
  const options: [string, object][] = [
    ['directory', { directory: '' }],
    ['threads', { threads: 1 }],
    ['threads', { threads: null }],
  ];
  for (const [name, option] of options) {
    const asked = namespacePids({ pid: 2 ** 31 - 1 }, option);
    await assert.rejects(asked, { code: invalid, message: new RegExp(`^${name} must be`) });
  }
});

/** Asks the fixture a call with its arguments. */
async function asker(
  t: TestContext,
  child: ChildProcessWithoutNullStreams,
): Promise<(...call: unknown[]) => Promise<unknown>> {
  const conversation = await converse(t, child);
  return (...call) => conversation.ask(JSON.stringify(call));
}

test('an ordinary user sees its own processes, and a note that there are others', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const holder = await spawnHolder(t, `${directory}/a`);
  const child = spawnOrdinary(processes);
  const ask = await asker(t, child);
  const pids = async (...args: unknown[]): Promise<NamespacePids> =>
    (await ask('namespacePids', ...args)) as NamespacePids;
  for (const threads of [false, true]) {
    const own = await pids({ path: '/proc/self/ns/net' }, { threads });
    assert.ok(own.pids.includes(child.pid as number));
    assert.ok(!own.pids.includes(process.pid));
    assert.equal(own.complete, false);
    const { pids: none, complete, unseen } = await pids('a', { directory, threads });
    assert.deepEqual([none, complete, unseen.processes > 0, unseen.hidden], [[], false, true, false]);
  }
  const denied = (await ask('namespacePids', { pid: holder.pid })) as { code: string; message: string };
  assert.equal(denied.code, 'EACCES');
  assert.match(denied.message, /needs the right to trace that process|not dumpable/);
});

/**
 * Starts the fixture in a PID namespace of its own, below a shell that is process 1, with /proc
 * mounted for it so.
 */
function spawnApart(options: string, command: string[]): ChildProcessWithoutNullStreams {
  const inside = 'mount -t proc -o "$1" proc /proc && shift && "$@"; exit $?';
  const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', inside, 'sh', options];
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...apart, ...command]);
}

const PROBE = ['--pid', '--fork', '--mount-proc', 'true'];
const skip = spawnSync('unshare', PROBE).status === 0 ? false : '/proc cannot be mounted here once more';

// Fails if a PID namespace of one's own is taken for all there is.
test('in a PID namespace of its own: sees nobody outside, and says so', { skip }, async (t) => {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  await spawnHolder(t, path);
  const ask = await asker(t, spawnApart('rw', [process.execPath, processes]));
  const unseen = { processes: 0, hidden: false, outside: true };
  for (const threads of [false, true]) {
    const own = (await ask('namespacePids', { pid: 1 }, { threads })) as NamespacePids;
    assert.equal(own.pids[0], 1);
    assert.deepEqual([own.complete, own.unseen], [false, unseen]);
    assert.deepEqual(await ask('namespacePids', { path }, { threads }), {
      pids: [],
      complete: false,
      unseen,
    });
  }
});

test(
  'there, with the procfs of outside at another place: its processes by its numbers',
  { skip },
  async (t) => {
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    addNamespace(path);
    const { pid } = await spawnHolder(t, path);
    const proc = bindProc(t);
    const ask = await asker(t, spawnApart('rw', [process.execPath, processes]));
    // Wherever the tests themselves run: what is seen there is what is seen here.
    const here = await namespacePids({ path });
    assert.deepEqual(here.pids, [pid]);
    for (const threads of [false, true]) {
      for (const target of [{ path }, { pid }]) {
        const there = (await ask('namespacePids', target, { threads, proc })) as NamespacePids;
        // How many may not be looked at changes from moment to moment.
        const unseen = { ...here.unseen, processes: there.unseen.processes };
        assert.deepEqual(there, { ...here, unseen });
      }
    }
    assert.deepEqual(
      ((await ask('identify', { pid }, { directory, proc })) as { name: string }[]).map(({ name }) => name),
      ['a'],
    );
    // The process of this number is another one in the PID namespace of its own, if there is one.
    assert.equal(((await ask('namespacePids', { pid })) as { code: string }).code, 'ENOENT');
  },
);

test('what is no procfs is refused before anything is looked at', async (t) => {
  const proc = bindProc(t);
  const target = { pid: 2 ** 31 - 1 };
  for (const wrong of ['', 'proc', '/', '/run', '/nowhere', `${proc}/self`, '/proc/sys', '/proc\0', 5, null])
    for (const call of [
      namespacePids(target, { proc: wrong as string }),
      identify({ pid: 1 }, { proc: wrong as string }),
    ])
      await assert.rejects(call, {
        code: 'ERR_NLINK_INVALID_ARGUMENT',
        message: /^proc must be an absolute/,
      });
  await assert.rejects(namespacePids(target, { proc: `${proc}/` }), {
    code: 'ENOENT',
    message: /there is no process 2147483647/,
  });
});

/** The procfs of the tests at another place as well, as a container has that of its host. */
function bindProc(t: TestContext): string {
  const place = `${netnsDirectory()}/proc`;
  mkdirSync(place);
  // Recursive: in a user namespace no mount may be uncovered.
  execFileSync('mount', ['--rbind', '/proc', place]);
  t.after(() => execFileSync('umount', ['--lazy', place]));
  return place;
}

for (const [hidepid, code] of [
  [1, 'EPERM'],
  [2, 'ENOENT'],
] as const) {
  test(`where /proc hides the processes of others (hidepid=${hidepid}) it is not`, { skip }, async (t) => {
    const ask = await asker(t, spawnApart(`hidepid=${hidepid}`, ordinaryCommand(processes)));
    for (const threads of [false, true]) {
      const own = (await ask('namespacePids', { path: '/proc/self/ns/net' }, { threads })) as NamespacePids;
      assert.equal(own.pids.length, 1);
      assert.equal(own.complete, false);
      // With hidepid=1 they are listed, and nothing more may be known of them.
      const { processes: denied, hidden, outside } = own.unseen;
      assert.deepEqual([denied > 0, hidden, outside], [hidepid === 1, hidepid === 2, true]);
    }
    for (const call of [
      ['namespacePids', { pid: 1 }],
      ['identify', { pid: 1 }],
    ])
      assert.equal(((await ask(...call)) as { code: string }).code, code);
    assert.equal(await ask('hasStatx'), true);
  });
}
