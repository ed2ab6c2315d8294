/**
 * One id, many namespaces: the kernel gives an id that was freed to the next who asks, and may tell
 * of the new owner before it tells that the old one is gone (nsid-table.ts). Each change of hands
 * is told as an end and then a beginning; nothing that lives is told to be gone.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../../../src/netlink/index.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { SubscriberIo } from '../../../src/watch/ids/nsid-engine.ts';
import type { NamespaceIdEvent } from '../../../src/watch/ids/nsid-events.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { brief } from '../support/nsid-brief.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';
import { newOwnersFirst } from './reordered.ts';
import { takeOver } from '../../support/block-event-loop.ts';
import { within } from '../../support/wait.ts';

const churn = fileURLToPath(new URL('../fixtures/churn.js', import.meta.url));

interface Kernel {
  io: SubscriberIo | undefined;
  /** How often it told of a new owner first, as far as that is its doing. */
  reordered: () => number;
}

/**
 * The kernel as it is, which seldom tells of a new owner before it tells of the old one's end, and
 * one that always does.
 */
const kernels: Record<string, () => Kernel> = {
  'this kernel': () => ({ io: undefined, reordered: () => 0 }),
  'new owners first': () => {
    const { system, count } = newOwnersFirst();
    return { io: { system, clock: systemClock }, reordered: count };
  },
};

for (const [which, kernel] of Object.entries(kernels)) {
  // Fails if an id that is assigned when the kernel is asked counts as never gone, or as gone for
  // good.
  test(`${which}: an id changes hands before anything is read: del, then new`, async (t) => {
    freshTable(t);
    const replay = await NsidReplay.open(t, {}, kernel().io);
    const [a = '', b = ''] = makeNamespaces(2);
    await replay.assign(a, 5);
    assert.deepEqual(await replay.settleAt(5), ['new 5']);
    deleteNamespace(a);
    await takeOver(replay.connection, b, 5);
    assert.deepEqual(await replay.settleAt(5), ['del 5', 'new 5']);
    deleteNamespace(b);
    assert.deepEqual(await replay.until('del 5'), ['del 5']);
  });

  // The same for an id that was never told: it was there before.
  test(`${which}: an id of the snapshot changes hands: del, then new`, async (t) => {
    freshTable(t);
    const [a = '', b = ''] = makeNamespaces(2);
    const connection = await connect(t);
    await connection.setNsid({ path: a }, 5);
    const replay = await NsidReplay.open(t, {}, kernel().io);
    deleteNamespace(a);
    await takeOver(connection, b, 5);
    assert.deepEqual(await replay.settleAt(5), ['del 5', 'new 5']);
  });

  for (const bufferSize of [1, 100]) {
    test(`${which}, bufferSize ${bufferSize}: an id changes hands many times before anything is read`, async (t) => {
      freshTable(t);
      const replay = await NsidReplay.open(t, { bufferSize }, kernel().io);
      const owners = 40;
      for (let owner = 0; owner < owners; owner++) {
        const path = makeNamespace();
        await takeOver(replay.connection, path, 5);
        if (owner < owners - 1) deleteNamespace(path);
      }
      const expected = Array.from({ length: owners }, () => ['del 5', 'new 5']).flat();
      assert.deepEqual(await replay.settleAt(5), expected.slice(1));
    });
  }
}

interface Life {
  nsid: number;
  /** When it was asked for, and when its namespace was let go of; null: not at all. */
  from: number;
  to: number | null;
}

const now = (): number => Number(process.hrtime.bigint() / 1000n);

/** Starts the program. @returns what it printed, at its end */
async function startChurn(t: TestContext, milliseconds: number): Promise<Life[]> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, churn, String(milliseconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return JSON.parse(await text(child.stdout)) as Life[];
}

/**
 * Nothing may be told before it happened: at each `newNsid` of an id there have been as many
 * beginnings of it as were told by then, and as many ends at each `delNsid`. So the end of a
 * namespace that lives is noticed, if only its id's earlier owners were told.
 */
function checkCauses(
  events: readonly NamespaceIdEvent[],
  times: readonly number[],
  lives: readonly Life[],
): void {
  const byId = new Map<number, Life[]>();
  for (const life of lives) byId.set(life.nsid, [...(byId.get(life.nsid) ?? []), life]);
  const told = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'resynced') continue;
    const what = brief(event);
    const count = (told.get(what) ?? 0) + 1;
    told.set(what, count);
    const at = times[index] ?? 0;
    const happened = (byId.get(event.nsid) ?? []).filter(({ from, to }) =>
      event.type === 'newNsid' ? from <= at : to !== null && to <= at,
    );
    assert(happened.length >= count, `${what}, told ${count} times, had happened ${happened.length} times`);
  }
}

/**
 * How often the kernel itself told of a new owner before it told of the old one's end. Ends when
 * the connection is closed.
 */
async function countReorders(
  connection: Connection,
): Promise<{ notified: number; first: number; lost: boolean }> {
  const known = new Set<number>();
  const count = { notified: 0, first: 0, lost: false };
  for await (const event of connection) {
    count.notified++;
    if (event.type === 'overrun') count.lost = true;
    else if (event.type === 'delNsid') known.delete(event.nsid);
    else if (known.has(event.nsid)) count.first++;
    else known.add(event.nsid);
  }
  return count;
}

for (const [which, kernel] of Object.entries(kernels)) {
  // Fails if the order in which the kernel tells is believed, or if the kernel is asked about an id
  // at the wrong moment.
  test(`${which}: two programs make namespaces with ids and destroy them for seconds`, async (t) => {
    freshTable(t);
    const { io, reordered } = kernel();
    const replay = await NsidReplay.open(t, {}, io);
    const raw = await connect(t);
    await raw.subscribeNamespaceEvents();
    const counting = countReorders(raw);
    const END = 1_000_000;
    const ownLives: Life[] = [];

    const churning = Promise.all([startChurn(t, 3000), startChurn(t, 3000)]);
    const kept = makeNamespaces(20);
    const keep = async (nsid: number | 'auto'): Promise<void> => {
      const path = kept.pop() as string;
      const from = now();
      ownLives.push({ nsid: await replay.assign(path, nsid), from, to: null });
    };
    const finishing = (async () => {
      const lives = await within('the end of both programs', churning, 120_000);
      await keep(END);
      return lives.flat();
    })();
    const times: number[] = [];
    for (let event: NamespaceIdEvent | undefined; event === undefined || brief(event) !== `new ${END}`;) {
      event = await replay.next();
      times.push(now());
      // Now and then one takes the lowest free id and keeps it, amid all that go.
      if (times.length % 300 === 0 && kept.length > 1) await keep('auto');
    }
    // Some are kept after both programs have ended, while their last events are still to be read.
    const lives = [...(await finishing), ...ownLives];
    const ids = ownLives.map(({ nsid }) => nsid);
    await replay.settleAt(...ids);
    while (times.length < replay.events.length) times.push(now());
    checkCauses(replay.events, times, lives);

    raw.close();
    const { notified, first, lost } = await counting;
    const { resyncs } = replay.subscriber.stats();
    t.diagnostic(
      `${lives.length} namespaces, ${replay.events.length} events of ${notified} notifications, ${resyncs} resyncs; ` +
        `the kernel told of a new owner first ${first} times${lost ? ', as far as it was heard' : ''}, and was made to ${reordered()} times`,
    );
  });
}
