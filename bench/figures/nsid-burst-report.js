/** What was measured in bursts of namespace ids, as tables, beside the targets. */
import { before, hasBefore } from '../lib/builds.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { atMost, kindOf, noneAhead, table, target } from '../lib/section.js';

const TARGET_RATIO = 1.5;
const OF_BEFORE = 0.45;
const OF_SUBSCRIBER = 2;

const middle = (runs, key) => median(runs.map((run) => run[key]));

/**
 * @param there the peers that were measured to the end
 * @param expected how many events there were, by kind of run
 */
export function report(there, expected) {
  const [c, nlink, unified] = ['c', 'nlink', 'nlink, unified'].map((name) =>
    there.find((peer) => peer.name === name),
  );
  const ratios = (it, kind, key = 'cpu', other = c) =>
    it === undefined || (other ?? null) === null
      ? []
      : it[kind].map((run, round) => run[key] / other[kind][round][key]);
  const paired = hasBefore(there);
  const ofBefore = (it, kind, key) => ratios(it, kind, key, (it && before(there, it.name)) ?? null);
  const lossOf = ({ told, losses }, kind) =>
    told === expected[kind] ? 'none' : losses === undefined ? '-' : losses > 0 ? 'declared' : 'SILENT';

  const rate = median(there.flatMap((it) => it.live.map((run) => run.rate)));
  const titles = {
    live: 'live',
    stopped: 'stopped until all ids are assigned',
    removed: 'namespaces removed',
  };
  const burst = (kind) =>
    table(
      `${titles[kind]}: CPU µs an event (user + system)`,
      [
        ...['', 'CPU', 'x c, by round', ...(paired ? ['x before, by round'] : [])],
        ...['sleeps', 'told, least', 'loss'],
      ],
      there.map((it) => {
        const worst = it[kind].reduce((least, run) => (run.told < least.told ? run : least));
        return [
          it.name,
          shown(middle(it[kind], 'cpu'), 2),
          shownRatios(ratios(it, kind)),
          ...(paired ? [shownRatios(ofBefore(it, kind))] : []),
          shown(middle(it[kind], 'sleeps')),
          worst.told,
          lossOf(worst, kind),
        ];
      }),
    );
  const drain = table(
    'drain: CPU µs an event',
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

  const kinds = Object.keys(expected);
  const silent = nlink && kinds.some((kind) => nlink[kind].some((run) => lossOf(run, kind) === 'SILENT'));
  const most = (what, kind, key) =>
    target(
      `${what}: at most ${TARGET_RATIO} x c`,
      nlink && c ? median(ratios(nlink, kind, key)) <= TARGET_RATIO : null,
    );
  const leads = (what, kind, key) => {
    const costs = (it) => it && { name: it.name, rounds: it[kind].map((run) => run[key]) };
    const peers = there.filter((it) => kindOf(it.name) === 'peer');
    return noneAhead(`${what}: CPU`, costs(nlink), peers.map(costs));
  };
  const rows = [...Object.keys(titles).map((kind) => [kind, kind, 'cpu']), ['drain, warm', 'drain', 'warm']];
  return {
    tables: [...Object.keys(titles).map(burst), drain],
    notes: [`live: ${shown(rate / 1000)} thousand ids a second (median)`],
    targets: [
      target('all events or a declared loss, nothing silent', nlink ? !silent : null),
      ...rows.map((row) => most(...row)),
      ...rows.map((row) => leads(...row)),
      ...[nlink, unified].flatMap((it) =>
        atMost(`live: ${it?.name ?? 'nlink'}`, ofBefore(it, 'live'), {
          limit: OF_BEFORE,
          of: 'the build before',
          optional: true,
        }),
      ),
      ...['live', 'stopped', 'removed'].flatMap((kind) =>
        atMost(`${kind}: nlink, unified`, ratios(unified, kind, 'cpu', nlink ?? null), {
          limit: OF_SUBSCRIBER,
          of: 'nlink',
        }),
      ),
    ],
    measured: there.map(({ name, ...runs }) => ({
      name,
      ...Object.fromEntries(kinds.map((kind) => [kind, runs[kind]])),
    })),
  };
}
