/** The latencies as tables, beside the targets. */
import { median, percentile, shown, shownRatios } from '../lib/numbers.js';
import { canPart } from '../lib/processors.js';
import { chart, kindOf, noneAhead, table, target } from '../lib/section.js';

const TARGET_MOUNTED = 1.5;
const TARGET_ASSIGNED = 2;
const TARGET_MICROSECONDS = 200;
const TARGET_ADDED = 200;

/**
 * `limit`: the program in C that shows what is possible, where it is not what one counts from;
 * `nlink`: whose word counts for nlink.
 */
const NAME_ACTIONS = [
  { key: 'created', title: 'name created', from: 'open(2)', limit: 'c-wait', nlink: 'nlink, at once' },
  { key: 'mounted', title: 'namespace mounted', from: 'mount(2)', limit: 'c-wait', nlink: 'nlink' },
  { key: 'deleted', title: 'name deleted', from: 'unlink(2)', limit: 'c-wait', nlink: 'nlink' },
];
const ID_ACTIONS = [
  { key: 'assigned', title: 'id assigned', from: 'RTM_NEWNSID', limit: 'c', nlink: 'nlink' },
  { key: 'destroyed', title: 'namespace destroyed', from: "the kernel's word", limit: null, nlink: 'nlink' },
];
const PACES = { idle: 'nothing else happens', busy: 'among mounts' };

/** What one peer took for one action at one pace; null where it does not tell of it. */
function summary(peer, action, pace) {
  if (!peer.tells.includes(action)) return null;
  const latencies = peer[pace].flatMap((round) => round.latencies[action]);
  return {
    median: median(latencies),
    p99: percentile(latencies, 0.99),
    max: latencies.length === 0 ? Number.NaN : Math.max(...latencies),
    medians: peer[pace].map((round) => median(round.latencies[action])),
    told: latencies.length,
    missed: peer[pace].reduce((sum, round) => sum + round.missed[action], 0),
  };
}

/** Everything about one action. */
function summarize(peers, { key, title, from, limit, nlink }) {
  const rows = peers
    .filter((peer) => peer.tells.includes(key))
    .map((peer) => ({
      name: peer.name,
      isPeer: kindOf(peer.name) === 'peer',
      idle: summary(peer, key, 'idle'),
      busy: summary(peer, key, 'busy'),
    }));
  const reference = rows.find((row) => row.name === limit);
  for (const row of rows)
    for (const pace of Object.keys(PACES))
      row[pace].ratios =
        reference === undefined
          ? []
          : row[pace].medians
              .map((value, round) => value / reference[pace].medians[round])
              .filter((ratio) => !Number.isNaN(ratio));
  return { key, title, from, limit, nlink: rows.find((row) => row.name === nlink), rows };
}

function tableOf({ title, from, limit, rows }) {
  const columns = ['median', 'p99', 'max', ...(limit === null ? [] : [`x ${limit}, by round`])];
  return table(
    `${title}, from ${from}`,
    ['', ...columns.map((name) => `idle: ${name}`), ...columns.map((name) => `mounts: ${name}`), 'not told'],
    rows.map(({ name, idle, busy }) => [
      name,
      ...[idle, busy].flatMap((it) => [
        ...[it.median, it.p99, it.max].map((value) => shown(value)),
        ...(limit === null ? [] : [shownRatios(it.ratios)]),
      ]),
      idle.missed + busy.missed,
    ]),
  );
}

/** At the moment at which a peer says that the name is there: can it be entered? */
function readiness(peers) {
  const of = (peer, pace, key) => peer[pace].reduce((sum, round) => sum + round[key], 0);
  return table(
    'readiness: told that it is there, it cannot be entered yet',
    ['', 'idle: failed', 'of', 'mounts: failed', 'of', 'share'],
    peers.map((peer) => {
      const [idle, busy] = ['idle', 'busy'].map((pace) => [
        of(peer, pace, 'early'),
        of(peer, pace, 'claimed'),
      ]);
      const share = (100 * (idle[0] + busy[0])) / (idle[1] + busy[1]);
      return [peer.name, ...idle, ...busy, `${shown(share, 1)} %`];
    }),
  );
}

function targets(actions, names) {
  const [, mounted, , assigned] = actions;
  const found = [];
  for (const { title, nlink, rows } of actions) {
    const peers = rows.filter((row) => row.isPeer);
    // Nobody else tells when a namespace is mounted.
    if (title === mounted.title) continue;
    for (const [pace, label] of Object.entries(PACES)) {
      const medians = (row) => row && { name: row.name, rounds: row[pace].medians };
      const told = peers.filter((row) => row[pace].told > 0);
      found.push(noneAhead(`${title}, ${label}`, medians(nlink), told.map(medians)));
    }
  }
  const ratio = ({ nlink }) => (nlink && nlink.idle.ratios.length > 0 ? median(nlink.idle.ratios) : null);
  const most = (value, limit) => (value === null ? null : value <= limit);
  found.push(
    target(
      `namespace mounted: median at most ${TARGET_MOUNTED} x c-wait`,
      most(ratio(mounted), TARGET_MOUNTED),
    ),
    target(
      'namespace mounted: median below 0.2 ms',
      mounted.nlink ? mounted.nlink.idle.median < TARGET_MICROSECONDS : null,
    ),
    target(`id assigned: median at most ${TARGET_ASSIGNED} x c`, most(ratio(assigned), TARGET_ASSIGNED)),
  );
  const unified = mounted.rows.find((row) => row.name === 'nlink, unified');
  const added = mounted.nlink && unified ? unified.idle.median - mounted.nlink.idle.median : null;
  found.push(
    target(
      `namespace mounted: the unified watcher adds at most ${TARGET_ADDED} µs (${shown(added)})`,
      most(added, TARGET_ADDED),
    ),
  );
  const nlink = names.find((peer) => peer.name === 'nlink');
  const rounds = nlink && [...nlink.idle, ...nlink.busy];
  found.push(
    target(
      'readiness: nlink tells of none before it can be entered',
      rounds ? rounds.every(({ early, claimed }) => early === 0 && claimed > 0) : null,
    ),
    target(
      'nlink misses none',
      nlink ? actions.every((it) => it.nlink && it.nlink.idle.missed + it.nlink.busy.missed === 0) : null,
    ),
  );
  return found;
}

/** @param names,ids the peers that were measured to the end */
export function report(names, ids, rates) {
  const actions = [
    ...NAME_ACTIONS.map((action) => summarize(names, action)),
    ...ID_ACTIONS.map((action) => summarize(ids, action)),
  ];
  const rounds = names.flatMap((peer) => peer.idle);
  const [mount, gap] = ['mounts', 'gaps'].map((key) => median(rounds.flatMap((it) => it[key])));
  const freeing = ids.flatMap((peer) => [...peer.idle, ...peer.busy]).flatMap((it) => it.freeing);
  const charts = Object.entries(PACES).map(([pace, label]) =>
    chart(
      `latency-${pace}`,
      `From what the kernel is told to user code, ${label}: median`,
      'µs',
      actions.map(({ title, rows }) => ({
        label: title,
        bars: rows.map((row) => ({ name: row.name, value: row[pace].median })),
      })),
    ),
  );
  return {
    tables: [...actions.map(tableOf), readiness(names)],
    notes: [
      canPart
        ? 'who acts has a processor of its own, which the watchers are kept off'
        : 'who acts and who watches could not be kept on processors of their own',
      `mounts: ${shown(median(rates))} mounts and unmounts a second elsewhere`,
      `the kernel's word came ${shown(median(freeing) / 1e3, 1)} ms after umount2(2) (median)`,
      `from file to mount ${shown(gap)} µs, mount(2) itself ${shown(mount)} µs (medians)`,
      '"nlink, at once" has readyTimeout 0: it tells of the file, and says in the event that it is not ready',
    ],
    targets: targets(actions, names),
    charts,
    measured: actions.map(({ key, rows }) => ({ action: key, peers: rows })),
  };
}
