/**
 * What a watcher costs while nothing happens: CPU, wake-ups and timers over some seconds with a hundred namespaces in the directory, and
 * resident memory beside the same script without nlink (and with koffi alone, to show where it goes), after garbage collection.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, printTable, printTarget, shown } from '../lib/numbers.js';
import { Peer, script } from '../lib/peer.js';
import { hasNlink, hasProgram, program } from '../lib/tools.js';

const TARGET_MEGABYTES = 6;
const NAMES = 100;
const RUNS = 5;

function command(kind, directory) {
  const [node, ...rest] = script('idle.js', kind, directory);
  return [node, '--expose-gc', ...rest];
}

/** Several at once: they do nothing, so they do not disturb each other. */
async function idle(kinds, directory, seconds) {
  const running = [];
  for (const kind of kinds) {
    const peer = new Peer(command(kind, directory));
    await peer.ready();
    running.push({ kind, peer });
  }
  await sleep(2000); // Node's own work after the start
  for (const it of running) it.before = it.peer.sample();
  await sleep(seconds * 1000);
  for (const it of running) it.after = it.peer.sample();
  const result = {};
  for (const { kind, peer, before, after } of running) {
    const report = Object.fromEntries((await peer.stop()).trim().split('\n').map((line) => line.split(' ')));
    const cpu = (after.cpu - before.cpu) / 1000;
    result[kind] = { cpu, sleeps: after.sleeps - before.sleeps, timers: Number(report.timers), names: Number(report.names) };
  }
  return result;
}

async function memory(kind, directory) {
  const peer = new Peer(command(kind, directory));
  await peer.ready();
  await peer.settled();
  const { rss } = peer.sample();
  await peer.stop();
  return rss / 1024;
}

export async function idling({ directory, seconds }) {
  console.log(`\nidle: ${NAMES} names, ${seconds} s without events; memory is the median of ${RUNS} runs`);
  if (!hasProgram('adder')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  const kinds = ['bare', 'koffi', ...(hasNlink() ? ['nlink'] : [])];
  const adder = new Peer([program('adder'), directory, String(NAMES), '0', '0']);
  await adder.ready();
  const resident = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let turn = 0; turn < RUNS; turn++) {
    for (const kind of kinds) resident[kind].push(await memory(kind, directory));
  }
  const quiet = await idle(kinds, directory, seconds);
  await adder.finish();

  const bare = median(resident.bare);
  const results = kinds.map((kind) => ({ kind, ...quiet[kind], rss: resident[kind] }));
  printTable(
    ['', 'CPU ms', 'wake-ups', 'timers', 'RSS MB', 'over bare Node'],
    results.map(({ kind, cpu, sleeps, timers, rss }) => [
      kind === 'bare' ? 'bare Node' : kind,
      ...[shown(cpu, 2), sleeps, timers, shown(median(rss), 1), shown(median(rss) - bare, 1)],
    ]),
  );
  if (!hasNlink()) console.log('  nlink is absent');
  const nlink = results.find(({ kind }) => kind === 'nlink');
  const still = nlink && nlink.timers === 0 && nlink.sleeps <= quiet.bare.sleeps && nlink.names === NAMES;
  printTarget('no timers, no wake-ups, no CPU', nlink ? still : null);
  printTarget(`at most ${TARGET_MEGABYTES} MB over bare Node`, nlink ? median(nlink.rss) - bare <= TARGET_MEGABYTES : null);
  return results;
}
