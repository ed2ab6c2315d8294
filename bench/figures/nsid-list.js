/**
 * How long it takes to find out the ids of many names, all of which have one: open, ask, close. With thousands of ids the kernel's
 * own search takes most of it: for each answer it goes through all ids that are assigned (`__peernet2id` in
 * net/core/net_namespace.c). The smallest number shows what the rest costs.
 */
import { median, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';
import { script } from '../lib/peer.js';
import { assignIds, inNetwork, withNamespaces, withObserver } from '../lib/nsids.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';
import { inTurns, middleOf, timeRatios } from '../lib/turns.js';

const TARGET_C = 1.2;
const TARGET_IP = 0.5;
const SIZES = [128, 2000, 5000];
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
  console.log(`\nnsid-list: all names with ids, ${rounds} rounds of ${TURNS} turns`);
  if (!hasProgram('adder') || !hasProgram('nsid-assign')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  const results = [];
  for (const size of sizes) {
    try {
      await withNamespaces(directory, size, () =>
        withObserver(async (network) => {
          await assignIds(network, directory, size);
          const all = peers(directory, size, network);
          const there = all.filter((peer) => peer.there);
          results.push(print(size, await inTurns(there, rounds, TURNS, WARM_UPS), all));
        }),
      );
    } catch (error) {
      console.log(`  ${size} names failed: ${error.message}`);
    }
  }
  return results;
}

function print(size, results, all) {
  console.log(`  ${size} names`);
  const c = results.find((it) => it.name === 'c');
  const ip = results.find((it) => it.name === 'ip netns list');
  printTable(
    ['', 'ms', 'µs a name', 'x c, by round', 'x ip netns list, by round'],
    results.map((it) => [
      it.name,
      shown(median(it.rounds) / 1e6, 2),
      shown(median(it.rounds) / 1e3 / size, 2),
      shownRatios(timeRatios(it, c)),
      shownRatios(timeRatios(it, ip)),
    ]),
  );
  for (const { name } of all.filter((peer) => !peer.there)) console.log(`  ${name} is absent`);
  const expected = (all[0].size * size * (size - 1)) / 2;
  for (const { name, result } of results)
    if (Number(result) !== expected) console.log(`  ${name} did not get all ids`);
  const nlink = results.find((it) => it.name === 'nlink');
  for (const [name, reference, target] of [
    ['c', c, TARGET_C],
    ['ip netns list', ip, TARGET_IP],
  ]) {
    const ratio = nlink === undefined ? null : middleOf(timeRatios(nlink, reference));
    printTarget(`nlink, ${size} names: at most ${target} x ${name}`, ratio === null ? null : ratio <= target);
  }
  return { names: size, peers: results.map(({ name, rounds }) => ({ name, nanoseconds: rounds })) };
}
