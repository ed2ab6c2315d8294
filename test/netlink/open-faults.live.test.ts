/**
 * Each system call of an opening fails once, at every position: nothing stays open, the thread is
 * where it was, and the error is that of the call. Where the thread cannot come back the process
 * ends.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Connection, NetlinkSocket } from '../../src/netlink/index.ts';
import type { NamespaceReference } from '../../src/netlink/index.ts';
import { errno, errnoName } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { openDescriptors, openedSince, withDescriptorsLeft, withoutLeak } from '../support/descriptors.ts';
import { failOnce, faulty } from '../support/faults.ts';
import { makeNamespace } from '../support/nsids.ts';

type Call = keyof NetlinkSystem;

const linux = netlinkSystem();
/**
 * For an ordinary user as for root: SO_RCVBUFFORCE (33) does what SO_RCVBUF (8) does, so that the
 * same calls are made.
 */
const real: NetlinkSystem = {
  ...linux,
  setOption: (fd, level, option, value) =>
    linux.setOption(fd, level, level === 1 && option === 33 ? 8 : option, value),
};
const own = readlinkSync('/proc/thread-self/ns/net');

/** What is no system call, and cannot fail with a number. */
const INFALLIBLE: ReadonlySet<Call> = new Set(['takeBuffer', 'releaseBuffer', 'onReadable']);

/** The ways to open something, as one that gives it back closed. */
const openings: Record<string, (system: NetlinkSystem, namespace?: NamespaceReference) => Promise<void>> = {
  async Connection(system, namespace) {
    const connection = await Connection.open({ namespace }, system);
    connection.close();
  },
  async NetlinkSocket(system, namespace) {
    const socket = await NetlinkSocket.open({ namespace, receiveBufferSize: 100_000 }, system);
    socket.close();
  },
};

/** What an opening comes to when this call of it fails. `nth`: which one of this name. */
function expectedOutcome(call: Call, nth: number, number: number, what: string): string | null {
  const privileged = number === errno.EPERM;
  switch (call) {
    case 'close':
      return null;
    case 'setOption':
      // What old kernels lack is done without; then SO_RCVBUFFORCE, in whose place SO_RCVBUF does,
      // if it was refused.
      return what === 'NetlinkSocket' && nth > 4 ? errnoName(number) : null;
    case 'setns':
      // Whether it could come back, into the other one, and back.
      if (nth === 1) return privileged ? 'ERR_NLINK_NO_RETURN' : errnoName(number);
      return nth === 2 ? errnoName(number) : null;
    case 'netlinkSocket':
      return privileged ? 'ERR_NLINK_NETLINK_UNAVAILABLE' : errnoName(number);
    default:
      assert.ok(['open', 'netlinkConnect', 'netlinkPort'].includes(call), `${what}: ${call}`);
      return errnoName(number);
  }
}

async function attempt(opening: Promise<void>): Promise<string | null> {
  try {
    await opening;
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

for (const [what, open] of Object.entries(openings)) {
  for (const number of [errno.EIO, errno.ENOMEM, errno.EPERM, errno.EMFILE]) {
    test(`${what}: each call fails once with ${errnoName(number)}`, async (t) => {
      const path = makeNamespace();
      const fd = openSync(path, 'r');
      t.after(() => closeSync(fd));
      for (const namespace of [undefined, { path }, { pid: process.pid }, { fd }]) {
        const reference = faulty(real, () => undefined);
        await open(reference.system, namespace);
        const { calls } = reference;
        for (const [index, call] of calls.entries()) {
          if (INFALLIBLE.has(call)) continue;
          const nth = calls.slice(0, index + 1).filter((other) => other === call).length;
          // Then the process ends, unless memory was short for a moment: see below.
          if (call === 'setns' && nth === 3 && number !== errno.ENOMEM) continue;
          const which = `${JSON.stringify(namespace)}: ${call}, call ${index + 1}`;
          const before = openDescriptors();
          const { system } = faulty(real, failOnce(index + 1, -number));
          const outcome = await attempt(open(system, namespace));
          assert.equal(outcome, expectedOutcome(call, nth, number, what), which);
          assert.equal(readlinkSync('/proc/thread-self/ns/net'), own, which);
          assert.deepEqual(openedSince(before), [], which);
        }
      }
    });
  }
}

test('the way: there once for both sockets, after the way back was proved, and nothing else is done there', async () => {
  const path = makeNamespace();
  const { system, calls } = faulty(real, () => undefined);
  await (openings['Connection'] as (typeof openings)[''])(system, { path });
  const trip = [
    'open',
    'open',
    'setns',
    'setns',
    'netlinkSocket',
    'netlinkSocket',
    'setns',
    'close',
    'close',
  ];
  assert.deepEqual(calls.slice(0, trip.length), trip);
  assert.equal(calls.filter((call) => call === 'setns').length, 3);
});

test('subscribing: each option fails once; the connection goes on, and all is freed with it', async () => {
  for (const number of [errno.EIO, errno.EINVAL]) {
    // SO_RCVBUFFORCE, for which SO_RCVBUF stands in; and NETLINK_ADD_MEMBERSHIP.
    const expected: Record<string, string | null> = {
      '1/33': null,
      '1/8': errnoName(number),
      '270/1': number === errno.EINVAL ? 'ERR_NLINK_UNSUPPORTED_KERNEL' : errnoName(number),
    };
    const failed: string[] = [];
    for (let position = 1; position <= 3; position++) {
      await withoutLeak(async () => {
        let count = -Infinity;
        let which = '';
        const system: NetlinkSystem = {
          ...real,
          setOption(fd, level, option, value) {
            if (++count !== position) return real.setOption(fd, level, option, value);
            which = `${level}/${option}`;
            return -number;
          },
        };
        const connection = await Connection.open({}, system);
        count = 0;
        const outcome = await attempt(connection.subscribeNamespaceEvents());
        assert.equal(outcome, which === '' ? null : expected[which], which);
        if (which !== '') failed.push(which);
        assert.equal(await connection.getNsid({ pid: process.pid }), null);
        connection.close();
      });
    }
    assert.ok(failed.includes('1/33') && failed.includes('270/1'), String(failed));
  }
});

test('no descriptor left: EMFILE at whichever call it happens', async () => {
  const path = makeNamespace();
  for (const [what, open] of Object.entries(openings)) {
    for (const namespace of [undefined, { path }]) {
      const outcomes: (string | null)[] = [];
      for (let left = 0; left <= 4; left++) {
        await withoutLeak(() =>
          withDescriptorsLeft(left, async () => {
            outcomes.push(await attempt(open(real, namespace)));
          }),
        );
        assert.equal(readlinkSync('/proc/thread-self/ns/net'), own);
      }
      // Its sockets, and for the trip a descriptor of each namespace.
      const needed = (what === 'Connection' ? 2 : 1) + (namespace === undefined ? 0 : 2);
      assert.deepEqual(
        outcomes,
        Array.from({ length: 5 }, (_, left) => (left < needed ? 'EMFILE' : null)),
        what,
      );
    }
  }
});

test('the thread cannot come back: the process ends, and says why', () => {
  const program = fileURLToPath(new URL('fixtures/stranded.js', import.meta.url));
  const script = 'ulimit -c 0; exec "$@"';
  const { signal, stdout, stderr } = spawnSync(
    'sh',
    ['-c', script, 'sh', process.execPath, program, makeNamespace()],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(signal, 'SIGABRT', stderr);
  assert.equal(stdout, 'open\n');
  assert.match(stderr, /^nlink: the thread cannot return to its own network namespace \(setns: EPERM\)/);
});
