/**
 * Random sequences of what happens to namespaces with and without names, to processes in them and
 * to what else keeps them, on the real kernel, followed by watchers of different patience: what they
 * tell must come to what is there after each sequence, as a look at everything finds it. The clock
 * of the watchers runs faster than time does. NLINK_MODEL_RUNS sets how many sequences,
 * NLINK_MODEL_SEED the seed, or `random`.
 */
import '../../support/pid-namespace.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { holderCensus } from '../../../src/netns/holders/holder-census.ts';
import { inspectionSystem } from '../../../src/sys/inspection.ts';
import { linux } from '../../../src/sys/system.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { netnsDirectory } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { knowsTheDead } from '../../support/old-kernels.ts';
import { modelRuns } from '../../support/runs.ts';
import { waitFor } from '../../support/wait.ts';
import { UnnamedHost } from '../support/unnamed-host.ts';
import { moving, unnamedOperation } from '../support/unnamed-operations.ts';
import type { UnnamedOperation } from '../support/unnamed-operations.ts';
import { UnnamedReplay } from '../support/unnamed-replay.ts';
import { lookAt } from '../support/unnamed-truth.ts';

const RUNS = modelRuns(150);
/** The same sequences each time, unless asked: what fails here fails for everybody. */
const seed = process.env['NLINK_MODEL_SEED'] ?? '20261130';

interface Step {
  operation: UnnamedOperation;
  /**
   * What the watchers get to do after it: nothing, a turn of the event loop, some milliseconds; a
   * look at all processes.
   */
  meanwhile: 'nothing' | 'turn' | 'wait' | 'look';
  /** Whether events are taken then: otherwise they wait, and hold up the watcher. */
  takes: boolean;
  /** In the course of the next look, after so many of the first watcher's system calls. */
  amid: { calls: number; operation: UnnamedOperation } | null;
}

/** Watchers are opened, and then each of the sequences is followed to its end. */
interface Scenario {
  before: UnnamedOperation[];
  sequences: Step[][];
}

const SEQUENCES = 10;

const step: fc.Arbitrary<Step> = fc.record({
  operation: unnamedOperation,
  meanwhile: fc.constantFrom<Step['meanwhile'][]>(
    ...Array<'nothing'>(6).fill('nothing'),
    'turn',
    'wait',
    'look',
    'look',
  ),
  takes: fc.boolean(),
  amid: fc.option(fc.record({ calls: fc.nat(40), operation: fc.oneof(unnamedOperation, moving) }), {
    freq: 4,
  }),
});
const scenario: fc.Arbitrary<Scenario> = fc.record({
  before: fc.array(unnamedOperation, { maxLength: 8, size: 'max' }),
  sequences: fc.array(fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }), {
    minLength: SEQUENCES,
    maxLength: SEQUENCES,
  }),
});

async function act(host: UnnamedHost, replays: readonly UnnamedReplay[], step: Step): Promise<void> {
  host.perform(step.operation);
  if (step.takes) for (const replay of replays) replay.take();
  if (step.meanwhile === 'turn') await setImmediate();
  if (step.meanwhile === 'wait') await setTimeout(3);
  if (step.meanwhile !== 'look') return;
  const { amid } = step;
  const first = replays[0]?.io;
  if (amid !== null && first !== undefined)
    first.onScanned = () => {
      first.onScanned = () => {};
      first.interference.arm(amid.calls, () => host.perform(amid.operation));
    };
  await Promise.all(replays.map((replay) => replay.scanned()));
}

/** What a look at everything there is finds of the namespaces of the host, and of its own. */
async function census(host: UnnamedHost): Promise<string[]> {
  const held = await holderCensus(inspectionSystem(), host.directories);
  return held
    .flatMap(({ namespace: { id }, names, inhabited, holders }) => {
      if (id === null || (!host.made.has(id) && id !== host.made.own.id)) return [];
      const paths = names.map(({ path }) => path).sort();
      const isHeld = holders.length > 0 || paths.length > 0 || inhabited;
      return `${id} ${inhabited ? 'inhabited' : ''} ${isHeld ? 'held' : ''} ${paths.join(' ')}`;
    })
    .sort();
}

/** The truth that watchers are held against is the truth. */
async function prove(host: UnnamedHost): Promise<void> {
  const found = lookAt(host);
  assert(found !== null);
  const lines = [...found.values()]
    .filter(({ paths, pids, holds }) => paths.length + pids.length + holds > 0)
    .map(({ id, pids, paths }) => `${id} ${pids.length > 0 ? 'inhabited' : ''} held ${paths.join(' ')}`);
  assert.deepEqual(await census(host), lines.sort());
}

async function play(host: UnnamedHost, { before, sequences }: Scenario): Promise<void> {
  for (const operation of before) host.perform(operation);
  const replays = [
    await UnnamedReplay.open(host, { bufferSize: 1, readyTimeout: 0 }),
    await UnnamedReplay.open(host, { readyTimeout: 200 }),
  ];
  const settle = async (): Promise<void> => {
    replays[0]?.io.interference.disarm();
    await Promise.all(replays.map((replay) => replay.settle()));
  };
  try {
    for (const steps of sequences) {
      for (const step of steps) await act(host, replays, step);
      await settle();
    }
    await prove(host);
    host.clear();
    await settle();
  } catch (error) {
    const told = replays.map((replay) => replay.toldLast).join('\n');
    throw new Error(`${String(error)}\ntold last:\n${told}`, { cause: error });
  } finally {
    for (const replay of replays) await replay.watcher.stop();
    host.clear();
    await waitFor('the end of all', () => lookAt(host)?.size === 1);
    host.made.forget([...host.made.ids]);
  }
}

test('model on the real kernel: namespaces with and without names', async (t) => {
  // Only by its id one knows of each namespace whether it lives (Linux 6.18, root).
  if (!knowsTheDead(linux())) return;
  freshTable(t);
  const host = new UnnamedHost([netnsDirectory(), netnsDirectory()]);
  t.after(() => host.close());
  await play(host, { before: [], sequences: [[]] });
  await withoutLeak(async () => {
    const details = await fc.check(
      fc.asyncProperty(scenario, (one) => play(host, one)),
      {
        numRuns: Math.ceil(RUNS / SEQUENCES),
        // A failure may take the whole deadline of settle: smaller ones are looked for by hand.
        endOnFailure: true,
        ...(seed === 'random' ? {} : { seed: Number(seed) }),
      },
    );
    if (!details.failed) return;
    const cause = details.errorInstance as Error;
    throw new Error(`${await fc.asyncDefaultReportMessage(details)}\n${cause.stack}`, { cause });
  });
});
