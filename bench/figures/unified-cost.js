/**
 * What an event costs UnifiedNamespaceWatcher, in CPU time, with more and more namespaces that are
 * there: in one directory namespaces stand still, in another c/adder.c adds some, one at a time,
 * and removes them. And the memory that a namespace takes.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { assignIds, networkOf, withNamespaces } from '../lib/nsids.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { Peer, script } from '../lib/peer.js';
import { notMeasured, section, table, target } from '../lib/section.js';
import { hasNlink, hasProgram, program } from '../lib/tools.js';

const SIZES = [10, 100, 1000, 5000];
/** Between two additions, in microseconds. */
const GAP = 2000;
/**
 * The most that an event may cost with the most namespaces, as a multiple of what it costs with the
 * fewest.
 */
const TARGET_RATIO = 1.5;
const TARGET_BYTES = 2048;

/**
 * One round with `size` namespaces: CPU time of an event in microseconds, and the heap in bytes.
 */
async function measure(names, events, additions, withIds) {
  const command = script('unified-cost/nlink.js', names.directory, events);
  const watcher = new Peer(['unshare', '--net', command[0], '--expose-gc', ...command.slice(1)]);
  // Its network namespace is there from the start; ids have to be there before it is ready.
  await watcher.ready();
  if (withIds) await assignIds(networkOf(watcher), names.directory, names.count);
  await watcher.settled(200);
  const before = watcher.sample();
  const adder = new Peer([program('adder'), events, String(additions), String(GAP), '0']);
  await adder.ready();
  await adder.finish();
  await watcher.settled(300);
  const cpu = watcher.sample().cpu - before.cpu;
  const counts = JSON.parse(await watcher.stop());
  const told = counts.created + counts.deleted;
  if (told !== 2 * additions) throw new Error(`${told} of ${2 * additions} events were told`);
  await sleep(additions);
  return { cpu: cpu / told, heap: counts.heap };
}

export async function unifiedCost({ directory, rounds, additions, names }) {
  const sizes = names === undefined ? SIZES : [SIZES[0], names];
  const title = `${additions} additions and deletions, ${rounds} rounds, CPU time in µs of an event`;
  if (!hasProgram('adder') || !hasProgram('nsid-assign') || !hasNlink())
    return notMeasured(title, 'needs a C compiler, and nlink built');
  const still = `${directory}-still`;
  const events = `${directory}-events`;
  mkdirSync(still);
  mkdirSync(events);
  const results = [];
  for (const size of sizes) {
    const result = { size, plain: [], ids: [], heap: [] };
    await withNamespaces(still, size, async () => {
      for (let round = 0; round < rounds; round++) {
        const there = { directory: still, count: size };
        const plain = await measure(there, events, additions, false);
        const ids = await measure(there, events, additions, true);
        result.plain.push(plain.cpu);
        result.ids.push(ids.cpu);
        result.heap.push(plain.heap);
      }
    });
    results.push(result);
  }
  return section(title, report(results));
}

function report(results) {
  const [first] = results;
  const last = results.at(-1);
  const ratios = (key, it) => it[key].map((value, round) => value / first[key][round]);
  const bytes = (median(last.heap) - median(first.heap)) / (last.size - first.size);
  return {
    tables: [
      table(
        'CPU time of an event among many namespaces',
        ['namespaces', 'without ids', 'x the fewest', 'all with ids', 'x the fewest', 'heap, MB'],
        results.map((it) => [
          it.size,
          shown(median(it.plain), 1),
          shownRatios(ratios('plain', it)),
          shown(median(it.ids), 1),
          shownRatios(ratios('ids', it)),
          shown(median(it.heap) / 2 ** 20, 2),
        ]),
      ),
    ],
    notes: [`memory: ${shown(bytes)} bytes a namespace`],
    targets: [
      target(
        `an event costs at most ${TARGET_RATIO} times as much among ${last.size} namespaces`,
        median(ratios('plain', last)) <= TARGET_RATIO,
      ),
      target(`at most ${TARGET_BYTES} bytes a namespace`, bytes <= TARGET_BYTES),
    ],
    measured: results,
  };
}
