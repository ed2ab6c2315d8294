/**
 * Plain files created and deleted as fast as a C program can, which no watcher is ever asked to bear for long: does it see all, does it
 * say so if not, and what does an event cost. Live: both run at once. Drain: the watcher is stopped (SIGSTOP) while events fill
 * the kernel's queue, so that the cost of wake-ups is out of the figure. Overrun: the queue is filled twice over.
 */
import { readFileSync } from 'node:fs';
import { median, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';
import { Peer, run, script } from '../lib/peer.js';
import { compare } from '../lib/sequence.js';
import { hasCommand, hasNlink, hasProgram, program } from '../lib/tools.js';

const TARGET_RATIO = 1.5;
/** Pairs that are queued at a time in "drain": 16,000 events, where the kernel's queue holds 16,384 by default. */
const DRAIN_PAIRS = 8000;

const peers = (directory) => [
  { name: 'c-read', there: hasProgram('c-read'), command: [program('c-read'), directory], print: ['print'] },
  {
    name: 'c-read, 0.5 ms pause',
    there: hasProgram('c-read'),
    command: [program('c-read'), directory, '500'],
    print: null,
  },
  { name: 'nlink', there: hasNlink(), command: script('storm/nlink.js', directory), print: ['print'] },
  { name: 'fs.watch', there: true, command: script('storm/fs-watch.js', directory), print: ['print'] },
  {
    name: 'ip netns monitor',
    there: hasCommand('ip') && hasCommand('stdbuf'),
    command: ['ip', 'netns', 'monitor'],
    foreign: true,
    printing: ['stdbuf', '-oL', 'ip', 'netns', 'monitor'],
  },
];

/** Starts a peer and waits until it watches and sleeps. */
async function start(it, command) {
  // Only what is compared is kept: a foreign program has nothing else to say.
  const peer = new Peer(command, !it.foreign || command === it.printing);
  await (it.foreign ? peer.watching() : peer.ready());
  await peer.settled();
  return peer;
}

const counters = (report) => Object.fromEntries(report.trim().split('\n').map((line) => line.split(' ')));
/** Events told, where the peer says how many. */
function told(report) {
  const { events, created, deleted } = counters(report);
  const sum = events === undefined ? Number(created) + Number(deleted) : Number(events);
  return Number.isNaN(sum) ? null : sum;
}

const churn = (directory, pairs) => run([program('churn'), directory, String(pairs)]);

async function live(it, directory, pairs) {
  const peer = await start(it, it.command);
  const before = peer.sample();
  const began = performance.now();
  await churn(directory, pairs);
  const seconds = (performance.now() - began) / 1000;
  await peer.settled();
  const after = peer.sample();
  const report = await peer.stop();
  return {
    cpu: (after.cpu - before.cpu) / (2 * pairs),
    sleeps: after.sleeps - before.sleeps,
    ...{ rssBefore: before.rss, peakRss: after.peakRss },
    rate: (2 * pairs) / seconds,
    ...{ told: told(report), losses: Number(counters(report).overflows ?? 0) },
  };
}

async function drain(it, directory, pairs) {
  const peer = await start(it, it.command);
  const costs = [];
  for (let queued = 0; queued < pairs; queued += DRAIN_PAIRS) {
    peer.signal('SIGSTOP');
    await churn(directory, DRAIN_PAIRS);
    const before = peer.sample();
    peer.signal('SIGCONT');
    await peer.settled();
    costs.push((peer.sample().cpu - before.cpu) / (2 * DRAIN_PAIRS));
  }
  const report = await peer.stop();
  const cpu = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return { cpu, first: costs[0], warm: median(costs.slice(costs.length >> 1)), told: told(report) };
}

/** Which events the peer told, one by one, in a run whose cost is not counted. */
async function check(it, directory, pairs) {
  const command = it.printing ?? (it.print && [...it.command, ...it.print]);
  if (!command) return null;
  const peer = await start(it, command);
  await churn(directory, pairs);
  await peer.settled();
  return compare(await peer.stop(), pairs);
}

/** The same with the peer stopped until twice as much was queued as the queue holds. */
async function overrun(it, directory) {
  const command = it.printing ?? (it.print && [...it.command, ...it.print]);
  if (!command) return null;
  const pairs = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'latin1'));
  const peer = await start(it, command);
  peer.signal('SIGSTOP');
  await churn(directory, pairs);
  peer.signal('SIGCONT');
  await peer.settled();
  return compare(await peer.stop(), pairs);
}

export async function storm({ directory, rounds, pairs }) {
  const all = peers(directory);
  const there = all.filter((peer) => peer.there).map((peer) => ({ ...peer, live: [], drain: [] }));
  console.log(`\nstorm: ${pairs} create-delete pairs, ${rounds} rounds`);
  if (!hasProgram('churn')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  for (const peer of there) {
    peer.check = await check(peer, directory, pairs);
    peer.overrun = await overrun(peer, directory);
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < there.length; turn++) {
      const peer = there[(turn + round) % there.length];
      peer.live.push(await live(peer, directory, pairs));
      // A foreign program that is stopped and continued reads on as ever; one that polls for nothing else does too.
      peer.drain.push(await drain(peer, directory, pairs));
    }
  }
  return print(there, all, pairs);
}

function print(there, all, pairs) {
  const results = there.map(({ name, ...it }) => {
    const ratios = (kind, key) => it[kind].map((run, round) => run[key] / there[0][kind][round][key]);
    const ratio = { live: ratios('live', 'cpu'), drain: ratios('drain', 'cpu'), warm: ratios('drain', 'warm') };
    return { name, check: it.check, overrun: it.overrun, live: it.live, drain: it.drain, ratios: ratio };
  });
  const middle = (runs, key) => median(runs.map((run) => run[key]));
  const lossOf = (found) => (found.missed === 0 ? 'none' : found.losses > 0 ? 'declared' : 'SILENT');

  console.log(`  what was told of ${2 * pairs} events`);
  const checked = results.filter((it) => it.check !== null);
  printTable(
    ['', 'seen', 'missed', 'doubled', 'out of order', 'loss', 'overrun: seen', 'missed', 'loss'],
    checked.map(({ name, check: found, overrun: over }) => [
      ...[name, found.seen, found.missed, found.doubled, found.disordered, lossOf(found)],
      ...[over.seen, over.missed, lossOf(over)],
    ]),
  );
  const rate = median(results.flatMap((it) => it.live.map((run) => run.rate)));
  console.log(`  live, ${shown(rate / 1000)} thousand events a second: CPU µs an event (user + system)`);
  printTable(
    ['', 'CPU', 'x c-read, by round', 'told, least', 'sleeps', 'RSS before, MB', 'RSS peak, MB'],
    results.map(({ name, live: runs, ratios }) => [
      name,
      shown(middle(runs, 'cpu'), 2),
      shownRatios(ratios.live),
      runs.some((run) => run.told === null) ? '-' : Math.min(...runs.map((run) => run.told)),
      shown(middle(runs, 'sleeps')),
      ...['rssBefore', 'peakRss'].map((key) => shown(middle(runs, key) / 1024, 1)),
    ]),
  );
  console.log(`  drain, ${2 * DRAIN_PAIRS} queued events at a time: CPU µs an event`);
  printTable(
    ['', 'all', 'x c-read, by round', 'first drain', 'warm', 'x c-read, by round'],
    results.map(({ name, drain: runs, ratios }) => [
      ...[name, shown(middle(runs, 'cpu'), 3), shownRatios(ratios.drain)],
      ...[shown(middle(runs, 'first'), 3), shown(middle(runs, 'warm'), 3), shownRatios(ratios.warm)],
    ]),
  );
  for (const { name } of all.filter((peer) => !peer.there)) console.log(`  ${name} is absent`);

  const nlink = results.find((it) => it.name === 'nlink');
  const silent = nlink && [nlink.check, nlink.overrun].some((found) => lossOf(found) === 'SILENT');
  printTarget('all events or a declared loss, nothing silent', nlink ? !silent : null);
  printTarget(`live: at most ${TARGET_RATIO} x c-read`, nlink ? median(nlink.ratios.live) <= TARGET_RATIO : null);
  printTarget(`drain: at most ${TARGET_RATIO} x c-read`, nlink ? median(nlink.ratios.drain) <= TARGET_RATIO : null);
  for (const name of ['fs.watch', 'ip netns monitor']) {
    const other = results.find((it) => it.name === name);
    const below = nlink && other ? middle(nlink.live, 'cpu') < middle(other.live, 'cpu') : null;
    printTarget(`live: below ${name}`, below);
  }
  return results;
}
