/**
 * Each system call of a subscriber fails once while it opens, at every position: it opens all the
 * same, or says which call it was, and nothing stays open. What fails later:
 * nsid-questions.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { errno, errnoName, systemError } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import type { NamespaceEventSubscriberOptions } from '../../../src/watch/ids/nsid-events.ts';
import { openDescriptors, openedSince, withoutLeak } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import { connect, freshTable, makeNamespace } from '../../support/nsids.ts';

type Call = keyof NetlinkSystem;

const real = netlinkSystem();

/** What is no system call, and cannot fail with a number. */
const INFALLIBLE: ReadonlySet<Call> = new Set(['takeBuffer', 'releaseBuffer', 'onReadable']);

/** The codes that an opening may end with when this call fails; none: it goes on. */
function expectedCodes(call: Call, number: number): (string | null)[] {
  const code = errnoName(number);
  const forbidden = number === errno.EPERM;
  switch (call) {
    case 'close':
      return [null];
    case 'setOption':
      // What old kernels lack is done without, and SO_RCVBUF stands in for SO_RCVBUFFORCE; the
      // group is needed, and listening to all.
      return [null, code];
    case 'setns':
      return [forbidden ? 'ERR_NLINK_NO_RETURN' : code, code, null];
    case 'netlinkSocket':
      return [forbidden ? 'ERR_NLINK_NETLINK_UNAVAILABLE' : code];
    case 'receiveMany':
      // Of the notifications it is a loss, which is made good.
      return number === errno.ENOBUFS ? [null, code] : [code];
    default:
      return [code];
  }
}

for (const number of [errno.EIO, errno.ENOMEM, errno.EPERM, errno.ENOBUFS]) {
  test(`opening: each call fails once with ${errnoName(number)}`, async (t) => {
    freshTable(t);
    const own = readlinkSync('/proc/thread-self/ns/net');
    const connection = await connect(t);
    const inside = makeNamespace();
    const fd = openSync(inside, 'r');
    t.after(() => closeSync(fd));
    const places: NamespaceEventSubscriberOptions[] = [
      { allNamespaces: true },
      { namespace: { path: inside } },
      { namespace: { fd } },
    ];
    await connection.setNsid({ path: makeNamespace() }, 3);
    const open = (system: NetlinkSystem, options: object): Promise<NamespaceEventSubscriber> =>
      NamespaceEventSubscriber.open(options, { system, clock: systemClock });
    for (const options of places) {
      const reference = faulty(real, () => undefined);
      await (await open(reference.system, options)).stop();
      const { calls } = reference;
      for (const [index, call] of calls.entries()) {
        if (INFALLIBLE.has(call)) continue;
        const isWayBack = call === 'setns' && calls.lastIndexOf('setns') === index;
        // Then the process ends, unless memory was short for a moment:
        // test/netlink/open-faults.live.test.ts.
        if (isWayBack && number !== errno.ENOMEM) continue;
        const which = `${JSON.stringify(options)}: ${call}, call ${index + 1}`;
        const before = openDescriptors();
        const { system } = faulty(real, failOnce(index + 1, -number));
        let outcome: string | null = null;
        try {
          const subscriber = await open(system, options);
          assert.deepEqual(subscriber.nsids(), options.namespace === undefined ? [3] : [], which);
          await subscriber.stop();
        } catch (error) {
          outcome = (error as { code: string }).code;
        }
        assert(expectedCodes(call, number).includes(outcome), `${which}: ${outcome}`);
        assert.equal(readlinkSync('/proc/thread-self/ns/net'), own, which);
        assert.deepEqual(openedSince(before), [], which);
      }
    }
  });
}

test('opening: nothing can be polled for want of descriptors', async (t) => {
  freshTable(t);
  await (await NamespaceEventSubscriber.open()).stop();
  const system: NetlinkSystem = {
    ...real,
    onReadable() {
      throw systemError(errno.EMFILE, 'epoll_create1');
    },
  };
  await withoutLeak(async () => {
    const opening = NamespaceEventSubscriber.open({}, { system, clock: systemClock });
    await assert.rejects(opening, { code: 'EMFILE', syscall: 'epoll_create1' });
  });
});
