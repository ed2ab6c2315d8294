/**
 * How many namespace ids a second can be asked for, of namespaces that are open: one at a time,
 * each answer taken before the next question, and 128 at once. Few ids are assigned, since the
 * kernel goes through all of them for each answer, which would hide the rest.
 */
import { median, shown, shownRatios } from '../lib/numbers.js';
import { script } from '../lib/peer.js';
import { missing, noneAhead, notMeasured, section, table, target } from '../lib/section.js';
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
  const title = `${NAMES} namespaces, ${SIZE} questions a turn, ${rounds} rounds of ${TURNS} turns`;
  if (!hasProgram('adder') || !hasProgram('nsid-assign')) return notMeasured(title, 'needs a C compiler');
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
    return notMeasured(title, error.message);
  }
  return section(title, { ...missing(all), ...report(results) });
}

function report(results) {
  const reference = results.find((it) => it.name === 'c');
  const targets = [
    ['nlink', TARGET_SINGLE],
    ['nlink, 128 at once', TARGET_BATCH],
  ].map(([name, least]) => {
    const it = results.find((found) => found.name === name);
    const ratio = it === undefined ? null : middleOf(speedRatios(it, reference));
    return target(`${name}: at least ${least} x c`, ratio === null ? null : ratio >= least);
  });
  const [nlink, ...peers] = ['nlink', 'npm netlink'].map((name) => results.find((it) => it.name === name));
  return {
    tables: [
      table(
        'questions about ids',
        ['', 'µs a question', 'thousand a second', 'x c in speed, by round'],
        results.map((it) => [
          it.name,
          shown(median(it.rounds) / 1e3, 2),
          shown(1e6 / median(it.rounds)),
          shownRatios(speedRatios(it, reference)),
        ]),
      ),
    ],
    targets: [
      ...targets,
      noneAhead(
        'one after the other',
        nlink,
        peers.filter((it) => it !== undefined),
      ),
    ],
    measured: results.map(({ name, size, rounds }) => ({ name, size, nanoseconds: rounds })),
  };
}
