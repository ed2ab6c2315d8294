/**
 * How long it takes to find out the ids of many names, all of which have one: open, ask, close.
 * With thousands of ids the kernel's own search takes most of it: for each answer it goes through
 * all ids that are assigned (`__peernet2id` in net/core/net_namespace.c). The smallest number shows
 * what the rest costs.
 */
import { median, shown, shownRatios } from '../lib/numbers.js';
import { script } from '../lib/peer.js';
import { chart, missing, noneAhead, notMeasured, section, table, target } from '../lib/section.js';
import { assignIds, inNetwork, withNamespaces, withObserver } from '../lib/nsids.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';
import { inTurns, middleOf, timeRatios } from '../lib/turns.js';

const TARGET_C = 1.2;
const TARGET_IP = 0.5;
/** Of the unified watcher, which lists the names and lays its watches as well. */
const TARGET_WATCH = 0.6;
const SIZES = [10, 100, 1000, 5000];
/** Names asked for in a turn: several times over where there are few. */
const TURN = 5000;
const TURNS = 4;
const WARM_UPS = 5;

function peers(directory, names, network) {
  const args = [directory, String(names)];
  const list = (name) => script(`nsid-list/${name}.js`, ...args);
  return [
    { name: 'c', there: hasProgram('nsid-list'), command: [program('nsid-list'), ...args] },
    { name: 'nlink', there: hasNlink(), command: list('nlink') },
    { name: 'nlink, listAndWatch', there: hasNlink(), command: list('unified') },
    { name: 'npm netlink', there: hasPackage('netlink'), command: list('netlink') },
    { name: 'ip netns list', there: hasCommand('ip'), command: list('ip') },
  ].map((peer) => ({
    ...peer,
    size: Math.max(1, Math.round(TURN / names)),
    command: inNetwork(network, peer.command),
  }));
}

export async function nsidList({ directory, rounds, names }) {
  const sizes = names === undefined ? SIZES : [names];
  const title = `all names with ids, ${rounds} rounds of ${TURNS} turns`;
  if (!hasProgram('adder') || !hasProgram('nsid-assign')) return notMeasured(title, 'needs a C compiler');
  const parts = [];
  const failures = [];
  for (const size of sizes) {
    try {
      await withNamespaces(directory, size, () =>
        withObserver(async (network) => {
          await assignIds(network, directory, size);
          const there = peers(directory, size, network).filter((peer) => peer.there);
          parts.push(report(size, await inTurns(there, rounds, TURNS, WARM_UPS)));
        }),
      );
    } catch (error) {
      failures.push(`${size} names: ${error.message}`);
    }
  }
  const groups = parts.map(({ measured }) => ({
    label: `${measured.names} names`,
    bars: measured.peers.map(({ name, nanoseconds }) => ({ name, value: median(nanoseconds) / 1e6 })),
  }));
  return section(title, {
    ...missing(peers(directory, 0, '')),
    failures,
    tables: parts.map((part) => part.table),
    notes: parts.flatMap((part) => part.notes),
    targets: parts.flatMap((part) => part.targets),
    charts: [chart('listing', 'Listing all names with their ids', 'ms', groups)],
    measured: parts.map((part) => part.measured),
  });
}

function report(size, results) {
  const of = (name) => results.find((it) => it.name === name);
  const [c, nlink, watch, ip] = ['c', 'nlink', 'nlink, listAndWatch', 'ip netns list'].map(of);
  const most = (it, reference, limit) => {
    const ratio = it === undefined ? null : middleOf(timeRatios(it, reference));
    return target(
      `${it?.name ?? 'nlink'}, ${size} names: at most ${limit} x ${reference?.name ?? 'another'}`,
      ratio === null ? null : ratio <= limit,
    );
  };
  // With few names it is the laying and taking up of the watches that counts.
  const watches = size < 1000 ? [] : [most(watch, ip, TARGET_WATCH)];
  const expected = (results[0].size * size * (size - 1)) / 2;
  return {
    table: table(
      `${size} names`,
      ['', 'ms', 'µs a name', 'x c, by round', 'x ip netns list, by round'],
      results.map((it) => [
        it.name,
        shown(median(it.rounds) / 1e6, 2),
        shown(median(it.rounds) / 1e3 / size, 2),
        shownRatios(timeRatios(it, c)),
        shownRatios(timeRatios(it, ip)),
      ]),
    ),
    notes: results
      .filter(({ result }) => Number(result) !== expected)
      .map(({ name }) => `${size} names: ${name} did not get all ids`),
    targets: [
      most(nlink, c, TARGET_C),
      most(nlink, ip, TARGET_IP),
      ...watches,
      noneAhead(
        `${size} names`,
        nlink,
        ['npm netlink', 'ip netns list'].map(of).filter((it) => it !== undefined),
      ),
    ],
    measured: { names: size, peers: results.map(({ name, rounds }) => ({ name, nanoseconds: rounds })) },
  };
}
