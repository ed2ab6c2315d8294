/**
 * How long after RTM_NEWNSID was sent user code elsewhere knows of the id: c/nsid-assign.c assigns ids one at a time with a pause, and
 * each watcher stamps what it is told with the same clock. What the kernel does to assign an id is in every figure.
 */
import { median, percentile, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';
import { assignIds, networkOf, withNamespaces } from '../lib/nsids.js';
import { Peer, script, takeTurns } from '../lib/peer.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';

const TARGET_RATIO = 2;
/** Between two assignments, in microseconds. */
const GAP = 3000;

function peers() {
  const javaScript = (name, ...args) => script(`nsid-events/${name}.js`, 'stamps', ...args);
  const ip = ['stdbuf', '-oL', 'ip', 'monitor', 'nsid'];
  return [
    { name: 'c', there: hasProgram('nsid-read'), command: [program('nsid-read'), 'stamps'] },
    { name: 'bare Node', there: true, command: javaScript('bare-node') },
    { name: 'nlink', there: hasNlink(), command: javaScript('nlink') },
    { name: 'nlink, Connection', there: hasNlink(), command: javaScript('connection') },
    { name: 'npm netlink', there: hasPackage('netlink'), command: javaScript('netlink') },
    {
      name: 'ip monitor nsid',
      there: hasCommand('ip') && hasCommand('stdbuf'),
      command: javaScript('piped', ...ip),
    },
  ].map((peer) => Object.assign(peer, { rounds: [], missed: 0 }));
}

/** One peer, one round, in a network namespace of its own, where no id is assigned yet: latencies in microseconds. */
async function measure(it, directory, additions) {
  const peer = new Peer(['unshare', '--net', ...it.command]);
  await peer.ready();
  await peer.settled();
  const sent = await assignIds(networkOf(peer), directory, additions, { gap: GAP });
  await peer.settled(100);
  const told = new Map(
    (await peer.stop())
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number)),
  );
  it.missed += sent.filter((_, nsid) => !told.has(nsid)).length;
  it.rounds.push(sent.flatMap((stamp, nsid) => (told.has(nsid) ? [(told.get(nsid) - stamp) / 1e3] : [])));
}

export async function nsidLatency({ directory, rounds, additions }) {
  console.log(`\nnsid-latency: ${additions} ids one at a time, ${rounds} rounds, µs`);
  if (!hasProgram('adder') || !hasProgram('nsid-assign')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  const all = peers();
  const there = all.filter((peer) => peer.there);
  await withNamespaces(directory, additions, (adder) =>
    takeTurns(there, rounds, (peer) => measure(peer, directory, additions), [adder]),
  );
  for (const { name, failure } of there)
    if (failure !== undefined) console.log(`  ${name} failed: ${failure}`);
  return print(
    there.filter((peer) => peer.failure === undefined),
    all.filter((peer) => !peer.there),
  );
}

function print(there, absent) {
  const reference = there.find((peer) => peer.name === 'c')?.rounds.map(median);
  const results = there.map(({ name, rounds, missed }) => {
    const latencies = rounds.flat();
    const medians = rounds.map(median);
    return {
      name,
      median: median(latencies),
      p90: percentile(latencies, 0.9),
      p99: percentile(latencies, 0.99),
      max: Math.max(...latencies),
      medians,
      ratios: reference === undefined ? [] : medians.map((value, round) => value / reference[round]),
      missed,
    };
  });
  printTable(
    ['', 'median', 'p90', 'p99', 'max', 'x c, by round', 'not told'],
    results.map((it) => [
      it.name,
      ...[it.median, it.p90, it.p99, it.max].map((value) => shown(value)),
      shownRatios(it.ratios),
      it.missed,
    ]),
  );
  for (const { name } of absent) console.log(`  ${name} is absent`);
  const nlink = results.find((it) => it.name === 'nlink');
  const measured = nlink !== undefined && nlink.ratios.length > 0;
  printTarget(`median at most ${TARGET_RATIO} x c`, measured ? median(nlink.ratios) <= TARGET_RATIO : null);
  printTarget('none missed', nlink ? nlink.missed === 0 : null);
  return results;
}
