/**
 * The engine of the subscriber against a simulated kernel in which ids are assigned and removed
 * before every system call, notifications come in any order, queues overflow, and answers may be
 * late: for each id `newNsid` and `delNsid` alternate, what was there and what was told come to
 * what is, and nothing is told to have changed hands more often than it did, nor less often, but
 * for what was listed or lost. NLINK_MODEL_RUNS sets how many scenarios, NLINK_MODEL_SEED the seed,
 * or `random`.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { NsidEngine } from '../../../src/watch/ids/nsid-engine.ts';
import type { NamespaceIdEvent } from '../../../src/watch/ids/nsid-events.ts';
import { modelRuns } from '../../support/runs.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SimulatedNetlink } from '../support/simulated-netlink.ts';
import type { NetlinkSimulation } from '../support/simulated-netlink.ts';

type Step =
  | { kind: 'assign' | 'remove'; nsid: number }
  | { kind: 'send'; index: number }
  | { kind: 'read'; count: number }
  | { kind: 'nothing' };

interface Scenario {
  settings: NetlinkSimulation;
  steps: Step[];
  /** What others do before each system call, one after the other. */
  intrusions: Step[];
}

const nsid = fc.integer({ min: 0, max: 2 });
const change: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('assign' as const), nsid }),
  fc.record({ kind: fc.constant('remove' as const), nsid }),
  fc.record({ kind: fc.constant('send' as const), index: fc.nat(5) }),
);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  settings: fc.record({
    queueLimit: fc.constantFrom(2, 4, 64),
    prompt: fc.boolean(),
    byNsid: fc.constant(true),
  }),
  steps: fc.array(
    fc.oneof(
      change,
      fc.record({ kind: fc.constant('read' as const), count: fc.integer({ min: 1, max: 5 }) }),
    ),
    {
      minLength: 10,
      maxLength: 60,
      size: 'max',
    },
  ),
  intrusions: fc.array(fc.oneof(change, fc.constant({ kind: 'nothing' as const })), {
    minLength: 10,
    maxLength: 100,
    size: 'max',
  }),
});

function act(kernel: SimulatedNetlink, step: Step): void {
  if (step.kind === 'assign') kernel.assign(step.nsid);
  else if (step.kind === 'remove') kernel.remove(step.nsid);
  else if (step.kind === 'send') kernel.send(step.index);
}

/** Lets what waits for answers go on. */
async function settle(kernel: SimulatedNetlink): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
    kernel.answer();
    kernel.wake();
  }
}

async function play({ settings, steps, intrusions }: Scenario): Promise<{
  before: number[];
  told: NamespaceIdEvent[];
  kernel: SimulatedNetlink;
  known: number[];
  /**
   * Removals up to the opening; null where some were not sent yet, which may be told as changes of
   * hands after it.
   */
  earlier: Map<number, number> | null;
}> {
  const kernel = new SimulatedNetlink(settings);
  const waiting = [...intrusions];
  kernel.between = () => act(kernel, waiting.shift() ?? { kind: 'nothing' });
  const clock = new FakeClock();
  const place = { namespace: undefined, directory: undefined };
  const options = {
    bufferSize: 100,
    signal: undefined,
    place,
    allNamespaces: false,
    receiveBufferSize: 4096,
  };
  let pending = true;
  const opening = NsidEngine.open({ system: kernel.system, clock }, options).finally(() => {
    pending = false;
  });
  // oxlint-disable-next-line no-unmodified-loop-condition
  while (pending) await settle(kernel);
  const engine = await opening;
  engine.start(() => {});
  const before = [...engine.known];
  const earlier = kernel.underWay.length === 0 ? new Map(kernel.removals) : null;
  const told: NamespaceIdEvent[] = [];
  const read = async (most: number): Promise<void> => {
    // It may have to ask several times before it tells.
    for (let taken = 0, vain = 0; taken < most && vain < 4;) {
      const event = engine.next();
      if (event === undefined) {
        vain++;
        await settle(kernel);
        continue;
      }
      told.push(event);
      taken++;
      vain = 0;
    }
  };
  for (const step of steps) {
    if (step.kind === 'read') await read(step.count);
    else act(kernel, step);
  }
  kernel.between = () => {};
  while (kernel.underWay.length > 0) kernel.send(0);
  await read(Infinity);
  const known = [...engine.known];
  await engine.close();
  assert.equal(kernel.sockets.size, 0, 'sockets left open');
  return { before, told, kernel, known, earlier };
}

const sorted = (ids: Iterable<number>): number[] => [...ids].sort((a, b) => a - b);

async function check(played: Scenario): Promise<NamespaceIdEvent[]> {
  const { before, told, kernel, known, earlier } = await play(played);
  const there = new Set(before);
  const ends = new Map<number, number>();
  for (const event of told) {
    if (event.type === 'resynced') continue;
    const alternates = event.type === 'newNsid' ? !there.has(event.nsid) : there.delete(event.nsid);
    assert.ok(alternates, `${event.type} ${event.nsid} twice`);
    if (event.type === 'newNsid') there.add(event.nsid);
    else ends.set(event.nsid, (ends.get(event.nsid) ?? 0) + 1);
  }
  assert.deepEqual(sorted(there), sorted(kernel.table.keys()), 'what was told does not come to what is');
  assert.deepEqual(sorted(known), sorted(kernel.table.keys()));
  const losses = told.filter(({ type }) => type === 'resynced').length;
  for (const [id, count] of kernel.removals) {
    if (earlier === null || losses > 0 || before.includes(id)) continue;
    const removals = count - (earlier.get(id) ?? 0);
    assert.equal(ends.get(id) ?? 0, removals, `${id} was told to be removed less often than it was`);
  }
  for (const [id, count] of ends) {
    // What is not sent yet when the ids are listed can be told as a change of hands after it.
    const since = losses === 0 && earlier !== null ? (earlier.get(id) ?? 0) : -losses;
    const removals = (kernel.removals.get(id) ?? 0) - since;
    assert.ok(count <= removals, `${id} was told to be removed ${count} times, and was ${removals} times`);
  }
  return told;
}

const runs = modelRuns(3000);
const seed = process.env['NLINK_MODEL_SEED'] ?? '20261124';

test('random changes before every system call, notifications in any order, overflows', async () => {
  let resynced = 0;
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async (played) => {
      const told = await check(played);
      if (told.some(({ type }) => type === 'resynced')) resynced++;
      if (told.length > 3) changed++;
    }),
    { numRuns: runs, ...(seed === 'random' ? {} : { seed: Number(seed) }) },
  );
  // Else it shows nothing.
  assert.ok(resynced > runs / 50, `${resynced} scenarios with a loss`);
  assert.ok(changed > runs / 5, `${changed} scenarios with changes`);
});
