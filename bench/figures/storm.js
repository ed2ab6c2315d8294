/**
 * Plain files created and deleted as fast as a C program can, which no watcher is ever asked to
 * bear for long: does it see all, does it say so if not, and what does an event cost. Live: both
 * run at once. Drain: the watcher is stopped (SIGSTOP) while events fill the kernel's queue, so
 * that the cost of wake-ups is out of the figure. Overrun: the queue is filled twice over.
 */
import { takeTurns } from '../lib/peer.js';
import { measuredOf, missing, notMeasured, section } from '../lib/section.js';
import { hasProgram, program } from '../lib/tools.js';
import { report } from './storm-report.js';
import { foreignPeers, nlinkPeers, Storm } from './storm-runs.js';

function peers(directory, before) {
  const read = [program('c-read'), directory];
  const c = { there: hasProgram('c-read') };
  return [
    { name: 'c-read', ...c, command: read, printing: [...read, 'print'] },
    { name: 'c-read, 0.5 ms pause', ...c, command: [...read, '500'], printing: null },
    ...nlinkPeers(directory, 'files', before),
    ...foreignPeers(directory),
  ].map((peer) => Object.assign(peer, { live: [], drain: [] }));
}

export async function storm({ directory, rounds, pairs, before }) {
  const title = `${pairs} create-delete pairs of plain files, ${rounds} rounds`;
  if (!hasProgram('churn')) return notMeasured(title, 'needs a C compiler');
  const all = peers(directory, before);
  const there = all.filter((peer) => peer.there);
  const weather = new Storm('churn', directory);
  await takeTurns(there, 1, async (peer) => {
    peer.check = await weather.check(peer, pairs);
    peer.overrun = await weather.overrun(peer);
  });
  await takeTurns(there, rounds, async (peer) => {
    peer.live.push(await weather.live(peer, pairs));
    peer.drain.push(await weather.drain(peer, pairs));
  });
  return section(title, {
    ...missing(all),
    ...report(measuredOf(all), {
      reference: 'c-read',
      events: 'of files',
      file: 'storm',
      unified: 1.3,
      lossless: true,
    }),
  });
}
