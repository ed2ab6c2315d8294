/**
 * How long after mount(2) was called a watcher's user code knows that the namespace can be entered: namespaces are added one at a
 * time by c/adder.c, and each watcher stamps what it is told with the same clock. Those that tell of the file, not of the
 * mount, are measured from the file's creation, and how often the namespace could not be entered yet is counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';
import { Peer, script, takeTurns } from '../lib/peer.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';

const TARGET_RATIO = 1.5;
const TARGET_MICROSECONDS = 200;
const TARGET_ADDED = 200;
/** Between two additions, and the longest pause between a file and its mount, in microseconds. */
const GAP = 5000;
const PAUSE = 1000;

/** `from`: what its latency is counted from, the mount or the file's creation. */
function peers(directory) {
  const javaScript = (name, ...args) => script(`mount-latency/${name}.js`, directory, ...args);
  const inotifywait = ['inotifywait', '-mq', '-e', 'create', directory];
  const monitor = ['stdbuf', '-oL', 'ip', 'netns', 'monitor'];
  const ip = hasCommand('ip') && hasCommand('stdbuf');
  return [
    { name: 'c-wait', from: 'mount', there: hasProgram('c-wait'), command: [program('c-wait'), directory] },
    { name: 'bare Node', from: 'mount', there: true, command: javaScript('bare-node') },
    { name: 'nlink', from: 'mount', there: hasNlink(), command: javaScript('nlink') },
    { name: 'nlink, unified', from: 'mount', there: hasNlink(), command: javaScript('unified') },
    { name: 'fs.watch', from: 'file', there: true, command: javaScript('fs-watch') },
    { name: 'chokidar', from: 'file', there: hasPackage('chokidar'), command: javaScript('chokidar') },
    {
      name: 'inotifywait',
      from: 'file',
      there: hasCommand('inotifywait'),
      command: javaScript('piped', ...inotifywait),
    },
    { name: 'ip netns monitor', from: 'file', there: ip, command: javaScript('piped', ...monitor) },
  ].map((peer) => Object.assign(peer, { rounds: [] }));
}

/** One peer, one round: latencies in microseconds, and what went wrong. */
async function measure({ command, from }, directory, additions) {
  const peer = new Peer(command);
  await peer.ready();
  await peer.settled();
  const adder = new Peer([program('adder'), directory, String(additions), String(GAP), String(PAUSE)]);
  const added = (await adder.ready()).trimEnd().split('\n');
  await peer.settled(200);
  const told = new Map();
  for (const line of (await peer.stop()).trimEnd().split('\n')) {
    const [name, stamp, enterable] = line.split(' ');
    told.set(name, { stamp: Number(stamp), enterable: enterable === '1' });
  }
  await adder.finish();
  await sleep(700); // the kernel frees the namespaces on its own time
  return evaluate(added, told, from);
}

function evaluate(added, told, from) {
  const result = { latencies: [], mounts: [], gaps: [], early: 0, missed: 0 };
  for (const line of added) {
    const [name, ...times] = line.split(' ');
    const [file, mounting, mounted] = times.map(Number);
    result.mounts.push((mounted - mounting) / 1e3);
    result.gaps.push((mounting - file) / 1e3);
    const it = told.get(name);
    if (it === undefined) {
      result.missed++;
      continue;
    }
    result.latencies.push((it.stamp - (from === 'mount' ? mounting : file)) / 1e3);
    if (!it.enterable || it.stamp < mounting) result.early++;
  }
  return result;
}

export async function mountLatency({ directory, rounds, additions }) {
  const all = peers(directory);
  const there = all.filter((peer) => peer.there);
  console.log(`\nmount-latency: ${additions} additions one at a time, ${rounds} rounds, µs`);
  if (!hasProgram('adder')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  await takeTurns(there, rounds, async (peer) => {
    peer.rounds.push(await measure(peer, directory, additions));
  });
  for (const { name, failure } of there)
    if (failure !== undefined) console.log(`  ${name} failed: ${failure}`);
  return print(
    there.filter((peer) => peer.failure === undefined),
    all,
  );
}

function print(there, all) {
  const reference =
    there.find((peer) => peer.name === 'c-wait')?.rounds.map((it) => median(it.latencies)) ?? [];
  const results = there.map(({ name, from, rounds }) => {
    const latencies = rounds.flatMap((it) => it.latencies);
    const medians = rounds.map((it) => median(it.latencies));
    const total = (key) => rounds.reduce((sum, it) => sum + it[key], 0);
    return {
      name,
      from,
      median: median(latencies),
      p90: percentile(latencies, 0.9),
      p99: percentile(latencies, 0.99),
      max: Math.max(...latencies),
      medians,
      ratios: from === 'mount' ? medians.map((value, round) => value / reference[round]) : [],
      told: latencies.length,
      early: total('early'),
      missed: total('missed'),
    };
  });
  printTable(
    ['', 'counted from', 'median', 'p90', 'p99', 'max', 'x c-wait, by round', 'told too early', 'not told'],
    results.map((it) => [
      it.name,
      it.from,
      ...[it.median, it.p90, it.p99, it.max].map((value) => shown(value)),
      shownRatios(it.ratios),
      `${it.early} of ${it.told}`,
      it.missed,
    ]),
  );
  for (const { name } of all.filter((peer) => !peer.there)) console.log(`  ${name} is absent`);
  const rounds = there.flatMap((peer) => peer.rounds);
  const [mount, gap] = ['mounts', 'gaps'].map((key) => median(rounds.flatMap((it) => it[key])));
  console.log(`  from file to mount ${shown(gap)} µs, mount(2) itself ${shown(mount)} µs (medians)`);
  const nlink = results.find((it) => it.name === 'nlink');
  const ratio = nlink === undefined ? Number.NaN : median(nlink.ratios);
  printTarget(`median at most ${TARGET_RATIO} x c-wait`, Number.isNaN(ratio) ? null : ratio <= TARGET_RATIO);
  printTarget('median below 0.2 ms', nlink ? nlink.median < TARGET_MICROSECONDS : null);
  printTarget(
    'none told before it can be entered, none missed',
    nlink ? nlink.early + nlink.missed === 0 : null,
  );
  const unified = results.find((it) => it.name === 'nlink, unified');
  const added = nlink && unified ? unified.median - nlink.median : null;
  printTarget(
    `the unified watcher adds at most ${TARGET_ADDED} µs (${shown(added)})`,
    added === null ? null : added <= TARGET_ADDED,
  );
  return results;
}
