/**
 * Thousands of ids assigned as fast as a C program can, and namespaces with ids removed all at
 * once: does a watcher see all, does it say so if not, and what CPU time does it take. Live: both
 * run at once. Stopped: the watcher is (SIGSTOP) until all is assigned. Drain: the same in parts,
 * so that the cost of wake-ups is out of the figure and the last parts find a warm watcher.
 * Removed: the kernel tells in bursts of its own.
 */
import { mkdirSync } from 'node:fs';
import { ofEachBuild } from '../lib/builds.js';
import { median } from '../lib/numbers.js';
import { assignIds, drops, networkOf, subscribed, withNamespaces } from '../lib/nsids.js';
import { Peer, script, takeTurns } from '../lib/peer.js';
import { measuredOf, missing, notMeasured, section } from '../lib/section.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';
import { report } from './nsid-burst-report.js';

const NAMES = 4000;
const PARTS = 8;
/**
 * Fewer are removed, since they have to be made anew each time, and the kernel takes its time to
 * free them.
 */
const REMOVED_SHARE = 0.25;
/** The kernel frees namespaces in batches; milliseconds without news after which all are gone. */
const REMOVAL_QUIET = 700;
/** Names that are removed; no one but c/nsid-assign.c looks at them. */
const REMOVED_DIRECTORY = '/run/removed';

function peers(directory, before) {
  const javaScript = (name) => script(`nsid-events/${name}.js`);
  // For each new id it looks through all names, 0.1 s with thousands: it is shown none.
  const shownNoNames = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `mount -t tmpfs tmpfs ${directory} && exec "$@"`,
    'sh',
  ];
  const ip = { command: [...shownNoNames, 'ip', 'monitor', 'nsid'], foreign: true };
  return [
    { name: 'c', there: hasProgram('nsid-read'), command: [program('nsid-read')] },
    ...ofEachBuild(before, ({ suffix, of }) => [
      { name: `nlink${suffix}`, command: of(javaScript('nlink')) },
      { name: `nlink, unified${suffix}`, command: of(javaScript('unified')) },
    ]),
    { name: 'nlink, Connection', there: hasNlink(), command: javaScript('connection') },
    { name: 'npm netlink', there: hasPackage('netlink'), command: javaScript('netlink') },
    { name: 'ip monitor nsid', there: hasCommand('ip'), ...ip },
  ].map((peer) => Object.assign(peer, { live: [], stopped: [], drain: [], removed: [] }));
}

/**
 * One peer in a network namespace of its own, which watches while `burst` makes `expected` events.
 * @returns what `burst` found, with how many were told
 */
async function measure({ command, foreign }, expected, burst) {
  const peer = new Peer(['unshare', '--net', ...command], !foreign);
  await (foreign ? subscribed(peer) : peer.ready());
  await peer.settled();
  const found = await burst(peer);
  // One that prints to nowhere: what the kernel did not keep from it is taken as told.
  if (foreign) found.told = expected - drops(peer);
  const said = await peer.stop();
  if (foreign) return found;
  const [, created, deleted, losses] = /^created (\d+)\ndeleted (\d+)\nlosses (\d+)$/m.exec(said).map(Number);
  return { ...found, told: deleted > 0 ? deleted : created, losses };
}

/**
 * CPU time in microseconds an event, and times to go to sleep, while `work` is done and until the
 * peer sleeps again.
 */
async function spend(peer, events, work, quiet) {
  const before = peer.sample();
  await work();
  await peer.settled(quiet);
  const after = peer.sample();
  return { cpu: (after.cpu - before.cpu) / events, sleeps: after.sleeps - before.sleeps };
}

const live = (directory, names) => async (peer) => {
  let stamps;
  const spent = await spend(peer, names, async () => {
    stamps = await assignIds(networkOf(peer), directory, names);
  });
  return { ...spent, rate: (1e9 * (names - 1)) / (stamps.at(-1) - stamps[0]) };
};

const stopped = (directory, names) => async (peer) => {
  peer.signal('SIGSTOP');
  await assignIds(networkOf(peer), directory, names);
  return spend(peer, names, async () => peer.signal('SIGCONT'));
};

const drain = (directory, names) => async (peer) => {
  const part = names / PARTS;
  const costs = [];
  for (let first = 0; first < names; first += part) {
    peer.signal('SIGSTOP');
    await assignIds(networkOf(peer), directory, part, { first });
    costs.push((await spend(peer, part, async () => peer.signal('SIGCONT'))).cpu);
  }
  const cpu = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return { cpu, costs, first: costs[0], warm: median(costs.slice(costs.length >> 1)) };
};

const removed = (count) => async (peer) => {
  const adder = new Peer([program('adder'), REMOVED_DIRECTORY, String(count), '0', '0']);
  await adder.ready();
  await assignIds(networkOf(peer), REMOVED_DIRECTORY, count);
  await peer.settled();
  return spend(peer, count, () => adder.finish(), REMOVAL_QUIET);
};

export async function nsidBurst({ directory, rounds, names: wanted = NAMES, before }) {
  const names = Math.ceil(wanted / PARTS) * PARTS;
  const fewer = Math.ceil(names * REMOVED_SHARE);
  const title = `${names} ids assigned, ${fewer} namespaces removed, ${rounds} rounds`;
  if (!hasProgram('adder') || !hasProgram('nsid-assign')) return notMeasured(title, 'needs a C compiler');
  const all = peers(directory, before);
  const there = all.filter((peer) => peer.there);
  mkdirSync(REMOVED_DIRECTORY, { recursive: true });
  await withNamespaces(directory, names, (adder) => {
    const turn = async (it) => {
      it.live.push(await measure(it, names, live(directory, names)));
      it.stopped.push(await measure(it, names, stopped(directory, names)));
      it.drain.push(await measure(it, names, drain(directory, names)));
    };
    return takeTurns(there, rounds, turn, [adder]);
  });
  await takeTurns(there, rounds, async (it) => {
    it.removed.push(await measure(it, fewer, removed(fewer)));
  });
  const expected = { live: names, stopped: names, drain: names, removed: fewer };
  return section(title, { ...missing(all), ...report(measuredOf(all), expected) });
}
