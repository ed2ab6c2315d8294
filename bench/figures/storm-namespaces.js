/**
 * Named network namespaces added and removed as fast as a C program can, one after the other: does
 * a watcher see all, does it say so if not, and what do an event and the memory for it cost. Unlike
 * with plain files it has to find out whether each can be entered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { takeTurns } from '../lib/peer.js';
import { measuredOf, missing, notMeasured, section } from '../lib/section.js';
import { hasProgram, program } from '../lib/tools.js';
import { report } from './storm-report.js';
import { foreignPeers, nlinkPeers, Storm } from './storm-runs.js';

/** Milliseconds of sleep after which a watcher has told all. */
const QUIET = 300;
/** Milliseconds that the kernel takes to free a namespace, and is busy. */
const CLEANUP = 2;

function peers(directory, before) {
  const wait = [program('c-wait'), directory];
  return [
    {
      name: 'c-wait',
      there: hasProgram('c-wait'),
      command: wait,
      printing: [...wait, 'print'],
    },
    ...nlinkPeers(directory, 'namespaces', before),
    ...foreignPeers(directory).map((peer) => ({ ...peer, share: 1 })),
  ].map((peer) => Object.assign(peer, { live: [] }));
}

export async function stormNamespaces({ directory, rounds, namespaces, before }) {
  const title = `${namespaces} namespaces added and removed, ${rounds} rounds`;
  if (!hasProgram('name-churn')) return notMeasured(title, 'needs a C compiler');
  const all = peers(directory, before);
  const there = all.filter((peer) => peer.there);
  const weather = new Storm('name-churn', directory, {
    quiet: QUIET,
    after: (pairs) => sleep(pairs * CLEANUP),
  });
  await takeTurns(there, 1, async (peer) => {
    peer.check = await weather.check(peer, namespaces);
  });
  await takeTurns(there, rounds, async (peer) => {
    peer.live.push(await weather.live(peer, namespaces));
  });
  return section(title, {
    ...missing(all),
    ...report(measuredOf(all), {
      reference: 'c-wait',
      events: 'of namespaces',
      file: 'storm-namespaces',
      unified: 1.25,
      ofBefore: 0.4,
    }),
  });
}
