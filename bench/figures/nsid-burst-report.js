/** What was measured in bursts of namespace ids, as tables, beside the targets. */
import { median, printTable, printTarget, shown, shownRatios } from '../lib/numbers.js';

const TARGET_RATIO = 1.5;

const middle = (runs, key) => median(runs.map((run) => run[key]));

/** Prints the results; gives back what is worth keeping. */
export function report(there, absent, expected) {
  const c = there.find((peer) => peer.name === 'c');
  const nlink = there.find((peer) => peer.name === 'nlink');
  const ratios = (it, kind, key = 'cpu') =>
    c === undefined ? [] : it[kind].map((run, round) => run[key] / c[kind][round][key]);
  const lossOf = ({ told, losses }, kind) =>
    told === expected[kind] ? 'none' : losses === undefined ? '-' : losses > 0 ? 'declared' : 'SILENT';

  const rate = median(there.flatMap((it) => it.live.map((run) => run.rate)));
  const titles = {
    live: `live, ${expected.live} ids, ${shown(rate / 1000)} thousand a second`,
    stopped: `stopped until ${expected.stopped} ids are assigned`,
    removed: `${expected.removed} namespaces removed`,
  };
  for (const [kind, title] of Object.entries(titles)) {
    console.log(`  ${title}: CPU µs an event (user + system)`);
    printTable(
      ['', 'CPU', 'x c, by round', 'sleeps', 'told, least', 'loss'],
      there.map((it) => {
        const worst = it[kind].reduce((least, run) => (run.told < least.told ? run : least));
        return [
          it.name,
          shown(middle(it[kind], 'cpu'), 2),
          shownRatios(ratios(it, kind)),
          shown(middle(it[kind], 'sleeps')),
          worst.told,
          lossOf(worst, kind),
        ];
      }),
    );
  }
  console.log('  drain, ids that are assigned in parts are read at once: CPU µs an event');
  printTable(
    ['', 'all', 'x c, by round', 'first part', 'warm', 'x c, by round'],
    there.map((it) => [
      it.name,
      shown(middle(it.drain, 'cpu'), 2),
      shownRatios(ratios(it, 'drain')),
      shown(middle(it.drain, 'first'), 2),
      shown(middle(it.drain, 'warm'), 2),
      shownRatios(ratios(it, 'drain', 'warm')),
    ]),
  );
  for (const { name } of absent) console.log(`  ${name} is absent`);

  const kinds = Object.keys(expected);
  const silent = nlink && kinds.some((kind) => nlink[kind].some((run) => lossOf(run, kind) === 'SILENT'));
  printTarget('all events or a declared loss, nothing silent', nlink ? !silent : null);
  const most = (what, found) =>
    printTarget(
      `${what}: at most ${TARGET_RATIO} x c`,
      nlink && c ? median(found(nlink)) <= TARGET_RATIO : null,
    );
  for (const kind of Object.keys(titles)) most(kind, (it) => ratios(it, kind));
  most('drain, warm', (it) => ratios(it, 'drain', 'warm'));
  return there.map(({ name, ...runs }) => ({
    name,
    ...Object.fromEntries(kinds.map((kind) => [kind, runs[kind]])),
  }));
}
