/**
 * What a storm is made of: a peer watches while a C program makes and removes names as fast as it
 * can. Used for plain files (storm.js) and for namespaces (storm-namespaces.js), which are
 * different programs.
 */
import { readFileSync } from 'node:fs';
import { ofEachBuild } from '../lib/builds.js';
import { median } from '../lib/numbers.js';
import { Peer, run, script } from '../lib/peer.js';
import { compare } from '../lib/sequence.js';
import { hasCommand, hasPackage, program } from '../lib/tools.js';

/**
 * Pairs that are queued at a time in "drain": 16,000 events, where the kernel's queue holds 16,384
 * by default.
 */
const DRAIN_PAIRS = 8000;
/** Milliseconds after which a watcher that gathers, or looks again, has told. */
const GATHERING = 700;
const SHARE = 0.05;

/**
 * What people use today. `printing`: how to make it print each event; `foreign`: says nothing of
 * itself; `share`: of the pairs, where it is so slow that all of them would take minutes.
 */
export function foreignPeers(directory) {
  const javaScript = (name) => {
    const command = script(`storm/${name}.js`, directory);
    return { command, printing: [...command, 'print'] };
  };
  const inotifywait = ['inotifywait', '-mq', '-e', 'create,delete', '--format', '%e %f', directory];
  const monitor = ['ip', 'netns', 'monitor'];
  const slow = { quiet: GATHERING, share: SHARE };
  return [
    { name: 'fs.watch', there: true, ...javaScript('fs-watch') },
    { name: 'chokidar', there: hasPackage('chokidar'), ...slow, ...javaScript('chokidar') },
    { name: '@parcel/watcher', there: hasPackage('@parcel/watcher'), ...slow, ...javaScript('parcel') },
    {
      name: 'inotifywait',
      there: hasCommand('inotifywait'),
      command: inotifywait,
      printing: inotifywait,
      foreign: true,
    },
    {
      name: 'ip netns monitor',
      there: hasCommand('ip') && hasCommand('stdbuf'),
      command: monitor,
      printing: ['stdbuf', '-oL', ...monitor],
      foreign: true,
    },
  ];
}

/**
 * Both watchers of nlink, of each build.
 * @param what files or namespaces
 */
export const nlinkPeers = (directory, what, before) =>
  ofEachBuild(before, ({ suffix, of }) =>
    Object.entries({ nlink: 'names', 'nlink, unified': 'unified' }).map(([name, kind]) => {
      const command = of(script('storm/nlink.js', directory, kind, what));
      return { name: `${name}${suffix}`, command, printing: [...command, 'print'] };
    }),
  );

/**
 * Starts a peer and waits until it watches and sleeps. @param keepOutput false where a foreign
 * program's words do not matter
 */
async function start(it, command, keepOutput) {
  const peer = new Peer(command, !it.foreign || keepOutput);
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

/**
 * A kind of storm. `churn`: the C program; `quiet`: milliseconds of sleep after which a peer has
 * told all; `after`: waits for the kernel
 */
export class Storm {
  #churn;
  #directory;
  #quiet;
  #after;

  constructor(churn, directory, { quiet = 50, after = async () => {} } = {}) {
    this.#churn = program(churn);
    this.#directory = directory;
    this.#quiet = quiet;
    this.#after = after;
  }

  async #rage(pairs) {
    await run([this.#churn, this.#directory, String(pairs)]);
  }

  #settled(it, peer) {
    return peer.settled(Math.max(this.#quiet, it.quiet ?? 0));
  }

  /** Both run at once. */
  async live(it, wanted) {
    const pairs = Math.ceil(wanted * (it.share ?? 1));
    const peer = await start(it, it.command, false);
    const before = peer.sample();
    const began = performance.now();
    await this.#rage(pairs);
    const seconds = (performance.now() - began) / 1000;
    await this.#settled(it, peer);
    const after = peer.sample();
    const said = await peer.stop();
    await this.#after(pairs);
    return {
      pairs,
      cpu: (after.cpu - before.cpu) / (2 * pairs),
      sleeps: after.sleeps - before.sleeps,
      rssBefore: before.rss,
      peakRss: after.peakRss,
      rate: (2 * pairs) / seconds,
      told: it.foreign ? null : told(said),
      losses: counters(said).overflows ?? 0,
    };
  }

  /** The peer is stopped while events fill the queue. */
  async drain(it, wanted) {
    const pairs = wanted * (it.share ?? 1);
    const peer = await start(it, it.command, false);
    const costs = [];
    for (let queued = 0; queued < pairs; queued += DRAIN_PAIRS) {
      peer.signal('SIGSTOP');
      await this.#rage(DRAIN_PAIRS);
      const before = peer.sample();
      peer.signal('SIGCONT');
      await this.#settled(it, peer);
      costs.push((peer.sample().cpu - before.cpu) / (2 * DRAIN_PAIRS));
    }
    await peer.stop();
    const cpu = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    return { cpu, first: costs[0], warm: median(costs.slice(costs.length >> 1)) };
  }

  /** Which events the peer told, one by one, in a run whose cost is not counted. */
  async check(it, wanted) {
    if (it.printing === null) return null;
    const pairs = Math.ceil(wanted * (it.share ?? 1));
    const peer = await start(it, it.printing, true);
    await this.#rage(pairs);
    await this.#settled(it, peer);
    const found = compare(await peer.stop(), pairs);
    await this.#after(pairs);
    return found;
  }

  /** The same with the peer stopped until twice as much was queued as the queue holds. */
  async overrun(it) {
    if (it.printing === null) return null;
    const pairs = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'latin1'));
    const peer = await start(it, it.printing, true);
    peer.signal('SIGSTOP');
    await this.#rage(pairs);
    peer.signal('SIGCONT');
    await this.#settled(it, peer);
    return compare(await peer.stop(), pairs);
  }
}
