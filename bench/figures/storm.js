/**
 * Plain files created and deleted as fast as a C program can, which no watcher is ever asked to bear for long: does it see all, does it
 * say so if not, and what does an event cost. Live: both run at once. Drain: the watcher is stopped (SIGSTOP) while events fill
 * the kernel's queue, so that the cost of wake-ups is out of the figure. Overrun: the queue is filled twice over.
 */
import { readFileSync } from 'node:fs';
import { median } from '../lib/numbers.js';
import { Peer, run, script, takeTurns } from '../lib/peer.js';
import { compare } from '../lib/sequence.js';
import { hasCommand, hasNlink, hasProgram, program } from '../lib/tools.js';
import { report } from './storm-report.js';

/** Pairs that are queued at a time in "drain": 16,000 events, where the kernel's queue holds 16,384 by default. */
const DRAIN_PAIRS = 8000;

/** `printing`: how to make it print each event; null: it is not compared event by event. */
function peers(directory) {
  const read = [program('c-read'), directory];
  const nlink = script('storm/nlink.js', directory);
  const fsWatch = script('storm/fs-watch.js', directory);
  const monitor = ['ip', 'netns', 'monitor'];
  const ip = hasCommand('ip') && hasCommand('stdbuf');
  return [
    { name: 'c-read', there: hasProgram('c-read'), command: read, printing: [...read, 'print'] },
    { name: 'c-read, 0.5 ms pause', there: hasProgram('c-read'), command: [...read, '500'], printing: null },
    { name: 'nlink', there: hasNlink(), command: nlink, printing: [...nlink, 'print'] },
    { name: 'fs.watch', there: true, command: fsWatch, printing: [...fsWatch, 'print'] },
    {
      name: 'ip netns monitor',
      there: ip,
      command: monitor,
      printing: ['stdbuf', '-oL', ...monitor],
      foreign: true,
    },
  ].map((peer) => Object.assign(peer, { live: [], drain: [] }));
}

/** Starts a peer and waits until it watches and sleeps. */
async function start(it, command) {
  // Only what is compared is kept: a foreign program has nothing else to say.
  const peer = new Peer(command, !it.foreign || command === it.printing);
  await (it.foreign ? peer.watching() : peer.ready());
  await peer.settled();
  return peer;
}

/** Lines of a word and a number. */
const counters = (report) =>
  Object.fromEntries(
    Array.from(report.matchAll(/^(\w+) (\d+)$/gm), ([, key, value]) => [key, Number(value)]),
  );

/** Events told, where the peer says how many. */
function told(report) {
  const { events, created, deleted } = counters(report);
  return events ?? (created === undefined ? null : created + deleted);
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
  const said = await peer.stop();
  return {
    cpu: (after.cpu - before.cpu) / (2 * pairs),
    sleeps: after.sleeps - before.sleeps,
    rssBefore: before.rss,
    peakRss: after.peakRss,
    rate: (2 * pairs) / seconds,
    told: told(said),
    losses: counters(said).overflows ?? 0,
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
  const said = await peer.stop();
  const cpu = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return { cpu, first: costs[0], warm: median(costs.slice(costs.length >> 1)), told: told(said) };
}

/** Which events the peer told, one by one, in a run whose cost is not counted. */
async function check(it, directory, pairs) {
  if (it.printing === null) return null;
  const peer = await start(it, it.printing);
  await churn(directory, pairs);
  await peer.settled();
  return compare(await peer.stop(), pairs);
}

/** The same with the peer stopped until twice as much was queued as the queue holds. */
async function overrun(it, directory) {
  if (it.printing === null) return null;
  const pairs = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'latin1'));
  const peer = await start(it, it.printing);
  peer.signal('SIGSTOP');
  await churn(directory, pairs);
  peer.signal('SIGCONT');
  await peer.settled();
  return compare(await peer.stop(), pairs);
}

export async function storm({ directory, rounds, pairs }) {
  const all = peers(directory);
  const there = all.filter((peer) => peer.there);
  console.log(`\nstorm: ${pairs} create-delete pairs, ${rounds} rounds`);
  if (!hasProgram('churn')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  await takeTurns(there, 1, async (peer) => {
    peer.check = await check(peer, directory, pairs);
    peer.overrun = await overrun(peer, directory);
  });
  await takeTurns(there, rounds, async (peer) => {
    peer.live.push(await live(peer, directory, pairs));
    peer.drain.push(await drain(peer, directory, pairs));
  });
  for (const { name, failure } of there)
    if (failure !== undefined) console.log(`  ${name} failed: ${failure}`);
  return report(
    all.filter((peer) => peer.there && peer.failure === undefined),
    all.filter((peer) => !peer.there),
    pairs,
  );
}
