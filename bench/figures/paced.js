/**
 * What an event costs where events come one by one: c/adder.c adds namespaces, a hundred a second,
 * as `ip netns add` does, and then removes them as slowly. CPU time of a watcher for all of it, and
 * how long it takes from mount(2) until user code knows that the name can be entered.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ofEachBuild } from '../lib/builds.js';
import { Peer, script, takeTurns } from '../lib/peer.js';
import { acting, setApart } from '../lib/processors.js';
import { measuredOf, missing, notMeasured, section } from '../lib/section.js';
import { hasProgram, program } from '../lib/tools.js';
import { report } from './paced-report.js';

const SIZES = [60, 300];
/** Microseconds from one addition, or deletion, to the next. */
const GAP = 10_000;
/** Milliseconds of sleep after which a watcher has told all. */
const QUIET = 300;
/** Milliseconds that the kernel takes to free a namespace, and is busy. */
const CLEANUP = 2;
/** Names in a directory that is no mount of its own, as where no `ip netns add` was before. */
const PLAIN = '/run/plain';

/** `mounts`: tells when the name can be entered. */
function peers(directory, before) {
  const nlink = (kind) => script('paced/nlink.js', directory, kind);
  return [
    { name: 'c-wait', mounts: true, there: hasProgram('c-wait'), command: [program('c-wait'), directory] },
    { name: 'fs.watch', mounts: false, there: true, command: script('paced/fs-watch.js', directory) },
    ...ofEachBuild(before, ({ suffix, of }) => [
      { name: `nlink${suffix}`, mounts: true, command: of(nlink('names')) },
      { name: `nlink, unified${suffix}`, mounts: true, command: of(nlink('unified')) },
    ]),
  ].map((peer) => Object.assign(peer, { runs: [] }));
}

const words = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));

/** One peer, one round. */
async function turn({ command, mounts }, directory, names) {
  const peer = new Peer(command);
  await peer.ready();
  setApart(peer);
  await peer.settled(QUIET);
  const before = peer.sample();
  const pacing = [GAP, 0, GAP].map(String);
  const adder = new Peer(acting([program('adder'), directory, String(names), ...pacing]));
  const added = words(await adder.ready());
  await adder.finish();
  await peer.settled(QUIET);
  const after = peer.sample();
  const stories = words(await peer.stop());
  await sleep(names * CLEANUP);
  const told = new Map(
    stories.filter(([what]) => what === 'mounted').map(([, name, stamp]) => [name, Number(stamp)]),
  );
  const latencies = added
    .filter(([name]) => told.has(name))
    .map(([name, , mounting]) => (told.get(name) - mounting) / 1e3);
  return {
    cpu: (after.cpu - before.cpu) / 1e3,
    sleeps: after.sleeps - before.sleeps,
    rate: (1e9 * (names - 1)) / (added.at(-1)[1] - added[0][1]),
    latencies,
    missed: mounts ? names - latencies.length : 0,
  };
}

export async function paced({ directory, rounds, names, before }) {
  const sizes = names === undefined ? SIZES : [names];
  const title = `${sizes.join(' and ')} namespaces added and removed one by one, ${rounds} rounds`;
  if (!hasProgram('adder')) return notMeasured(title, 'needs a C compiler');
  mkdirSync(PLAIN, { recursive: true });
  const cases = [
    ...sizes.map((size) => ({ label: `${size} namespaces`, size, directory, stated: true })),
    { label: `${sizes[0]} namespaces, the directory is no mount`, size: sizes[0], directory: PLAIN },
  ];
  const measured = [];
  for (const one of cases) {
    const all = peers(one.directory, before);
    await takeTurns(
      all.filter((peer) => peer.there),
      rounds,
      async (peer) => {
        peer.runs.push(await turn(peer, one.directory, one.size));
      },
    );
    measured.push({ ...one, all });
  }
  return section(title, {
    ...missing(measured.flatMap(({ all }, at) => all.filter((peer) => at === 0 || peer.there))),
    ...report(measured.map((one) => ({ ...one, peers: measuredOf(one.all) }))),
  });
}
