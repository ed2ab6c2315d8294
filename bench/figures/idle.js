/**
 * What a watcher costs while nothing happens: CPU, wake-ups and timers over some seconds with a
 * hundred namespaces in the directory, and resident memory beside the same script without nlink
 * (and with koffi alone, to show where it goes). All of them at once, since they do nothing;
 * sampled after V8 has collected garbage for the last time, about eight seconds after the last
 * work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, shown } from '../lib/numbers.js';
import { endAll, Peer, script } from '../lib/peer.js';
import { missing, notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';

const TARGET_MEGABYTES = 4.5;
const NAMES = 100;
const RUNS = 5;
const SECONDS = 10;
/** Milliseconds until V8 leaves an idle process alone. */
const LAST_COLLECTION = 12_000;

function peers(directory) {
  const javaScript = (kind) => {
    const [node, ...args] = script('idle.js', kind, directory);
    return [node, '--expose-gc', ...args];
  };
  const foreign = (name, ...args) => ({
    name: [name, ...args].join(' '),
    there: hasCommand(name),
    foreign: true,
    command: [name, ...args],
  });
  return [
    { name: 'bare Node', there: true, command: javaScript('bare') },
    { name: 'koffi', there: true, command: javaScript('koffi') },
    { name: 'nlink', there: hasNlink(), command: javaScript('nlink') },
    { name: 'nlink, unified', there: hasNlink(), command: javaScript('unified') },
    { name: 'fs.watch', there: true, command: javaScript('fs.watch') },
    { name: 'chokidar', there: hasPackage('chokidar'), command: javaScript('chokidar') },
    { name: '@parcel/watcher', there: hasPackage('@parcel/watcher'), command: javaScript('parcel') },
    {
      ...foreign('inotifywait'),
      command: ['inotifywait', '-mq', '-e', 'create,delete', directory],
    },
    foreign('ip', 'netns', 'monitor'),
  ];
}

async function start({ foreign, command }) {
  const peer = new Peer(command, !foreign);
  await (foreign ? peer.watching() : peer.ready());
  return peer;
}

/**
 * One after the other up to ready, then all at once. @returns what each process of each peer cost
 */
async function measure(kinds, seconds) {
  const running = [];
  for (let turn = 0; turn < RUNS; turn++) for (const it of kinds) running.push({ it, peer: await start(it) });
  await sleep(LAST_COLLECTION);
  for (const one of running) one.before = one.peer.sample();
  await sleep(seconds * 1000);
  for (const one of running) one.after = one.peer.sample();
  const results = [];
  for (const { it, peer, before, after } of running) {
    const [, timers, names] = /^timers (\d+)\nnames (\d+)$/m.exec(await peer.stop()) ?? [];
    results.push({
      name: it.name,
      cpu: (after.cpu - before.cpu) / 1000,
      sleeps: after.sleeps - before.sleeps,
      timers: timers === undefined ? null : Number(timers),
      names: names === undefined ? null : Number(names),
      rss: after.rss / 1024,
    });
  }
  return results;
}

export async function idling({ directory, seconds = SECONDS }) {
  const title = `${NAMES} names, ${seconds} s without events, the worst and the median of ${RUNS} processes`;
  if (!hasProgram('adder')) return notMeasured(title, 'needs a C compiler');
  const all = peers(directory);
  const adder = new Peer([program('adder'), directory, String(NAMES), '0', '0']);
  await adder.ready();
  let results;
  try {
    results = await measure(
      all.filter((peer) => peer.there),
      seconds,
    );
  } catch (error) {
    await endAll();
    return notMeasured(title, error.message);
  }
  await adder.finish();
  return section(title, { ...missing(all), ...report(all, results) });
}

function report(all, results) {
  const of = (name, key) => results.filter((it) => it.name === name).map((it) => it[key]);
  const worst = (name, key) => Math.max(...of(name, key));
  const over = (name) => median(of(name, 'rss')) - median(of('bare Node', 'rss'));
  const there = hasNlink();
  const busy = worst('nlink', 'timers') + worst('nlink', 'sleeps') + worst('nlink', 'cpu');
  return {
    tables: [
      table(
        'idle',
        ['', 'CPU ms', 'wake-ups', 'timers', 'RSS MB', 'over bare Node'],
        all
          .filter((peer) => peer.there)
          .map(({ name, foreign }) => [
            name,
            shown(worst(name, 'cpu'), 2),
            worst(name, 'sleeps'),
            foreign ? '-' : worst(name, 'timers'),
            shown(median(of(name, 'rss')), 1),
            foreign ? '-' : shown(over(name), 1),
          ]),
      ),
    ],
    notes: there && worst('nlink', 'names') !== NAMES ? ['nlink does not know all names'] : [],
    targets: [
      target('no timers, no wake-ups, no CPU', there ? busy === 0 : null),
      target(
        `at most ${TARGET_MEGABYTES} MB over bare Node`,
        there ? over('nlink') <= TARGET_MEGABYTES : null,
      ),
    ],
    measured: results,
  };
}
