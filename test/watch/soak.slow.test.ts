/**
 * Soak: names and ids come and go at a steady rate, at random, with all that holds a namespace,
 * storms and losses, a directory that goes and comes; three watchers follow. After each interval (a
 * minute, or a sixth of a short run) all must be quiet within moments and what was told come to
 * what is; memory, descriptors and latency must be what they were at the beginning.
 * NLINK_SOAK_MINUTES sets how long (half a minute by default; `npm run soak` takes an hour),
 * NLINK_SOAK_SEED the seed, or `random`.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openDescriptors } from '../support/descriptors.ts';
import { collectGarbage } from '../support/gc.ts';
import { netnsDirectory } from '../support/netns.ts';
import { connect, freshTable } from '../support/nsids.ts';
import { Host, PACE } from './soak-host.ts';
import { Watchers } from './soak-watchers.ts';
import { UnifiedHost } from './support/unified-operations.ts';

const MINUTES = Number(process.env['NLINK_SOAK_MINUTES'] ?? 0.5);
const SEED = process.env['NLINK_SOAK_SEED'] ?? '20261124';
const DURATION = MINUTES * 60_000;
const INTERVAL = Math.min(60_000, DURATION / 6);

/** What is compared with the beginning. */
interface Measure {
  /** Bytes, after garbage collection: what JavaScript holds, inside its heap and outside. */
  heap: number;
  external: number;
  descriptors: number;
  /** From the mount of a namespace to its `created`: the median in milliseconds. */
  latency: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

async function measure(watchers: Watchers): Promise<Measure> {
  await collectGarbage();
  const { heapUsed: heap, external } = process.memoryUsage();
  const latency = median(watchers.latencies.splice(0));
  return { heap, external, descriptors: openDescriptors().size, latency };
}

/** What has grown since the beginning, if anything. */
function growth(first: Measure, now: Measure): string[] {
  const limits: Measure = {
    heap: 1.1 * first.heap + 4e6,
    external: 1.1 * first.external + 4e6,
    descriptors: first.descriptors,
    // The machine may have something else to do; what grows with what has been told grows on.
    latency: 4 * first.latency + 5,
  };
  return (Object.keys(limits) as (keyof Measure)[])
    .filter((key) => now[key] > limits[key])
    .map((key) => `${key} has grown from ${first[key]} to ${now[key]}`);
}

test(`soak, for ${MINUTES} minutes`, async (t) => {
  freshTable(t);
  const seed = SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(SEED);
  const connection = await connect(t);
  const unified = new UnifiedHost([netnsDirectory(), netnsDirectory()], connection);
  const watchers = await Watchers.open(t, connection, unified.directories);
  const host = new Host(seed, unified, watchers);
  t.after(() => host.clear());
  t.after(() => unified.close());
  console.log(`# soak: seed ${seed}, ${MINUTES} minutes, checked each ${Math.round(INTERVAL / 1000)} s`);

  let [first, late]: [Measure | null, string[]] = [null, []];
  const start = performance.now();
  for (let interval = 1; performance.now() - start < DURATION; interval++) {
    const end = performance.now() + INTERVAL;
    let operations = 0;
    for (; performance.now() < end; operations++) {
      await host.step();
      await setTimeout(PACE);
    }
    await watchers.settle();
    await host.clear();
    await watchers.settle();
    const now = await measure(watchers);
    const elapsed = Math.round((performance.now() - start) / 1000);
    console.log(
      `# ${elapsed} s: ${operations} operations, ${watchers.events} events so far, ${JSON.stringify(now)}`,
    );
    // What is compiled and cached at first is no growth.
    if (first === null || interval <= 2) {
      first = now;
      continue;
    }
    const grown = growth(first, now);
    // Twice in a row: a busy machine passes, a leak does not.
    for (const what of grown) assert(!late.includes(what.split(' ')[0] ?? ''), `after ${elapsed} s: ${what}`);
    late = grown.map((what) => what.split(' ')[0] ?? '');
  }
  assert(watchers.events > 100);
});
