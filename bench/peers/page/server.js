/**
 * server.js BOXES: the server of `nlink serve` over an invented network instead of a watcher. Prints
 * where it listens, and `ready`. For each line on standard input, a number, so many updates happen,
 * a hundred a second; then it prints `ready` again.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from '../../../build/src/serve/server.js';
import { netnsOf, networkOf, Updates } from './network.js';

const EACH = 10;
const entries = networkOf(Number(process.argv[2]));
const waiting = [];
let wake = () => {};
/** What the server wants of a watcher. */
const watcher = {
  namespaces: () => entries,
  linkStatistics: async () => null,
  linkAddresses: async () => null,
  isWatchingNetns: true,
  isWatchingNsids: true,
  isWatchingDeaths: true,
  isWatchingLinks: true,
  stats: () => ({ processes: null }),
  tryRecv: () => waiting.shift(),
  async recv() {
    if (waiting.length === 0) await new Promise((resolve) => (wake = resolve));
    return waiting.shift();
  },
  async stop() {
    wake();
  },
};
const server = await open(watcher, { listen: '127.0.0.1:0' });
writeSync(1, `${server.address}\nready\n`);
const updates = new Updates(entries);
for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  for (let sent = 0; sent < Number(line); sent++) {
    await sleep(Math.max(0, began + sent * EACH - performance.now()));
    const { entry, link } = updates.next();
    waiting.push({ type: 'linkChanged', netns: netnsOf(entry), link, changed: ['state'] });
    wake();
  }
  writeSync(1, 'ready\n');
}
process.exit(0);
