/**
 * Each system call of what a `Connection` is asked fails once with each error that it documents:
 * the answer is right all the same, or the error says which call it was; the next answer is right,
 * whatever the one before left in the socket; and nothing stays open.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Connection, encodeNsidMessage, RTM_GETNSID } from '../../src/netlink/index.ts';
import type { NamespaceNetlinkEvent } from '../../src/netlink/index.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { assertTyped, describeFault, faultsOf, Injection } from '../support/injection.ts';
import type { Fault } from '../support/injection.ts';
import { deleteNamespace } from '../support/netns.ts';
import { atPaths, connect, freshTable, makeNamespace } from '../support/nsids.ts';
import { destroyAll } from '../support/block-event-loop.ts';

/** A namespace with the id 5 and one without, as they are asked for. */
interface Place {
  connection: Connection;
  path: string;
  other: string;
  fd: number;
}

/** What is asked, and the answer. */
const QUESTIONS: Record<string, [ask: (place: Place) => Promise<unknown>, answer: unknown]> = {
  getNsid: [({ connection, fd }) => connection.getNsid({ fd }), 5],
  'getNsid of a process': [({ connection }) => connection.getNsid({ pid: process.pid }), null],
  'getNsid of a path': [({ connection, path }) => connection.getNsid({ path }), 5],
  getNsids: [
    ({ connection, path, other }) => connection.getNsids(atPaths([path, other, path])),
    [5, null, 5],
  ],
  listNsids: [
    ({ connection }) => connection.listNsids(),
    { entries: [{ nsid: 5, current: 5 }], complete: true },
  ],
  'a request': [
    async ({ connection, fd }) => {
      const [answer] = await connection.request({
        type: RTM_GETNSID,
        payload: encodeNsidMessage({ family: 0, fd }),
      });
      return answer?.payload.length;
    },
    12,
  ],
  'a dump': [
    async ({ connection }) => {
      const { messages } = await connection.dump({
        type: RTM_GETNSID,
        payload: encodeNsidMessage({ family: 0 }),
      });
      return messages.length;
    },
    1,
  ],
};

interface Troubled extends Place {
  injection: Injection;
}

async function troubled(t: TestContext): Promise<Troubled> {
  freshTable(t);
  const [path, other] = [makeNamespace(), makeNamespace()];
  await (await connect(t)).setNsid({ path }, 5);
  const fd = openSync(path, 'r');
  t.after(() => closeSync(fd));
  const injection = new Injection();
  const connection = await Connection.open({}, injection.system);
  t.after(() => {
    connection.close();
    injection.assertClosed('closed');
  });
  return { connection, injection, path, other, fd };
}

/** Where several are asked for at once, each may have an error of its own. */
function assertAnswer(got: unknown, answer: unknown, fault: Fault, what: string): void {
  if (!Array.isArray(answer)) return assert.deepEqual(got, answer, what);
  for (const [index, one] of (got as unknown[]).entries()) {
    if (one instanceof Error) assertTyped(one, fault, what);
    else assert.equal(one, answer[index], what);
  }
}

for (const [name, [ask, answer]] of Object.entries(QUESTIONS)) {
  test(`${name}: each call fails once with each error it documents`, async (t) => {
    const place = await troubled(t);
    const { injection } = place;
    // The first time more is opened.
    for (let time = 0; time < 2; time++) {
      injection.arm(null);
      assert.deepEqual(await ask(place), answer);
    }
    const faults = faultsOf(injection.counts, 'all');
    assert(faults.length > 20);
    await withoutLeak(async () => {
      for (const fault of faults) {
        const what = describeFault(fault);
        injection.arm(fault);
        try {
          assertAnswer(await ask(place), answer, fault, what);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assertTyped(error, fault, what);
        }
        assert(injection.struck, what);
        injection.arm(null);
        assert.deepEqual(await ask(place), answer, `after that: ${what}`);
      }
    });
  });
}

test('setNsid: each call fails once; what it did or not is known by asking', async (t) => {
  const { connection, injection } = await troubled(t);
  const assign = (path: string): Promise<number> => connection.setNsid({ path }, 'auto');
  injection.arm(null);
  await assign(makeNamespace());
  for (const fault of faultsOf(injection.counts, 'all')) {
    const what = describeFault(fault);
    const path = makeNamespace();
    injection.arm(fault);
    const got = await assign(path).catch((error: unknown) => {
      assertTyped(error, fault, what);
      return null;
    });
    assert(injection.struck, what);
    const found = await connection.getNsid({ path });
    if (got !== null) assert.equal(found, got, what);
    if (found === null) assert.equal(await assign(path), await connection.getNsid({ path }), what);
    deleteNamespace(path);
  }
});

test('subscribed: each call fails once; emits the events, or a loss, or an error that names the call', async (t) => {
  freshTable(t);
  const asking = await connect(t);
  const injection = new Injection();
  /** @returns whether it went on */
  const round = async (fault: Fault | null): Promise<boolean> => {
    injection.arm(fault);
    const path = makeNamespace();
    await using connection = await Connection.open({}, injection.system);
    await connection.subscribeNamespaceEvents();
    const recv = async (): Promise<NamespaceNetlinkEvent | undefined> => {
      const event = await connection.recv();
      return event?.type === 'delNsid' ? recv() : event;
    };
    const waiting = recv();
    waiting.catch(() => undefined);
    const nsid = await asking.setNsid({ path }, 'auto');
    try {
      const event = await waiting;
      if (event?.type === 'overrun') assert.equal(fault?.code, 'ENOBUFS');
      else assert.equal(event?.type === 'newNsid' && event.nsid, nsid);
      return true;
    } finally {
      // Its end is waited for, or it comes in the middle of the next round, which is then told
      // without waiting.
      await destroyAll(asking, [path], [nsid]);
    }
  };
  assert.equal(await round(null), true);
  for (const fault of faultsOf(injection.counts, 'all')) {
    const what = describeFault(fault);
    await round(fault).catch((error: unknown) => {
      if (error instanceof assert.AssertionError) throw error;
      assertTyped(error, fault, what);
    });
    assert(injection.struck, what);
    injection.assertClosed(what);
  }
});
