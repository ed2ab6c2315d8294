/**
 * How long it takes from what the kernel is told to do until a watcher's user code knows of it: a
 * name created, a namespace mounted, a name deleted, an id assigned, a namespace destroyed; one at
 * a time on a quiet machine, and while mounts come and go elsewhere. And how often the namespace
 * cannot be entered when a watcher says that it is there.
 */
import { amongMounts } from '../lib/background.js';
import { takeTurns } from '../lib/peer.js';
import { measuredOf, missing, notMeasured, section } from '../lib/section.js';
import { hasProgram } from '../lib/tools.js';
import { idPeers, idTurn } from './latency-ids.js';
import { namePeers, nameTurn } from './latency-names.js';
import { report } from './latency-report.js';

/** Of the background. */
const MOUNTS_A_SECOND = 500;
/** As many ids as this share of the additions: the kernel takes its time to free a namespace. */
const IDS = 1 / 3;

export async function latency({ directory, rounds, additions }) {
  const ids = Math.ceil(additions * IDS);
  const title = `${additions} additions and ${ids} ids one at a time, ${rounds} rounds, µs`;
  if (!['adder', 'nsid-assign', 'mounter'].every(hasProgram)) return notMeasured(title, 'needs a C compiler');
  const rates = [];
  const alone = (work) => work();
  const among = async (work) => {
    const { result, rate } = await amongMounts(MOUNTS_A_SECOND, work);
    rates.push(rate);
    return result;
  };
  const measure = async (peers, turn) => {
    for (const peer of peers) Object.assign(peer, { idle: [], busy: [] });
    await takeTurns(
      peers.filter((peer) => peer.there),
      rounds,
      async (peer) => {
        peer.idle.push(await turn(peer, alone));
        peer.busy.push(await turn(peer, among));
      },
    );
    return peers;
  };
  const names = await measure(namePeers(directory), (peer, meanwhile) =>
    nameTurn(peer, directory, additions, meanwhile),
  );
  const watchers = await measure(idPeers(directory), (peer, meanwhile) =>
    idTurn(peer, directory, ids, meanwhile),
  );
  const all = [...names, ...watchers];
  return section(title, { ...missing(all), ...report(measuredOf(names), measuredOf(watchers), rates) });
}
