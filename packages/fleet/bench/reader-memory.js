/**
 * What a reader of many hosts costs: memory for each namespace (and for each host where only heads
 * are read), and CPU for each delta. By itself, without a broker: rows as a host with containers
 * has them, given as a transport gives them.
 *
 *     npm run build:test && node --expose-gc packages/fleet/bench/reader-memory.js [HOSTS [NAMESPACES [BATCHES]]]
 *
 * BATCHES: deltas for each host, of two events. Prints one line of JSON for each measurement. Of
 * what is resident some is V8's young generation, which grows to its limit however few hosts there
 * are: 16 MB twice over, or what `--max-semi-space-size` says.
 */
import { randomBytes } from 'node:crypto';
import { getHeapSpaceStatistics } from 'node:v8';
import { gzipSync } from 'node:zlib';
import { FleetWatcher } from '../../../build/packages/fleet/src/index.js';

const [hosts = 10_000, namespaces = 50, batches = 60] = process.argv.slice(2).map(Number);
if (globalThis.gc === undefined) throw new Error('run it with node --expose-gc');
const DIRECTORY = '/var/run/netns';
const DEV = '4';

const hex = (bytes) => randomBytes(bytes).toString('hex');
const mac = () => `02:${hex(5).replace(/..(?=.)/g, '$&:')}`;
const epochs = Array.from({ length: hosts }, () => hex(8));
const keys = Array.from({ length: hosts }, () => hex(16));

const identity = (number) => ({
  id: String(5000 + number),
  dev: DEV,
  ino: String(4_026_532_000 + number),
  since: '1764500000000000000',
});

function link(ifindex, name, kind, peer) {
  return {
    ifindex,
    name,
    kind,
    state: kind === null ? 'unknown' : 'up',
    up: true,
    mtu: kind === null ? 65_536 : 1500,
    address: kind === null ? '00:00:00:00:00:00' : mac(),
    altNames: [],
    alias: null,
    master: peer?.netns === '(this namespace)' || kind !== 'veth' ? null : 3,
    slaveKind: null,
    peer,
    peerState: peer === null ? null : 'paired',
    flags: 69_699,
    details: null,
    masterName: null,
  };
}

/** Of each second one a container, of the others each with a name. */
function namespaceOf(number) {
  const owner = number % 2 === 0 ? { kind: 'docker', name: hex(6), id: hex(32) } : null;
  const name = owner === null ? `cni-${hex(4)}-${hex(2)}-${hex(2)}-${hex(6)}` : null;
  const names = name === null ? [] : [{ name, path: `${DIRECTORY}/${name}`, directory: DIRECTORY }];
  return { number, owner, names, netns: name ?? `docker ${owner.name}`, namespace: identity(number) };
}

function snapshotOf(epoch) {
  const all = Array.from({ length: namespaces }, (_, at) => namespaceOf(at + 1));
  const rows = all.map(({ number, owner, names: [name], namespace }) => ({
    ...(name === undefined ? { name: null } : { ...name, ready: true }),
    nsid: null,
    own: false,
    namespace,
    number,
    pids: [1000 + number],
    loOnly: false,
    owner,
    processes: 3,
    lingering: false,
    linksState: 'live',
  }));
  const own = {
    netns: '(this namespace)',
    number: 0,
    nsid: null,
    own: true,
    namespace: identity(0),
    names: [],
    owner: null,
  };
  const links = all.flatMap(({ number, owner, names, netns, namespace }) => {
    const where = { netns, number, nsid: null, own: false, namespace, names, owner, linksState: 'live' };
    const far = `veth${hex(4)}`;
    const index = number + 10;
    return [
      { ...where, ...link(1, 'lo', null, null) },
      { ...where, ...link(2, 'eth0', 'veth', { netns: own.netns, number: 0, ifindex: index, name: far }) },
      {
        ...own,
        linksState: 'live',
        ...link(index, far, 'veth', { netns, number, ifindex: 2, name: 'eth0' }),
      },
    ];
  });
  rows.push({
    name: null,
    nsid: null,
    own: true,
    namespace: identity(0),
    number: 0,
    pids: [1],
    loOnly: false,
    owner: null,
    processes: 90,
    lingering: false,
    linksState: 'live',
  });
  const head = { type: 'snapshot', epoch, seq: 0, revision: 1, directory: DIRECTORY, unavailable: [] };
  return JSON.stringify({ ...head, namespaces: rows, links });
}

const headOf = (at) => ({
  epoch: epochs[at],
  seq: 0,
  interval: 3_600_000,
  time: new Date().toISOString(),
  name: `node-${at}.example.org`,
  shard: '0',
  counts: { namespaces, names: namespaces / 2, links: 3 * namespaces },
  versions: { nlink: '0.1.0', node: '20.20.2', kernel: '6.18.44-1-amd64' },
  target: `10.0.${at >> 8}.${at & 255}:9411`,
  unavailable: [],
  bye: false,
});

/** A container more, then less. */
function eventsOf(number) {
  const { owner, netns, namespace } = namespaceOf(number);
  const time = new Date().toISOString();
  const where = { netns, number, nsid: null, own: false, namespace, names: [], owner };
  return [
    { type: 'found', time, nsid: null, namespace, number, pids: [number], loOnly: true, owner },
    {
      type: 'linkAdded',
      time,
      ...where,
      link: link(2, 'eth0', 'veth', {
        netns: '(this namespace)',
        number: 0,
        ifindex: 9,
        name: `veth${hex(4)}`,
      }),
    },
  ];
}

class Transport {
  start(target) {
    this.target = target;
    target.connection('live', null);
    return Promise.resolve();
  }
  ask() {}
  barrier(_key, done) {
    done();
  }
  stop() {
    return Promise.resolve();
  }
}

function memory() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return { used: heapUsed + external, rss, young: young.physical_space_size };
}

const told = (what, rest) => console.log(JSON.stringify({ what, hosts, namespaces, ...rest }));
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function opened(heads) {
  const transport = new Transport();
  const fleet = await FleetWatcher.open({ transport, heads });
  return { transport, fleet, target: transport.target };
}

/** Nobody may be held up by a consumer. */
function drain(fleet) {
  let count = 0;
  while (fleet.tryRecv() !== undefined) count++;
  return count;
}

{
  const before = memory();
  const { fleet, target } = await opened(true);
  const start = cpu();
  for (let at = 0; at < hosts; at++) {
    target.head(keys[at], JSON.parse(JSON.stringify(headOf(at))), 0);
    if (at % 100 === 0) drain(fleet);
  }
  drain(fleet);
  const spent = cpu() - start;
  const after = memory();
  told('heads only', {
    bytesPerHost: Math.round((after.used - before.used) / hosts),
    rssPerHost: Math.round((after.rss - before.rss) / hosts),
    youngPerHost: Math.round((after.young - before.young) / hosts),
    microsecondsPerHead: Math.round((1000 * spent) / hosts),
  });
  await fleet.stop();
}

const before = memory();
const { fleet, target } = await opened(false);
let spent = 0;
let [packed, plain] = [0, 0];
for (let at = 0; at < hosts; at++) {
  const json = snapshotOf(epochs[at]);
  const body = gzipSync(json, { level: 4 });
  packed += body.length;
  plain += json.length;
  const start = cpu();
  target.head(keys[at], JSON.parse(JSON.stringify(headOf(at))), 0);
  target.snapshot(keys[at], { epoch: epochs[at], seq: 0, resync: null, body });
  drain(fleet);
  spent += cpu() - start;
}
const after = memory();
const each = (bytes) => Math.round(bytes / hosts / namespaces);
told('snapshots', {
  plainPerNamespace: each(plain),
  packedPerNamespace: each(packed),
  bytesPerNamespace: each(after.used - before.used),
  rssPerNamespace: each(after.rss - before.rss),
  millisecondsPerSnapshot: Number((spent / hosts).toFixed(2)),
});

let events = 0;
let time = 0;
for (let batch = 0; batch < batches; batch++) {
  for (let at = 0; at < hosts; at++) {
    const delta = { epoch: epochs[at], first: 1 + 2 * batch, events: eventsOf(1000 + batch) };
    const start = cpu();
    target.delta(keys[at], delta);
    if (at % 20 === 0) events += drain(fleet);
    time += cpu() - start;
  }
}
events += drain(fleet);
const last = memory();
told('deltas', {
  batches: batches * hosts,
  events,
  bytesPerNamespace: each(last.used - before.used),
  rssPerNamespace: each(last.rss - before.rss),
  microsecondsPerDelta: Number(((1000 * time) / batches / hosts).toFixed(1)),
});
const start = cpu();
for (let at = 0; at < 50; at++) fleet.namespaces(keys[at]);
told('a look', { milliseconds: Number(((cpu() - start) / 50).toFixed(2)), all: fleet.hosts().length });
await fleet.stop();
