/** What events that come one by one cost, as tables, beside the targets. */
import { before, hasBefore } from '../lib/builds.js';
import { median, percentile, shown, shownRatios } from '../lib/numbers.js';
import { atMost, chart, roundRatios, table, target } from '../lib/section.js';

const OF_BEFORE = 0.3;
const OF_FS_WATCH = 3;
const TAIL_OF_BEFORE = 0.25;
const MIDDLE_OF_C = 2;

/** What the runs of a peer come to, by round. */
const roundsOf = (peer) => ({
  ...peer,
  cpu: peer.runs.map((run) => run.cpu),
  p50: peer.runs.map((run) => median(run.latencies)),
  p99: peer.runs.map((run) => percentile(run.latencies, 0.99)),
  latencies: peer.runs.flatMap((run) => run.latencies),
  missed: peer.runs.reduce((sum, run) => sum + run.missed, 0),
});

/** @param cases each with `label`, `size`, the `peers` that were measured to the end, `stated` */
export function report(cases) {
  const summed = cases.map((one) => ({ ...one, peers: one.peers.map(roundsOf) }));
  const rates = cases.flatMap(({ peers }) => peers.flatMap(({ runs }) => runs.map((run) => run.rate)));
  return {
    tables: summed.map(tableOf),
    notes: [`${shown(median(rates))} additions a second, and then as many deletions (median)`],
    targets: summed.filter(({ stated }) => stated).flatMap(targets),
    charts: [
      chart(
        'paced',
        'CPU time of an event where events come one by one',
        'µs',
        summed.map(({ label, size, peers }) => ({
          label,
          bars: peers.map(({ name, cpu }) => ({ name, value: (1e3 * median(cpu)) / (2 * size) })),
        })),
      ),
    ],
    measured: summed.map(({ label, size, peers }) => ({
      label,
      size,
      peers: peers.map(({ name, runs }) => ({ name, runs })),
    })),
  };
}

function tableOf({ label, size, peers }) {
  const of = (name) => peers.find((peer) => peer.name === name);
  const paired = hasBefore(peers);
  const ofBefore = (peer, key) =>
    paired ? [shownRatios(roundRatios(peer, before(peers, peer.name), key))] : [];
  return table(
    label,
    [
      ...['', 'CPU ms', 'CPU µs an event', 'x fs.watch, by round'],
      ...(paired ? ['x before, by round'] : []),
      ...['sleeps', 'mounted to told, µs: median', 'x c-wait, by round', 'p99'],
      ...(paired ? ['p99: x before, by round'] : []),
      'not told',
    ],
    peers.map((peer) => [
      peer.name,
      shown(median(peer.cpu), 1),
      shown((1e3 * median(peer.cpu)) / (2 * size)),
      shownRatios(roundRatios(peer, of('fs.watch'), 'cpu')),
      ...ofBefore(peer, 'cpu'),
      shown(median(peer.runs.map((run) => run.sleeps))),
      shown(median(peer.latencies)),
      shownRatios(roundRatios(peer, of('c-wait'), 'p50')),
      shown(percentile(peer.latencies, 0.99)),
      ...ofBefore(peer, 'p99'),
      peer.mounts ? peer.missed : '-',
    ]),
  );
}

function targets({ label, peers }) {
  const of = (name) => peers.find((peer) => peer.name === name);
  const ours = ['nlink', 'nlink, unified'];
  const told = ours.map(of).filter((peer) => peer !== undefined);
  return [
    ...ours.flatMap((name) => [
      ...atMost(`${label}: CPU of ${name}`, roundRatios(of(name), before(peers, name), 'cpu'), {
        limit: OF_BEFORE,
        of: 'the build before',
        optional: true,
      }),
      ...atMost(`${label}: CPU of ${name}`, roundRatios(of(name), of('fs.watch'), 'cpu'), {
        limit: OF_FS_WATCH,
        of: 'fs.watch',
      }),
      ...atMost(
        `${label}: mounted to told, p99 of ${name}`,
        roundRatios(of(name), before(peers, name), 'p99'),
        {
          limit: TAIL_OF_BEFORE,
          of: 'the build before',
          optional: true,
        },
      ),
      ...atMost(`${label}: mounted to told, median of ${name}`, roundRatios(of(name), of('c-wait'), 'p50'), {
        limit: MIDDLE_OF_C,
        of: 'c-wait',
      }),
    ]),
    target(`${label}: nlink misses none`, told.length === 0 ? null : told.every((peer) => peer.missed === 0)),
  ];
}
