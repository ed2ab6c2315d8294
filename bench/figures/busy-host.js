/**
 * What a watcher costs on a host on which mounts come and go all the time and nothing happens to
 * its names: c/mounter.c mounts and unmounts elsewhere in the same mount namespace, and each time
 * the kernel says no more than that some mount changed.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { amongMounts } from '../lib/background.js';
import { before, hasBefore, ofEachBuild } from '../lib/builds.js';
import { withNamespaces } from '../lib/nsids.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { Peer, script, takeTurns } from '../lib/peer.js';
import { setApart } from '../lib/processors.js';
import { atMost, measuredOf, missing, notMeasured, roundRatios, section, table } from '../lib/section.js';
import { hasProgram, program } from '../lib/tools.js';

const SIZES = [500, 5000];
const SECONDS = 20;
/** Fifty mounts and as many unmounts. */
const EVENTS_A_SECOND = 100;
/** Milliseconds of sleep after which a watcher has done what it does at the start. */
const QUIET = 300;
/** Names in a directory that is no mount of its own: the mounts elsewhere are beside theirs. */
const PLAIN = '/run/plain';
/** Of the time, there. */
const PLAIN_SHARE = 0.25;
const OF_BEFORE = 0.05;
const OF_THE_FEWEST = 2;

function peers(directory, build) {
  const nlink = (kind) => script('busy-host/nlink.js', directory, kind);
  return [
    { name: 'c-wait', there: hasProgram('c-wait'), command: [program('c-wait'), directory] },
    { name: 'bare Node', there: true, command: script('name-events/bare-node.js', directory) },
    ...ofEachBuild(build, ({ suffix, of }) => [
      { name: `nlink${suffix}`, command: of(nlink('names')) },
      { name: `nlink, unified${suffix}`, command: of(nlink('unified')) },
    ]),
  ].map((peer) => Object.assign(peer, { runs: [] }));
}

/** One peer, one round. */
async function turn({ command }, size, seconds) {
  const peer = new Peer(command);
  await peer.ready();
  setApart(peer);
  await peer.settled(QUIET);
  const before = peer.sample();
  const { rate } = await amongMounts(EVENTS_A_SECOND, () => sleep(seconds * 1000));
  await peer.settled();
  const after = peer.sample();
  const said = await peer.stop();
  const [, names, events] = /^names (\d+)\nevents (\d+)$/m.exec(said) ?? [];
  return {
    cpu: (after.cpu - before.cpu) / 1e3,
    sleeps: after.sleeps - before.sleeps,
    rate,
    wrong: names !== undefined && (Number(names) !== size || events !== '0'),
  };
}

export async function busyHost({ directory, rounds, names, seconds = SECONDS, before: build }) {
  const sizes = names === undefined ? SIZES : [names];
  const title = `${sizes.join(' and ')} names, ${seconds} s of mounts and unmounts elsewhere, ${rounds} rounds`;
  if (!['adder', 'mounter'].every(hasProgram)) return notMeasured(title, 'needs a C compiler');
  mkdirSync(PLAIN, { recursive: true });
  const cases = [
    ...sizes.map((size) => ({ label: `${size} names`, size, seconds, directory, stated: true })),
    {
      label: `${sizes[0]} names, the directory is no mount`,
      size: sizes[0],
      seconds: Math.ceil(seconds * PLAIN_SHARE),
      directory: PLAIN,
    },
  ];
  const measured = [];
  for (const one of cases) {
    const all = peers(one.directory, build);
    await withNamespaces(one.directory, one.size, (adder) =>
      takeTurns(
        all.filter((peer) => peer.there),
        rounds,
        async (peer) => {
          peer.runs.push(await turn(peer, one.size, one.seconds));
        },
        [adder],
      ),
    );
    measured.push({ ...one, all });
  }
  return section(title, {
    ...missing(measured.flatMap(({ all }, at) => all.filter((peer) => at === 0 || peer.there))),
    ...report(measured.map((one) => ({ ...one, peers: measuredOf(one.all).map(roundsOf) }))),
  });
}

const roundsOf = (peer) => ({ ...peer, cpu: peer.runs.map((run) => run.cpu) });

function report(cases) {
  const runs = cases.flatMap(({ peers: there }) => there.flatMap((peer) => peer.runs));
  return {
    tables: cases.map(tableOf),
    notes: [
      `${shown(median(runs.map((run) => run.rate)))} mounts and unmounts a second elsewhere (median)`,
      ...cases.flatMap(({ label, peers: there }) =>
        there
          .filter((peer) => peer.runs.some((run) => run.wrong))
          .map((peer) => `${label}: ${peer.name} told of something, or does not know all names`),
      ),
    ],
    targets: targets(cases.filter(({ stated }) => stated)),
    measured: cases.map(({ label, size, peers: there }) => ({
      label,
      size,
      peers: there.map(({ name, runs: rounds }) => ({ name, runs: rounds })),
    })),
  };
}

function tableOf({ label, seconds, peers: there }) {
  const paired = hasBefore(there);
  return table(
    `${label}, ${seconds} s`,
    ['', 'CPU ms', 'of one processor', ...(paired ? ['x before, by round'] : []), 'sleeps'],
    there.map((peer) => [
      peer.name,
      shown(median(peer.cpu), 1),
      `${shown(median(peer.cpu) / (10 * seconds), 2)} %`,
      ...(paired ? [shownRatios(roundRatios(peer, before(there, peer.name), 'cpu'))] : []),
      shown(median(peer.runs.map((run) => run.sleeps))),
    ]),
  );
}

function targets(cases) {
  const [fewest] = cases;
  const most = cases.at(-1);
  const of = (one, name) => one.peers.find((peer) => peer.name === name);
  return ['nlink', 'nlink, unified'].flatMap((name) => [
    ...atMost(
      `${fewest.label}: CPU of ${name}`,
      roundRatios(of(fewest, name), before(fewest.peers, name), 'cpu'),
      {
        limit: OF_BEFORE,
        of: 'the build before',
        optional: true,
      },
    ),
    ...atMost(
      `${most.label}: CPU of ${name}`,
      roundRatios(of(most, name), most === fewest ? undefined : of(fewest, name), 'cpu'),
      {
        limit: OF_THE_FEWEST,
        of: fewest.label,
        optional: most === fewest,
      },
    ),
  ]);
}
