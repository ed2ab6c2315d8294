/**
 * How soon the graph of links is right after something happened, what a container's start costs
 * whoever watches, and what links take of memory, and of CPU while nothing happens.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { withNamespaces } from '../lib/nsids.js';
import { median, percentile, shown } from '../lib/numbers.js';
import { Peer, script } from '../lib/peer.js';
import { notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink, hasProgram } from '../lib/tools.js';
import { ipBatch, VethMaker } from '../lib/veths.js';

const NAMESPACES = 50;
/** Pairs that are made at once. */
const BATCH = 100;
/** Pairs that are made one at a time in a round, and milliseconds between two. */
const SINGLES = 40;
const GAP = 25;
/** Starts of a container in a round. */
const STARTS = 8;
/** The kernel settles what became of a carrier within a second. Milliseconds. */
const SETTLED = 1500;
/** Pairs whose memory is measured. */
const MANY = 2000;
/** V8 collects garbage when a process has been idle for eight seconds, and again: much was made. */
const AT_REST = 20_000;
const MOST = { batch: 30, single: 10, start: 3, bytes: 1536 };

async function watcher(directory, how) {
  const [node, ...args] = script('link-events/nlink.js', directory, how);
  const peer = new Peer([node, '--expose-gc', ...args]);
  await peer.ready();
  return peer;
}

/** Milliseconds until the graph was right: from when the last of many was made. */
async function batches(nlink, maker, rounds) {
  const taken = [];
  for (let round = 0; round < rounds; round++) {
    const { first, after } = await maker.make(BATCH);
    taken.push((Number(await nlink.turn(`${first} ${BATCH}`)) - after) / 1e6);
    await nlink.settled(100);
  }
  return taken;
}

/** From when one was asked for. */
async function singles(nlink, maker, count) {
  const taken = [];
  for (let at = 0; at < count; at++) {
    const { first, before } = await maker.make(1);
    taken.push((Number(await nlink.turn(`${first} 1`)) - before) / 1e6);
    await sleep(GAP);
  }
  return taken;
}

/** As a container engine connects a container to its bridge; `to` has its namespace already. */
async function startContainer(number, to) {
  await ipBatch([
    `link add name veth${number} type veth peer name tmp${number}`,
    `link set dev veth${number} master bridge0`,
    `link set dev tmp${number} netns ${to}`,
    `link set dev veth${number} up`,
  ]);
  const inside = (...words) => new Peer(['ip', '-n', to, ...words], false).finish();
  await inside('link', 'set', 'dev', `tmp${number}`, 'name', 'eth0');
  await inside('address', 'add', '172.17.0.2/16', 'dev', 'eth0');
  await inside('link', 'set', 'dev', 'eth0', 'up');
  await inside('route', 'add', 'default', 'via', '172.17.0.1');
}

/** Milliseconds of CPU that each of the watchers takes for a start. */
async function starts(watchers, from, count) {
  const before = watchers.map((peer) => peer.sample().cpu);
  for (let number = from; number < from + count; number++) {
    await startContainer(number, `added-${number % NAMESPACES}`);
    await sleep(SETTLED / 4);
  }
  await sleep(SETTLED);
  for (const peer of watchers) await peer.settled();
  const taken = watchers.map((peer, at) => (peer.sample().cpu - before[at]) / 1e3 / count);
  for (let number = from; number < from + count; number++) await ipBatch([`link del veth${number}`]);
  return taken;
}

/** Bytes of a link: of the heap, and resident. */
async function memory(nlink, maker) {
  const now = async () => ({
    heap: Number(await nlink.turn('memory')),
    rss: nlink.sample().rss * 1024,
  });
  const before = await now();
  const { first } = await maker.make(MANY);
  await nlink.turn(`${first} ${MANY}`);
  await nlink.settled(500);
  const after = await now();
  return {
    heap: (after.heap - before.heap) / (2 * MANY),
    rss: (after.rss - before.rss) / (2 * MANY),
  };
}

async function rest(watchers, seconds) {
  await sleep(AT_REST);
  const before = watchers.map((peer) => peer.sample());
  await sleep(seconds * 1000);
  return watchers.map((peer, at) => {
    const { cpu, sleeps } = peer.sample();
    return { percent: (cpu - before[at].cpu) / 1e4 / seconds, sleeps: sleeps - before[at].sleeps };
  });
}

async function measure(directory, rounds, seconds) {
  const nlink = await watcher(directory, 'links');
  const plain = await watcher(directory, 'plain');
  const maker = await VethMaker.start(directory, NAMESPACES);
  // What compiling takes is not the price of an event.
  await batches(nlink, maker, 3);
  const result = {
    batch: await batches(nlink, maker, rounds * 2),
    single: await singles(nlink, maker, rounds * SINGLES),
    starts: [],
  };
  await ipBatch(['link add name bridge0 type bridge', 'link set dev bridge0 up']);
  for (let round = 0; round <= rounds; round++) {
    const taken = await starts([nlink, plain], round * STARTS, STARTS);
    if (round > 0) result.starts.push({ links: taken[0], plain: taken[1] });
  }
  await ipBatch(['link del bridge0']);
  await plain.stop();
  result.memory = await memory(nlink, maker);
  [result.rest] = await rest([nlink], seconds);
  await nlink.stop();
  await maker.finish();
  return result;
}

export async function linkEvents({ directory, rounds, seconds = 10 }) {
  const title = `links between ${NAMESPACES} namespaces, ${rounds} rounds`;
  if (!hasProgram('veth-maker') || !hasNlink() || !hasCommand('ip'))
    return notMeasured(title, 'needs a C compiler, ip, and nlink built');
  const result = await withNamespaces(directory, NAMESPACES, () => measure(directory, rounds, seconds * 3));
  return section(title, report(result, seconds * 3));
}

function report(result, seconds) {
  const { batch, single, memory: bytes, rest: resting } = result;
  const links = result.starts.map((it) => it.links);
  const latency = (what, taken) => [
    what,
    shown(median(taken), 1),
    shown(percentile(taken, 0.9), 1),
    shown(Math.max(...taken), 1),
  ];
  return {
    tables: [
      table(
        'until the graph is right, ms',
        ['', 'median', 'p90', 'most'],
        [
          latency(`${BATCH} pairs made in a row, from the last one made`, batch),
          latency('one pair, from when it is asked for', single),
        ],
      ),
      table(
        'CPU of a start of a container, ms',
        ['', 'median', 'most'],
        [
          ['nlink', shown(median(links), 2), shown(Math.max(...links), 2)],
          ['nlink, without links', shown(median(result.starts.map((it) => it.plain)), 2), ''],
        ],
      ),
      table(
        `among ${2 * MANY} links`,
        ['heap of a link, bytes', 'resident, bytes', `CPU at rest for ${seconds} s, %`, 'wake-ups'],
        [[shown(bytes.heap), shown(bytes.rss), shown(resting.percent, 4), resting.sleeps]],
      ),
    ],
    targets: [
      target(`a batch: right within ${MOST.batch} ms`, median(batch) <= MOST.batch),
      target(`one pair: told within ${MOST.single} ms`, median(single) <= MOST.single),
      target(`a container's start: at most ${MOST.start} ms of CPU`, median(links) <= MOST.start),
      target(`at most ${MOST.bytes} bytes of heap a link`, bytes.heap <= MOST.bytes),
      target('at rest: nothing', resting.percent === 0 && resting.sleeps === 0),
    ],
    measured: result,
  };
}
