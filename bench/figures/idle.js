/**
 * What a watcher costs while nothing happens: CPU, wake-ups and timers over some seconds with a hundred namespaces in the directory, and
 * resident memory beside the same script without nlink (and with koffi alone, to show where it goes). All of them at once,
 * since they do nothing; sampled after V8 has collected garbage for the last time, about eight seconds after the last work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, printTable, printTarget, shown } from '../lib/numbers.js';
import { endAll, Peer, script } from '../lib/peer.js';
import { hasNlink, hasProgram, program } from '../lib/tools.js';

const TARGET_MEGABYTES = 6;
const NAMES = 100;
const RUNS = 5;
/** Milliseconds until V8 leaves an idle process alone. */
const LAST_COLLECTION = 12_000;

/** One after the other up to ready, then all at once. */
async function measure(kinds, directory, seconds) {
  const running = [];
  for (let turn = 0; turn < RUNS; turn++) {
    for (const kind of kinds) {
      const [node, ...args] = script('idle.js', kind, directory);
      const peer = new Peer([node, '--expose-gc', ...args]);
      await peer.ready();
      running.push({ kind, peer });
    }
  }
  await sleep(LAST_COLLECTION);
  for (const it of running) it.before = it.peer.sample();
  await sleep(seconds * 1000);
  for (const it of running) it.after = it.peer.sample();
  const results = [];
  for (const { kind, peer, before, after } of running) {
    const report = Object.fromEntries(
      (await peer.stop())
        .trim()
        .split('\n')
        .map((line) => line.split(' ')),
    );
    results.push({
      kind,
      cpu: (after.cpu - before.cpu) / 1000,
      sleeps: after.sleeps - before.sleeps,
      timers: Number(report.timers),
      names: Number(report.names),
      rss: after.rss / 1024,
    });
  }
  return results;
}

export async function idling({ directory, seconds }) {
  console.log(
    `\nidle: ${NAMES} names, ${seconds} s without events, the worst and the median of ${RUNS} processes`,
  );
  if (!hasProgram('adder')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  const kinds = ['bare', 'koffi', ...(hasNlink() ? ['nlink'] : [])];
  const adder = new Peer([program('adder'), directory, String(NAMES), '0', '0']);
  await adder.ready();
  let results;
  try {
    results = await measure(kinds, directory, seconds);
  } catch (error) {
    console.log(`  failed: ${error.message}`);
    await endAll();
    return null;
  }
  await adder.finish();

  const of = (kind, key) => results.filter((it) => it.kind === kind).map((it) => it[key]);
  const worst = (kind, key) => Math.max(...of(kind, key));
  const over = (kind) => median(of(kind, 'rss')) - median(of('bare', 'rss'));
  printTable(
    ['', 'CPU ms', 'wake-ups', 'timers', 'RSS MB', 'over bare Node'],
    kinds.map((kind) => [
      kind === 'bare' ? 'bare Node' : kind,
      shown(worst(kind, 'cpu'), 2),
      worst(kind, 'sleeps'),
      worst(kind, 'timers'),
      shown(median(of(kind, 'rss')), 1),
      shown(over(kind), 1),
    ]),
  );
  const there = hasNlink();
  if (!there) console.log('  nlink is absent');
  else if (worst('nlink', 'names') !== NAMES) console.log('  nlink does not know all names');
  const busy = worst('nlink', 'timers') + worst('nlink', 'sleeps') + worst('nlink', 'cpu');
  printTarget('no timers, no wake-ups, no CPU', there ? busy === 0 : null);
  printTarget(
    `at most ${TARGET_MEGABYTES} MB over bare Node`,
    there ? over('nlink') <= TARGET_MEGABYTES : null,
  );
  return results;
}
