/** What was measured in a storm, as tables, beside the targets. */
import { before, hasBefore } from '../lib/builds.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { atMost, chart, kindOf, noneAhead, table, target } from '../lib/section.js';

const TARGET_RATIO = 1.5;

const middle = (runs, key) => median(runs.map((run) => run[key]));
const lossOf = (found) => (found.missed === 0 ? 'none' : found.losses > 0 ? 'declared' : 'SILENT');

/**
 * @param there the peers that were measured to the end, with `check`, `live`, and for plain files
 *   `overrun` and `drain`
 * @param it `reference`: the program in C; `events`: of what; `file`: what the chart is called; the
 *   most that the unified watcher may take of what names alone take (`unified`), and both of what
 *   they took before (`ofBefore`); `lossless`: the unified watcher is to lose none
 */
export function report(there, { reference, events, file, unified, ofBefore, lossless }) {
  const c = there.find((peer) => peer.name === reference);
  const nlink = there.find((peer) => peer.name === 'nlink');
  // Who loses events, without saying so, does not do the same work.
  const rivals = there.filter((peer) => kindOf(peer.name) === 'peer' && toldAll(peer));
  const drained = there.filter((peer) => peer.drain !== undefined);
  const ratios = (it, kind, key = 'cpu', other = c) =>
    it === undefined || (other ?? null) === null
      ? []
      : it[kind].map((run, round) => run[key] / other[kind][round][key]);
  const most = (what, kind) =>
    target(
      `${what}: at most ${TARGET_RATIO} x ${reference}`,
      nlink && c ? median(ratios(nlink, kind)) <= TARGET_RATIO : null,
    );
  const leads = (what, kind, key) => {
    const costs = (it) => it && { name: it.name, rounds: it[kind].map((run) => run[key]) };
    return noneAhead(what, costs(nlink), rivals.map(costs));
  };
  const rate = shown(median(there.flatMap((it) => it.live.map((run) => run.rate))) / 1000, 1);
  const found = nlink && [nlink.check, nlink.overrun ?? nlink.check];
  return {
    tables: [
      toldTable(there.filter((it) => it.check)),
      liveTable(there, reference, ratios),
      ...(drained.length === 0 ? [] : [drainTable(drained, reference, ratios)]),
    ],
    notes: [
      `live: ${rate} thousand events a second (median)`,
      ...there
        .filter((it) => it.share !== undefined && it.share !== 1)
        .map((it) => `${it.name}: ${it.live[0].pairs} pairs only, as it is slow`),
    ],
    targets: [
      target(
        'all events or a declared loss, nothing silent',
        nlink ? found.every((it) => lossOf(it) !== 'SILENT') : null,
      ),
      target(
        'none told twice or out of order',
        nlink ? found.every((it) => it.doubled + it.disordered === 0) : null,
      ),
      most('live', 'live'),
      leads('live: CPU', 'live', 'cpu'),
      ...(drained.length === 0 ? [] : [most('drain', 'drain'), leads('drain: CPU', 'drain', 'cpu')]),
      ...builds(there, ratios, { unified, ofBefore, lossless }),
    ],
    charts: [
      chart(file, `CPU time of an event ${events} in a storm`, 'µs', [
        { label: 'live', bars: there.map((it) => ({ name: it.name, value: middle(it.live, 'cpu') })) },
        ...(drained.length === 0
          ? []
          : [
              {
                label: 'queued events read at once',
                bars: drained.map((it) => ({ name: it.name, value: middle(it.drain, 'cpu') })),
              },
            ]),
      ]),
    ],
    measured: there.map(({ name, check, overrun, live, drain }) => ({ name, check, overrun, live, drain })),
  };
}

const toldAll = ({ check, live }) =>
  check.missed === 0 && live.every(({ told, pairs }) => told === null || told === 2 * pairs);

/** The targets of the unified watcher beside names alone, and of both beside the build before. */
function builds(there, ratios, { unified, ofBefore, lossless }) {
  const [names, both] = ['nlink', 'nlink, unified'].map((name) => there.find((it) => it.name === name));
  const least = [names, both].filter((it) => it !== undefined && ofBefore !== undefined);
  return [
    ...(lossless ? [target('nlink, unified: loses none', both ? toldAll(both) : null)] : []),
    ...atMost('live: nlink, unified', ratios(both, 'live', 'cpu', names ?? null), {
      limit: unified,
      of: 'nlink',
    }),
    ...least.flatMap((it) =>
      atMost(`live: ${it.name}`, ratios(it, 'live', 'cpu', before(there, it.name) ?? null), {
        limit: ofBefore,
        of: 'the build before',
        optional: true,
      }),
    ),
  ];
}

function liveTable(there, reference, ratios) {
  const paired = hasBefore(there);
  return table(
    'live: CPU µs an event (user + system)',
    [
      ...['', 'CPU', `x ${reference}, by round`, ...(paired ? ['x before, by round'] : [])],
      ...['told, least', 'losses declared', 'sleeps', 'RSS before, MB', 'RSS peak, MB'],
    ],
    there.map((it) => [
      it.name,
      shown(middle(it.live, 'cpu'), 2),
      shownRatios(ratios(it, 'live')),
      ...(paired ? [shownRatios(ratios(it, 'live', 'cpu', before(there, it.name) ?? null))] : []),
      leastTold(it.live),
      Math.max(...it.live.map((run) => run.losses)),
      shown(middle(it.live, 'sleeps')),
      ...['rssBefore', 'peakRss'].map((key) => shown(middle(it.live, key) / 1024, 1)),
    ]),
  );
}

function leastTold(runs) {
  if (runs.some((run) => run.told === null)) return '-';
  const worst = runs.reduce((least, run) => (run.told < least.told ? run : least));
  return `${worst.told} of ${2 * worst.pairs}`;
}

function toldTable(checked) {
  const overrun = checked.some((it) => it.overrun);
  return table(
    'what was told',
    [
      ...['', 'events', 'seen', 'missed', 'doubled', 'out of order', 'loss'],
      ...(overrun ? ['overrun: seen', 'overrun: missed', 'overrun: loss'] : []),
    ],
    checked.map(({ name, check, overrun: over }) => [
      ...[name, check.events, check.seen, check.missed, check.doubled, check.disordered, lossOf(check)],
      ...(overrun ? [over.seen, over.missed, lossOf(over)] : []),
    ]),
  );
}

const drainTable = (drained, reference, ratios) =>
  table(
    'drain: CPU µs an event',
    [
      ...['', 'all', `x ${reference}, by round`],
      ...['first drain', 'warm', `warm: x ${reference}, by round`],
    ],
    drained.map((it) => [
      it.name,
      shown(middle(it.drain, 'cpu'), 3),
      shownRatios(ratios(it, 'drain')),
      shown(middle(it.drain, 'first'), 3),
      shown(middle(it.drain, 'warm'), 3),
      shownRatios(ratios(it, 'drain', 'warm')),
    ]),
  );
