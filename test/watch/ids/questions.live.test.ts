/**
 * The questions that a subscriber asks the kernel while it listens: they fail, for a while or for
 * good, or their answers are late. Either it goes on, and nothing is lost, or it ends with the
 * error of that call; nothing stays open.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { errno, errnoName } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { Clock } from '../../../src/watch/stream/clock.ts';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { brief } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { assignAll, destroyAll } from '../../support/block-event-loop.ts';
import { waitFor, within } from '../../support/wait.ts';

const real = netlinkSystem();

/** The real clock, but that nobody has to wait for half a second. */
const quickClock: Clock = {
  now: () => systemClock.now(),
  after: (milliseconds, callback) => systemClock.after(Math.min(milliseconds, 10), callback),
};

/** What of a question fails: to send it, or to receive what comes back. */
type Question = 'send' | 'receive';

/** The real system calls; those of questions fail as often as is asked for. */
function failing(question: Question): { system: NetlinkSystem; failures: { left: number; number: number } } {
  const failures = { left: 0, number: 0 };
  /** The one that asks is the first. */
  let asking = -1;
  const result = (call: Question, fd: number): number | null => {
    if (call !== question || fd !== asking || failures.left === 0) return null;
    failures.left--;
    return -failures.number;
  };
  const system: NetlinkSystem = {
    ...real,
    netlinkSocket(protocol) {
      const fd = real.netlinkSocket(protocol);
      if (asking < 0) asking = fd;
      return fd;
    },
    send: (fd, bytes, length) => result('send', fd) ?? real.send(fd, bytes, length),
    // The answers of several together, and that of one.
    receiveMany: (fd, inbox, most) => result('receive', fd) ?? real.receiveMany(fd, inbox, most),
    receive: (fd, into) => result('receive', fd) ?? real.receive(fd, into),
  };
  return { system, failures };
}

/** A subscriber with ten ids, whose questions will fail. */
async function troubled(
  t: TestContext,
  question: Question,
  bufferSize = 100,
): Promise<{ replay: NsidReplay; failures: { left: number; number: number }; paths: string[] }> {
  freshTable(t);
  const { system, failures } = failing(question);
  const replay = await NsidReplay.open(t, { bufferSize }, { system, clock: quickClock });
  const paths = makeNamespaces(10);
  await assignAll(replay.connection, paths);
  await replay.settleAt(...paths.keys());
  return { replay, failures, paths };
}

for (const [what, question] of [
  ['sending a question', 'send'],
  ['receiving an answer', 'receive'],
] as const) {
  for (const number of [errno.ENOMEM, errno.ENOBUFS]) {
    for (const [often, times, bufferSize] of [
      ['once', 1, 100],
      ['three times', 3, 1],
    ] as const) {
      // Fails if an end is dropped with the question about it, or if a shortage that passes ends
      // the subscriber.
      test(`${what} fails ${often} with ${errnoName(number)}: resynced, and goes on`, async (t) => {
        const { replay, failures, paths } = await troubled(t, question, bufferSize);
        Object.assign(failures, { left: times, number });
        await destroyAll(replay.connection, paths.slice(0, 4), [0, 1, 2, 3]);
        await replay.assign(makeNamespace(), 20);
        const told = await replay.until('resynced (overflow)');
        assert.deepEqual(told.slice(0, -1).toSorted(), ['del 0', 'del 1', 'del 2', 'del 3', 'new 20']);
        assert.equal(failures.left, 0);
        // What comes while it rests waits for it.
        deleteNamespace(paths[4] as string);
        await replay.assign(makeNamespace(), 21);
        await replay.settleAt(5, 6, 7, 8, 9, 20, 21);
      });
    }
  }

  test(`${what} fails for good with ENOMEM: ends with that error, once`, async (t) => {
    const { replay, failures, paths } = await troubled(t, question);
    Object.assign(failures, { left: Infinity, number: errno.ENOMEM });
    deleteNamespace(paths[0] as string);
    await assert.rejects(within('the end', replay.subscriber.recv()), {
      code: 'ENOMEM',
      syscall: question === 'send' ? 'send' : /recv/,
    });
    assert.equal(await replay.subscriber.recv(), undefined);
  });

  test(`${what} fails with EIO: ends with that error, once`, async (t) => {
    const { replay, failures, paths } = await troubled(t, question);
    await replay.assign(makeNamespace(), 20);
    assert.deepEqual(await replay.settleAt(20, ...paths.keys()), ['new 20']);
    Object.assign(failures, { left: 1, number: errno.EIO });
    deleteNamespace(paths[0] as string);
    await assert.rejects(within('the end', replay.subscriber.recv()), { code: 'EIO' });
    assert.equal(await replay.subscriber.recv(), undefined);
  });
}

test('stopped or aborted while it rests: ends at once, and frees everything', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await (await NamespaceEventSubscriber.open()).stop();
  for (const way of ['stop', 'abort'] as const) {
    const path = makeNamespace();
    await connection.setNsid({ path }, 5);
    await withoutLeak(async () => {
      const { system, failures } = failing('receive');
      const controller = new AbortController();
      let rests = 0;
      const clock: Clock = {
        now: () => systemClock.now(),
        after(milliseconds) {
          rests++;
          const cancel = systemClock.after(milliseconds, () => assert.fail('it rested on'));
          return () => {
            rests--;
            cancel();
          };
        },
      };
      const options = { signal: controller.signal };
      const subscriber = await NamespaceEventSubscriber.open(options, { system, clock });
      Object.assign(failures, { left: Infinity, number: errno.ENOMEM });
      const waiting = subscriber.recv();
      await destroyAll(connection, [path], [5]);
      await waitFor('the rest', () => rests > 0);
      if (way === 'stop') {
        await subscriber.stop();
        assert.equal(await waiting, undefined);
      } else {
        controller.abort();
        await assert.rejects(waiting, { code: 'ABORT_ERR' });
      }
      assert.equal(await subscriber.recv(), undefined);
      assert.equal(rests, 0);
    });
  }
});

/** The real system calls, but that answers are not there yet when they are asked for first. */
function late(): NetlinkSystem {
  let early = 0;
  let asking = -1;
  const isEarly = (fd: number): boolean => fd === asking && early++ % 2 === 0;
  return {
    ...real,
    netlinkSocket(protocol) {
      const fd = real.netlinkSocket(protocol);
      if (asking < 0) asking = fd;
      return fd;
    },
    receive: (fd, into) => (isEarly(fd) ? -errno.EAGAIN : real.receive(fd, into)),
    receiveMany: (fd, inbox, most) => (isEarly(fd) ? -errno.EAGAIN : real.receiveMany(fd, inbox, most)),
  };
}

for (const bufferSize of [1, 100]) {
  // Fails if notifications are read while an answer is waited for, or if nobody wakes the consumer
  // when it has come.
  test(`answers that are not there at once, bufferSize ${bufferSize}: all emitted, in order`, async (t) => {
    freshTable(t);
    const replay = await NsidReplay.open(t, { bufferSize }, { system: late(), clock: systemClock });
    const paths = makeNamespaces(60);
    for (const [index, path] of paths.entries()) {
      await replay.assign(path, index);
      if (index % 3 === 0) deleteNamespace(path);
      await new Promise(setImmediate);
    }
    const left = [...paths.keys()].filter((nsid) => nsid % 3 > 0);
    await replay.settleAt(...left);
    assert.equal(replay.events.length, 60 + 20);
    const news = replay.told.filter((line) => line.startsWith('new'));
    assert.deepEqual(
      news,
      [...paths.keys()].map((nsid) => `new ${nsid}`),
    );
  });
}

test('stopped while an answer is waited for: ends, and frees everything', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await (await NamespaceEventSubscriber.open()).stop();
  await withoutLeak(async () => {
    for (let round = 0; round < 10; round++) {
      const path = makeNamespace();
      await connection.setNsid({ path }, 5);
      const subscriber = await NamespaceEventSubscriber.open({}, { system: late(), clock: systemClock });
      await destroyAll(connection, [path], [5]);
      const waiting = subscriber.recv();
      for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
      await subscriber.stop();
      const event = await waiting;
      if (event !== undefined) assert.equal(brief(event), 'del 5');
      assert.equal(await subscriber.recv(), undefined);
    }
  });
});
