/**
 * nlink.js DIRECTORY HOW: a UnifiedNamespaceWatcher that is told of links (`links`) or not (`plain`).
 * A line on stdin with the number of a pair of c/veth-maker.c and how many: the answer is the
 * nanosecond at which the last of their ends was told with the right far end. The line `memory`:
 * the heap after a collection, in bytes.
 */
import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';

const [, , directory, how] = process.argv;
const options = how === 'links' ? { directory, links: true } : { directory };
const { watcher } = await UnifiedNamespaceWatcher.listAndWatch(options);
/** When each end was told as it should be; what is told otherwise is not. */
const right = new Map();
/** Ends that are waited for. */
let awaited = new Set();
let done = () => {};

async function follow() {
  for await (const { type, link } of watcher) {
    if (type !== 'linkAdded' && type !== 'linkChanged') continue;
    const { name, peer } = link;
    const far = (name.startsWith('p') ? 'q' : 'p') + name.slice(1);
    if (peer?.name !== far) right.delete(name);
    else if (!right.has(name)) right.set(name, process.hrtime.bigint());
    if (right.has(name) && awaited.delete(name) && awaited.size === 0) done();
  }
}

/** When the last end of these pairs was right. */
async function allRight(first, count) {
  const ends = Array.from({ length: count }, (_, at) => [`p${first + at}`, `q${first + at}`]).flat();
  for (;;) {
    awaited = new Set(ends.filter((name) => !right.has(name)));
    if (awaited.size === 0) break;
    await new Promise((resolve) => {
      done = resolve;
    });
  }
  return ends.reduce((last, name) => (right.get(name) > last ? right.get(name) : last), 0n);
}

function heap() {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

void follow();
process.once('SIGTERM', () => process.exit(0));
writeSync(1, 'ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [first, count] = line.split(' ').map(Number);
  const answer = line === 'memory' ? heap() : await allRight(first, count);
  writeSync(1, `${answer}\nready\n`);
}
process.exit(0);
