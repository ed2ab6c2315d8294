/**
 * What a scan of 10,000 processes costs that finds the network namespaces they are in: the first,
 * one that follows, and one that looks at all and at all threads, beside the bare minimum in C and
 * the tools that people scan with. Then what a watcher costs at rest that looks for namespaces
 * without a name.
 */
import { readFileSync } from 'node:fs';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { endAll, Peer, script } from '../lib/peer.js';
import { missing, notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink, hasProgram, program } from '../lib/tools.js';

const PROCESSES = 10_000;
/** Processes in a namespace. */
const EACH = 50;
/** Milliseconds of CPU. */
const MOST = 25;
const TURNS = 3;
/** Scans before anything is counted: what has just started is looked at often. */
const WARM_UPS = 24;
const NAME = 'bench-scan';
/** Seconds until a watcher rests: pauses between its looks have become long. */
const SETTLED = 40;
/** How often it rests for three times --seconds. */
const RESTS = 2;
/** Of a core, in percent. */
const MOST_AT_REST = 0.1;

function peers() {
  const nlink = (how) => ({ there: hasNlink(), command: script('process-scan/nlink.js', how) });
  const command = (...words) => ({
    there: hasCommand(words[0]),
    command: script('process-scan/command.js', ...words),
    quick: false,
  });
  return [
    { name: 'c, all', there: hasProgram('process-scan'), command: [program('process-scan')] },
    { name: 'nlink', ...nlink('again') },
    { name: 'nlink, all', ...nlink('all') },
    { name: 'nlink, all and threads', ...nlink('threads') },
    { name: 'nlink, first scan', ...nlink('first') },
    { name: 'nlink, first scan of a process', ...nlink('first'), fresh: true },
    { name: 'nlink, by links', ...nlink('links') },
    { name: 'lsns -t net', ...command('lsns', '--type', 'net', '--noheadings') },
    { name: 'ip netns pids, one name', ...command('ip', 'netns', 'pids', NAME) },
  ].map((peer) => ({ quick: true, fresh: false, ...peer }));
}

/** Makes the processes, uses the number of their process 1, and ends them. */
async function withProcesses(count, use) {
  const words = ['--pid', '--fork', '--kill-child', '--mount-proc', program('sleepers')];
  const sleepers = new Peer(['unshare', ...words, String(count), String(Math.ceil(count / EACH))]);
  try {
    await sleepers.ready();
    const first = readFileSync(`/proc/${sleepers.pid}/task/${sleepers.pid}/children`, 'latin1').trim();
    return await use(first);
  } finally {
    await endAll();
  }
}

const inside = (first, command) => ['nsenter', `--target=${first}`, '--pid', '--mount', ...command];

/** Lets it scan; milliseconds of CPU for one. */
async function turn(peer, times) {
  const [nanoseconds] = (await peer.turn(times)).trim().split(' ');
  return Number(nanoseconds) / 1e6 / times;
}

/** Milliseconds of CPU by round, of each. */
async function measure(all, first, rounds) {
  const running = [];
  for (const it of all) {
    const peer = it.fresh ? null : new Peer(inside(first, it.command));
    await peer?.ready();
    if (peer !== null && it.quick) await turn(peer, WARM_UPS);
    running.push({ it, peer, rounds: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let next = 0; next < running.length; next++) {
      const one = running[(next + round) % running.length];
      const peer = one.peer ?? new Peer(inside(first, one.it.command));
      if (one.peer === null) await peer.ready();
      const taken = [];
      for (let at = 0; at < (one.it.quick && one.peer !== null ? TURNS : 1); at++)
        taken.push(await turn(peer, 1));
      one.rounds.push(median(taken));
      if (one.peer === null) await peer.finish();
    }
  }
  return running.map(({ it, rounds: milliseconds }) => ({ name: it.name, milliseconds }));
}

/** What a watcher does at rest: CPU in percent of a core, looks, namespaces; and its start in ms. */
async function rest(first, seconds) {
  if (!hasNlink()) return null;
  const peer = new Peer(inside(first, script('process-scan/rest.js')));
  await peer.ready();
  await peer.turn(SETTLED);
  const rests = [];
  for (let at = 0; at < RESTS; at++) rests.push((await peer.turn(seconds)).trim().split(' ').map(Number));
  await peer.finish();
  const sum = (place) => rests.reduce((total, numbers) => total + numbers[place], 0);
  const [, , namespaces, start] = rests[0];
  return {
    percent: sum(0) / 1e7 / (RESTS * seconds),
    looks: sum(1),
    namespaces,
    start: start / 1e6,
  };
}

export async function processScan({ rounds, seconds = 10, names = PROCESSES }) {
  const title = `${names} processes in ${Math.ceil(names / EACH)} namespaces, ${rounds} rounds`;
  if (!hasProgram('sleepers')) return notMeasured(title, 'needs a C compiler');
  const all = peers();
  let results;
  let resting = null;
  try {
    if (hasCommand('ip')) await new Peer(['ip', 'netns', 'add', NAME], false).finish();
    const there = all.filter((peer) => peer.there);
    [results, resting] = await withProcesses(names, async (first) => [
      await measure(there, first, rounds),
      await rest(first, seconds * 3),
    ]);
  } catch (error) {
    return notMeasured(title, error.message);
  } finally {
    if (hasCommand('ip')) await new Peer(['ip', 'netns', 'del', NAME], false).finish();
  }
  const c = results.find(({ name }) => name === 'c, all');
  const nlink = results.find(({ name }) => name === 'nlink');
  return section(title, {
    ...missing(all),
    tables: [
      table(
        'CPU time of a scan',
        ['', 'ms', 'least', 'times c'],
        results.map(({ name, milliseconds }) => [
          name,
          shown(median(milliseconds), 1),
          shown(Math.min(...milliseconds), 1),
          shownRatios(c === undefined ? [] : milliseconds.map((each, at) => each / c.milliseconds[at])),
        ]),
      ),
      table(
        `A watcher with \`unnamed\`, at rest for ${RESTS * seconds * 3} s`,
        ['', '% of a core', 'looks', 'namespaces', 'CPU of its start, ms'],
        resting === null
          ? []
          : [
              [
                'nlink, unified',
                shown(resting.percent, 3),
                String(resting.looks),
                String(resting.namespaces),
                shown(resting.start, 0),
              ],
            ],
      ),
    ],
    targets: [
      target(
        `a scan after others: at most ${MOST} ms of CPU`,
        nlink === undefined || names !== PROCESSES ? null : median(nlink.milliseconds) <= MOST,
      ),
      target(
        `at rest: at most ${MOST_AT_REST} % of a core`,
        resting === null || names !== PROCESSES ? null : resting.percent <= MOST_AT_REST,
      ),
    ],
    measured: { results, resting },
  });
}
