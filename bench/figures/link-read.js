/**
 * What the first read of all links of many namespaces costs, each with `lo` and one end of a veth
 * whose other end is outside: beside the bare minimum in C, and beside what people do today, one
 * `ip -n NAME -json link` for each name.
 */
import { withNamespaces } from '../lib/nsids.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { Peer, script } from '../lib/peer.js';
import { atMost, missing, notMeasured, section, table } from '../lib/section.js';
import { hasCommand, hasNlink, hasProgram, program } from '../lib/tools.js';
import { joinAll } from '../lib/veths.js';

const SIZES = [500, 2000];
/** Turns of a round, of those that are quick, and turns before anything is counted. */
const TURNS = 3;
const WARM_UPS = 4;
/** CPU of nlink at most, as a multiple of that of the program in C, and of that of `ip`. */
const MOST_OF_C = 1.5;
const MOST_OF_IP = 0.5;
const NLINK = 'nlink';
const PLAIN = ', without links';
const FIRST = 'nlink, first of a process';
const IP = 'ip -n NAME -json link, each';

function peers(directory) {
  const nlink = (how) => ({ there: hasNlink(), command: script('link-read/nlink.js', directory, how) });
  const each = `for name in ${directory}/*; do ip -n "\${name##*/}" -json link; done`;
  return [
    { name: 'c', there: hasProgram('link-read'), command: [program('link-read'), directory] },
    { name: NLINK, ...nlink('links') },
    { name: NLINK + PLAIN, ...nlink('plain') },
    { name: FIRST, ...nlink('links'), fresh: true },
    { name: FIRST + PLAIN, ...nlink('plain'), fresh: true },
    {
      name: IP,
      there: hasCommand('ip'),
      command: script('process-scan/command.js', 'sh', '-c', each),
      quick: false,
    },
  ].map((peer) => ({ quick: true, fresh: false, ...peer }));
}

/** Reads once; milliseconds of CPU, and what was found. */
async function turn(peer) {
  const [nanoseconds, ...found] = (await peer.turn(1)).trim().split(' ');
  return { milliseconds: Number(nanoseconds) / 1e6, found: found.join(' ') };
}

/** One round of one peer. */
async function measureOne(one) {
  const { it } = one;
  const peer = one.peer ?? new Peer(it.command);
  if (one.peer === null) await peer.ready();
  const taken = [];
  for (let at = 0; at < (it.quick && !it.fresh ? TURNS : 1); at++) {
    const { milliseconds, found } = await turn(peer);
    taken.push(milliseconds);
    one.found = found;
  }
  one.milliseconds.push(median(taken));
  if (one.peer === null) await peer.finish();
}

/** Milliseconds of CPU by round, of each. */
async function measure(all, rounds) {
  const running = [];
  for (const it of all) {
    const peer = it.fresh ? null : new Peer(it.command);
    await peer?.ready();
    if (peer !== null && it.quick) for (let at = 0; at < WARM_UPS; at++) await turn(peer);
    running.push({ it, peer, milliseconds: [], found: '' });
  }
  for (let round = 0; round < rounds; round++)
    for (let next = 0; next < running.length; next++)
      await measureOne(running[(next + round) % running.length]);
  for (const { peer } of running) await peer?.finish();
  return running.map(({ it, milliseconds, found }) => ({ name: it.name, milliseconds, found }));
}

export async function linkRead({ directory, rounds, names }) {
  const sizes = names === undefined ? SIZES : [names];
  const title = `${sizes.join(' and ')} namespaces with two links each, ${rounds} rounds, ms of CPU`;
  if (!hasProgram('adder') || !hasCommand('ip')) return notMeasured(title, 'needs a C compiler, and ip');
  const all = peers(directory);
  const results = [];
  for (const size of sizes) {
    const measured = await withNamespaces(directory, size, async () => {
      await joinAll(size);
      return measure(
        all.filter((peer) => peer.there),
        rounds,
      );
    });
    results.push({ size, peers: measured });
  }
  return section(title, { ...missing(all), ...report(results) });
}

/** By round, of a peer or of the difference of two. */
function report(results) {
  const tables = [];
  const targets = [];
  for (const { size, peers: measured } of results) {
    const rows = measured.map(({ name, milliseconds }) => ({ name, milliseconds }));
    const of = (name) => rows.find((row) => row.name === name)?.milliseconds;
    for (const name of [NLINK, FIRST]) {
      const without = of(name + PLAIN);
      if (of(name) === undefined || without === undefined) continue;
      const milliseconds = of(name).map((value, round) => value - without[round]);
      rows.push({ name: `${name}: what links take`, milliseconds });
    }
    const ratios = (name, other) =>
      of(name) === undefined || of(other) === undefined
        ? []
        : of(name).map((value, round) => value / of(other)[round]);
    tables.push(
      table(
        `${size} namespaces: CPU of a read of all`,
        ['', 'ms', 'least', 'times c', 'ip: times this'],
        rows.map(({ name, milliseconds }) => [
          name,
          shown(median(milliseconds), 1),
          shown(Math.min(...milliseconds), 1),
          shownRatios(ratios(name, 'c')),
          shownRatios(ratios(IP, name)),
        ]),
      ),
    );
    const links = `${size} namespaces, nlink: what links take`;
    targets.push(
      ...atMost(links, ratios(`${NLINK}: what links take`, 'c'), { limit: MOST_OF_C, of: 'c' }),
      ...atMost(`${size} namespaces, ${FIRST}`, ratios(FIRST, IP), { limit: MOST_OF_IP, of: 'ip' }),
    );
  }
  const notes = results.flatMap(({ size, peers: measured }) =>
    measured
      .filter(({ name }) => name === 'c' || name === NLINK)
      .map(({ name, found }) => `${size} namespaces, ${name}: links, and those with a far end: ${found}`),
  );
  return { tables, targets, notes, measured: results };
}
