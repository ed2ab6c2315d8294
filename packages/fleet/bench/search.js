/**
 * A search over many hosts, in one process: how soon the first answer comes and what it has, how
 * long until all hosts have been looked into, what that costs, how long nothing else gets its turn,
 * and what the texts take of memory. Usage, after `npm run build:test`: search.js [--hosts N]
 * [--namespaces N] [--links] [--rest SECONDS]: after the first search, in which texts are made.
 * Prints figures; fails only where something is not found.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { FleetWatcher } from '../../../build/packages/fleet/src/fleet-watcher.js';
import { FleetSearch } from '../../../build/packages/fleet/src/serve/search/fleet-search.js';
import { packed } from '../../../build/packages/fleet/src/wire/payload.js';
import { EPOCH, lab } from '../../../build/packages/fleet/test/serve/support/hosts.js';
import { MemoryBroker } from '../../../build/packages/fleet/test/support/memory-transport.js';
import { snapshotOf } from './load/rows.js';

const number = (otherwise) => ({ type: 'string', default: String(otherwise) });
const { values } = parseArgs({
  options: {
    hosts: number(10_000),
    namespaces: number(50),
    links: { type: 'boolean', default: false },
    rest: number(0),
  },
});
const [hosts, namespaces] = [Number(values.hosts), Number(values.namespaces)];

const all = Array.from({ length: namespaces }, (_, at) => at);
/** Of a host, with a name that no other has. */
function jsonOf(host) {
  if (!values.links)
    return snapshotOf(
      EPOCH,
      0,
      host,
      all.map(() => 0),
    );
  return JSON.stringify(lab(all.map((at) => `cni-${host.toString(16)}-${at}-0`)));
}
const headOf = (host) => ({
  epoch: EPOCH,
  seq: 0,
  interval: 15_000,
  time: new Date().toISOString(),
  name: `node-${host}`,
  shard: '0',
  counts: { namespaces, names: namespaces, links: values.links ? 3 * namespaces + 3 : null },
  versions: { nlink: '0.1.0', node: process.versions.node, kernel: '6.12.9-amd64' },
  target: null,
  unavailable: [],
  bye: false,
});

const broker = new MemoryBroker();
let size = 0;
for (let host = 0; host < hosts; host++) {
  const json = jsonOf(host);
  size += json.length;
  broker.head(`h${host}`, headOf(host));
  broker.snapshot(`h${host}`, { epoch: EPOCH, seq: 0, resync: null, body: packed(json) });
}
const watcher = await FleetWatcher.open({ transport: broker.transport() });
const search = new FleetSearch(watcher, () => performance.now());
const memory = () => {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
};
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** As the page asks: again while hosts are pending. */
async function look(query, enough) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const figures = {};
  for (let asked = 1; ; asked++) {
    const began = performance.now();
    const { hosts: found, more, pending } = await search.find(query);
    const at = Math.round(performance.now() - start);
    if (asked === 1) Object.assign(figures, { first: at, firstHosts: found.length, firstPending: pending });
    if (found.length >= enough && figures.found === undefined) figures.found = at;
    if (pending === 0) {
      Object.assign(figures, {
        all: at,
        last: Math.round(performance.now() - began),
        hosts: found.length,
        more,
      });
      break;
    }
    await pause(500);
  }
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  console.log(query, {
    ...figures,
    cpu: Math.round((user + system) / 1000),
    stall: Math.round(delay.max / 1e6),
  });
  if (figures.found === undefined) process.exitCode = 1;
}

const before = memory();
console.log({ hosts, namespaces, links: values.links, jsonMB: Math.round(size / 1e6) });
await look(`cni-${(hosts - 1).toString(16)}-7-`, 1);
for (let second = 0; second < Number(values.rest); second++) {
  // Whoever has a search open asks each five seconds.
  if (second % 5 === 0) await search.find(`cni-${(hosts - 1).toString(16)}-7-`);
  await pause(1000);
}
const after = memory();
console.log('texts, kB a host', {
  heap: (after.heap - before.heap) / hosts / 1000,
  rss: (after.rss - before.rss) / hosts / 1000,
});
await look(`node-${hosts - 1}`, 1);
await look('cni-', 100);
await look('cni-', 100);
await look('inode:4026532007', 1);
await look('4026532007', 1);
await watcher.stop();
