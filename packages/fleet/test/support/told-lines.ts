/** What is there as lines that can be compared: what events tell, and no order of names. */
import type { PageModel } from '../../../../src/replay/replay-types.ts';
import { Replay } from '../../src/core.ts';
import type { WireSnapshot } from '../../src/core.ts';

export function toldLines({ namespaces }: PageModel): string[] {
  const living = [...namespaces.values()].filter(({ ended }) => ended === null);
  const lines = living.map(({ names, identity, nsid, own, links }) => {
    const there = [...links.values()].filter(({ ended }) => ended === null);
    const rows = there.map(({ ifindex, name, kind, up, peer, peerState }) => [
      ifindex,
      name,
      kind,
      up,
      [peer?.ifindex, peer?.name, namespaces.get(peer?.namespace ?? '')?.identity?.id],
      peerState,
    ]);
    const paths = names.map(({ path, ready }) => `${path} ${ready}`).sort();
    return JSON.stringify([paths, identity?.id, nsid, own, rows]);
  });
  return lines.sort();
}

export function toldBySnapshot(json: string): string[] {
  const replay = new Replay();
  replay.snapshot(JSON.parse(json) as WireSnapshot, 0);
  return toldLines(replay.model);
}
