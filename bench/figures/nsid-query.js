/**
 * How many namespace ids a second can be asked for, of namespaces that are open: one at a time, each answer taken before the next question,
 * and 128 at once. Few ids are assigned, since the kernel goes through all of them for each answer, which would hide the rest.
 */
import { median, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';
import { script } from '../lib/peer.js';
import { assignIds, inNetwork, withNamespaces, withObserver } from '../lib/nsids.js';
import { hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';
import { inTurns, middleOf, speedRatios } from '../lib/turns.js';

const TARGET_SINGLE = 0.9;
const TARGET_BATCH = 1.4;
const NAMES = 8;
/** Questions of a turn; a multiple of 128. */
const SIZE = 256_000;
const TURNS = 5;
const WARM_UPS = 5;

function peers(directory, network) {
  const args = [directory, String(NAMES)];
  const inside = (command) => inNetwork(network, command);
  const c = hasProgram('nsid-query');
  return [
    { name: 'c', there: c, command: [program('nsid-query'), ...args] },
    { name: 'nlink', there: hasNlink(), command: script('nsid-query/nlink.js', ...args) },
    { name: 'c, 128 at once', there: c, command: [program('nsid-query'), ...args, '128'] },
    { name: 'nlink, 128 at once', there: hasNlink(), command: script('nsid-query/nlink-batch.js', ...args) },
    {
      name: 'npm netlink',
      there: hasPackage('netlink'),
      command: script('nsid-query/netlink.js', ...args),
      size: SIZE / 20,
    },
  ].map((peer) => ({ size: SIZE, ...peer, command: inside(peer.command) }));
}

export async function nsidQuery({ directory, rounds }) {
  console.log(
    `\nnsid-query: ${NAMES} namespaces, ${SIZE} questions a turn, ${rounds} rounds of ${TURNS} turns`,
  );
  if (!hasProgram('adder') || !hasProgram('nsid-assign')) {
    console.log('  not measured: needs a C compiler');
    return null;
  }
  let all;
  let results;
  try {
    await withNamespaces(directory, NAMES, () =>
      withObserver(async (network) => {
        await assignIds(network, directory, NAMES);
        all = peers(directory, network);
        results = await inTurns(
          all.filter((peer) => peer.there),
          rounds,
          TURNS,
          WARM_UPS,
        );
      }),
    );
  } catch (error) {
    console.log(`  failed: ${error.message}`);
    return null;
  }
  return print(results, all);
}

function print(results, all) {
  const reference = results.find((it) => it.name === 'c');
  printTable(
    ['', 'µs a question', 'thousand a second', 'x c in speed, by round'],
    results.map((it) => [
      it.name,
      shown(median(it.rounds) / 1e3, 2),
      shown(1e6 / median(it.rounds)),
      shownRatios(speedRatios(it, reference)),
    ]),
  );
  for (const { name } of all.filter((peer) => !peer.there)) console.log(`  ${name} is absent`);
  for (const [name, target] of [
    ['nlink', TARGET_SINGLE],
    ['nlink, 128 at once', TARGET_BATCH],
  ]) {
    const it = results.find((found) => found.name === name);
    const ratio = it === undefined ? null : middleOf(speedRatios(it, reference));
    printTarget(`${name}: at least ${target} x c`, ratio === null ? null : ratio >= target);
  }
  return results.map(({ name, size, rounds }) => ({ name, size, nanoseconds: rounds }));
}
