/**
 * Who tells of namespace ids, and one turn of one of them: c/nsid-assign.c assigns ids one at a
 * time, then c/adder.c removes the namespaces one at a time, which nothing else holds. Each watcher
 * stamps what it is told with the same clock.
 */
import { assignIds, inNetwork, networkOf } from '../lib/nsids.js';
import { Peer, script } from '../lib/peer.js';
import { acting, setApart } from '../lib/processors.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';

/**
 * Between two assignments, and two deletions, in microseconds: the kernel frees one namespace after
 * the other.
 */
const GAP = 3000;
const REMOVAL_GAP = 20_000;
/** Milliseconds without news after which all namespaces are gone. */
const QUIET = 500;

const TELLS = ['assigned', 'destroyed'];

/** As in latency-names.js. @param directory where the namespaces have their names */
export function idPeers(directory) {
  const javaScript = (name, ...args) => script(`nsid-events/${name}.js`, 'stamps', ...args);
  const ip = ['stdbuf', '-oL', 'ip', 'monitor', 'nsid'];
  return [
    { name: 'c', there: hasProgram('nsid-read'), command: [program('nsid-read'), 'stamps'] },
    { name: 'bare Node', there: true, command: javaScript('bare-node') },
    { name: 'nlink', there: hasNlink(), command: javaScript('nlink') },
    { name: 'nlink, Connection', there: hasNlink(), command: javaScript('connection') },
    { name: 'nlink, unified', there: hasNlink(), command: javaScript('unified') },
    {
      name: 'nlink, without ids',
      there: hasNlink(),
      command: javaScript('deaths', directory),
      tells: ['destroyed'],
    },
    { name: 'npm netlink', there: hasPackage('netlink'), command: javaScript('netlink') },
    {
      name: 'ip monitor nsid',
      there: hasCommand('ip') && hasCommand('stdbuf'),
      command: javaScript('piped', ...ip),
    },
  ].map((peer) => ({ tells: TELLS, ...peer }));
}

/**
 * One peer, one round, in a network namespace of its own, where no id is assigned yet: latencies in
 * microseconds by what was told. The kernel takes milliseconds, now more and now less, to free a
 * namespace: the end is counted from when a witness in C, which is subscribed as well, was told of
 * it; `freeing` says how long after umount2(2) that was.
 * @param meanwhile as in latency-names.js
 */
export async function idTurn({ command, tells }, directory, count, meanwhile) {
  const adder = new Peer(acting([program('adder'), directory, String(count), '0', '0', String(REMOVAL_GAP)]));
  await adder.ready();
  const peer = new Peer(['unshare', '--net', ...command]);
  await peer.ready();
  setApart(peer);
  await peer.settled();
  const [assigned, removed, witnessed] = await meanwhile(async () => {
    const stamps = await assignIds(networkOf(peer), directory, count, { gap: GAP, through: acting });
    const witness = new Peer(acting(inNetwork(networkOf(peer), [program('nsid-read'), 'witness'])));
    await witness.ready();
    const lines = (await adder.finish()).trimEnd().split('\n');
    await witness.settled(QUIET);
    return [stamps, lines.map((line) => Number(line.split(' ')[1])), stampsIn(await witness.stop())];
  });
  await peer.settled(QUIET);
  const told = stampsIn(await peer.stop());
  const ends = removed.map((_, nsid) => witnessed.get(`destroyed ${nsid}`));
  if (ends.includes(undefined)) throw new Error('the kernel did not free all namespaces');
  const started = { assigned, destroyed: ends };
  const result = {
    latencies: {},
    missed: {},
    freeing: ends.map((end, nsid) => (end - removed[nsid]) / 1e3),
  };
  for (const what of tells) {
    const found = started[what].map((since, nsid) => {
      const stamp = told.get(`${what} ${nsid}`);
      return stamp === undefined ? null : (stamp - since) / 1e3;
    });
    result.latencies[what] = found.filter((latency) => latency !== null);
    result.missed[what] = count - result.latencies[what].length;
  }
  return result;
}

/** Lines of what, id and nanosecond. */
const stampsIn = (report) =>
  new Map(Array.from(report.matchAll(/^(\w+ \d+) (\d+)$/gm), ([, what, stamp]) => [what, Number(stamp)]));
