/**
 * Sockets in a namespace of nlink's own, made here or by a child: that they are there and may be
 * used, what is said when they are not, and that nothing is left behind.
 */
import '../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { NsidAssignments } from '../../src/netlink/nsid-assignments.ts';
import { areAssigned } from '../../src/netlink/nsid-listing.ts';
import type { RawSocket } from '../../src/netlink/raw-socket.ts';
import { Requester } from '../../src/netlink/requester.ts';
import type { RunScratchChild } from '../../src/netlink/run-scratch-child.ts';
import { openScratchSockets } from '../../src/netlink/scratch-sockets.ts';
import { inNamespace } from '../../src/reference/round-trip.ts';
import { runBriefly } from '../../src/sys/brief-program.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { check, errno, errnoName, systemError } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { openDescriptors, openedSince, withDescriptorsLeft, withoutLeak } from '../support/descriptors.ts';
import { failOnce, faulty } from '../support/faults.ts';
import { makeNamespace } from '../support/nsids.ts';
import { DEADLINE } from '../support/wait.ts';

const real = netlinkSystem();
/** As for a process without CAP_SYS_ADMIN. */
const ordinary: NetlinkSystem = { ...real, setns: () => -errno.EPERM, open: openOfOrdinary };
const own = readlinkSync('/proc/thread-self/ns/net');

/** Without the capability, as `hasAdmin` reads it. */
function openOfOrdinary(path: Uint8Array, flags: number, mode?: number): number {
  const isStatus = Buffer.from(path).includes('/status');
  return isStatus ? -errno.ENOENT : real.open(path, flags, mode);
}

/** Whether nsids can be given there, and that nobody else has one there. */
async function assertUsable([requests, events]: RawSocket[]): Promise<void> {
  assert(requests !== undefined && events !== undefined);
  const requester = new Requester(requests);
  assert.deepEqual(await areAssigned(requester, [0, 1_000_000]), [false, false]);
  const fd = openSync(makeNamespace(), 'r');
  assert.deepEqual(await requester.exchange(new NsidAssignments([fd], 1_000_000)), [0]);
  closeSync(fd);
  requester.close();
  events.close();
}

/** Child processes of this one. */
const children = (): string =>
  readdirSync('/proc/self/task')
    .map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8'))
    .join('');

/** What an opening comes to: nothing, or the error. */
async function outcome(opening: Promise<RawSocket[]>): Promise<NodeJS.ErrnoException | null> {
  try {
    for (const socket of await opening) socket.close();
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

// What Node opens once for itself is open from now on.
await outcome(openScratchSockets({ system: ordinary }, 2));

test('here: no child', async () => {
  await withoutLeak(async () => {
    const runScratchChild: RunScratchChild = () => assert.fail('a child');
    await assertUsable(await openScratchSockets({ system: real, runScratchChild }, 2));
  });
  assert.equal(readlinkSync('/proc/thread-self/ns/net'), own);
});

test('by a child, which has gone', async () => {
  await withoutLeak(async () => {
    const sockets = await openScratchSockets({ system: ordinary }, 2);
    assert.equal(children(), '');
    await assertUsable(sockets);
  });
});

/** The next so many answers say that one may not. */
const refusing = (system: NetlinkSystem, times: number): NetlinkSystem => ({
  ...system,
  receive(fd, into) {
    const length = real.receive(fd, into);
    // The error of NLMSG_ERROR (netlink(7)), behind the header.
    if (length > 0 && times-- > 0) new DataView(into.buffer).setInt32(16, -errno.EPERM, littleEndian);
    return length;
  },
});

/** With the capability, in a user namespace that does not own the network namespace. */
const noReturn: NetlinkSystem = { ...real, setns: () => -errno.EPERM };

test('by a child, since the thread could not come back, or may not give nsids', async () => {
  for (const system of [noReturn, refusing(real, 1)])
    await withoutLeak(async () => assertUsable(await openScratchSockets({ system }, 2)));
});

test('in a worker thread', async () => {
  const worker = new Worker(new URL('fixtures/scratch-worker.js', import.meta.url));
  const exited = once(worker, 'exit');
  const [told] = await once(worker, 'message');
  assert.equal(told, 2);
  await exited;
});

/** A child that is a shell's, in place of the real one. */
const shell =
  (script: string, deadline = 30_000): RunScratchChild =>
  (descriptor) =>
    runBriefly({ words: ['sh', '-c', script], deadline }, descriptor);

/** One that sends these. */
const sending =
  (make: (count: number) => number[]): RunScratchChild =>
  async (descriptor, count) => {
    const made = make(count);
    check(real.sendDescriptors(descriptor, made), 'sendmsg');
    for (const fd of made) closeSync(fd);
    return 'ended with status 0';
  };

const files = (count: number): number[] => Array.from({ length: count }, () => openSync('/dev/null', 'r'));
const socketsHere = (count: number): number[] => Array.from({ length: count }, () => real.netlinkSocket(0));

const CHILDREN: Record<string, [RunScratchChild, RegExp]> = {
  'says why not': [shell('echo no such luck >&2; exit 1'), /: ended with status 1: no such luck$/],
  'is killed at the start': [shell('kill -KILL $$'), /: ended by SIGKILL$/],
  hangs: [shell('exec sleep 1000', 200), /: did not end within 200 ms; killed, it ended by SIGKILL$/],
  'prints rubbish': [shell('head -c 100000 /dev/urandom >&2'), /: ended with status 0: /],
  'sends rubbish': [shell('head -c 1000 /dev/urandom >&3'), /: ended with status 0/],
  'may not unshare': [
    shell('echo unshare: unshare failed: Operation not permitted >&2; exit 1'),
    /: unshare failed: Operation not permitted; .*user\.max_user_namespaces/,
  ],
  'sends files': [sending(files), /: ENOTSOCK: connect$/],
  'sends too few': [sending((count) => socketsHere(count - 1)), /the child sent 2 sockets in place of 3$/],
  'sends too many': [sending((count) => socketsHere(count + 1)), /the child sent 4 sockets in place of 3$/],
  'sends more than anybody may': [sending((count) => files(count + 13)), /./],
  'is not there': [
    (descriptor) => runBriefly({ words: ['/nonexistent/unshare'], deadline: 1000 }, descriptor),
    /spawn \/nonexistent\/unshare ENOENT$/,
  ],
  'is refused by the runtime': [
    () =>
      Promise.reject(
        Object.assign(new Error('denied'), { code: 'ERR_ACCESS_DENIED', permission: 'ChildProcess' }),
      ),
    /start node with --allow-child-process$/,
  ],
};

test('aborted while a child is at work: at once, and nothing is left', async () => {
  const runScratchChild: RunScratchChild = (descriptor, _, signal) =>
    runBriefly({ words: ['sleep', '1000'], deadline: DEADLINE, signal }, descriptor);
  await withoutLeak(async () => {
    const error = await outcome(
      openScratchSockets({ system: ordinary, runScratchChild }, 2, AbortSignal.timeout(50)),
    );
    assert.equal(error?.code, 'ABORT_ERR');
    assert.equal(children(), '');
  });
});

for (const [what, [runScratchChild, expected]] of Object.entries(CHILDREN))
  test(`a child that ${what}: one error with both reasons, and nothing is left`, async () => {
    await withoutLeak(async () => {
      const error = await outcome(openScratchSockets({ system: ordinary, runScratchChild }, 2));
      assert(error !== null);
      assert.equal(error.code, 'ERR_NLINK_NO_USER_NAMESPACE');
      assert.match(error.message, /neither by this process \(EPERM: setns: .*CAP_SYS_ADMIN/);
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /\n/);
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'EPERM');
      assert.equal(children(), '');
    });
  });

test('sockets by which one may not give nsids are not taken', async () => {
  await withoutLeak(async () => {
    const error = await outcome(openScratchSockets({ system: refusing(ordinary, 1) }, 2));
    assert.equal(error?.code, 'ERR_NLINK_NO_USER_NAMESPACE');
    assert.match(error.message, /in a user namespace of its own: EPERM: RTM_NEWNSID.*; .*user\.max_user_/);
  });
});

test('a shortage is told as it is', async () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'] as const)
    await withoutLeak(async () => {
      const runScratchChild: RunScratchChild = () => Promise.reject(systemError(errno[code], 'spawn'));
      const error = await outcome(openScratchSockets({ system: ordinary, runScratchChild }, 2));
      assert.equal(error?.code, code);
    });
});

const INFALLIBLE: ReadonlySet<keyof NetlinkSystem> = new Set(['takeBuffer', 'releaseBuffer', 'onReadable']);

// Of the parent's calls alone: the child's own are those of opening sockets anywhere.
test('each call fails once: nothing stays open, the thread is where it was', async () => {
  const runScratchChild = sending((count) => inNamespace(real, 'new', () => socketsHere(count)));
  for (const base of [real, ordinary]) {
    const reference = faulty(base, () => undefined);
    assert.equal(await outcome(openScratchSockets({ system: reference.system, runScratchChild }, 2)), null);
    for (const number of [errno.EIO, errno.EMFILE])
      for (const [index, call] of reference.calls.entries()) {
        const setns = reference.calls.slice(0, index + 1).filter((other) => other === 'setns').length;
        // The way back: then the process ends.
        if (INFALLIBLE.has(call) || (call === 'setns' && setns === 2)) continue;
        const before = openDescriptors();
        const { system } = faulty(base, failOnce(index + 1, -number));
        const error = await outcome(openScratchSockets({ system, runScratchChild }, 2));
        const which = `${call}, call ${index + 1}, ${errnoName(number)}`;
        assert.equal(readlinkSync('/proc/thread-self/ns/net'), own, which);
        assert.deepEqual(openedSince(before), [], which);
        const fatal = [
          'unshare',
          'netlinkSocket',
          'netlinkConnect',
          'netlinkPort',
          'socketPair',
          'receiveMessage',
        ];
        if (fatal.includes(call)) assert(error !== null, which);
      }
  }
});

test('no descriptor left: EMFILE, or the sockets', async () => {
  const outcomes: unknown[] = [];
  for (let left = 0; left <= 10; left++)
    await withoutLeak(() =>
      withDescriptorsLeft(left, async () => {
        outcomes.push((await outcome(openScratchSockets({ system: ordinary }, 2)))?.code ?? 'made');
      }),
    );
  assert.equal(outcomes[0], 'EMFILE');
  assert.deepEqual(new Set(outcomes), new Set(['EMFILE', 'made']), String(outcomes));
});
