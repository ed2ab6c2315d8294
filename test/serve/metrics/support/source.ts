/** An inventory as a watcher has it, without one. */
import type { LinkStatistics } from '../../../../src/netlink/link-statistics.ts';
import type { MetricsSource } from '../../../../src/serve/metrics/metrics.ts';
import type { Link, LinkNamespace } from '../../../../src/watch/links/link-types.ts';
import { linkNamespaceOf } from '../../../../src/watch/unified/link-namespace.ts';
import type { InventoryEntry } from '../../../../src/watch/unified/unified-events.ts';

const DIRECTORY = '/run/netns';

let inodes = 4_026_532_000n;

/** A namespace with these names and interfaces. */
export function entry(
  names: readonly string[],
  links: Link[] = [],
  more: Partial<InventoryEntry> = {},
): InventoryEntry {
  const ino = inodes++;
  return {
    namespace: { id: ino, dev: 4n, ino, since: 1_764_521_234_500_000_000n },
    nsid: null,
    names: names.map((name) => ({ name, path: `${DIRECTORY}/${name}`, directory: DIRECTORY, ready: true })),
    own: false,
    lingering: false,
    number: Number(ino),
    owner: null,
    pids: [],
    loOnly: null,
    links,
    linksState: 'live',
    ...more,
  };
}

export function link(ifindex: number, name: string, more: Partial<Link> = {}): Link {
  return {
    ifindex,
    name,
    altNames: [],
    alias: null,
    kind: name === 'lo' ? null : 'veth',
    slaveKind: null,
    state: name === 'lo' ? 'unknown' : 'up',
    up: true,
    flags: 1,
    mtu: 1500,
    address: '02:00:00:00:00:01',
    master: null,
    details: null,
    peer: null,
    peerState: null,
    ...more,
  };
}

export const peerOf = (there: InventoryEntry, ifindex: number, name: string | null): Link['peer'] => ({
  netns: linkNamespaceOf(there),
  ifindex,
  name,
});

/** A namespace that is no entry. */
export const elsewhere = (more: Partial<LinkNamespace>): LinkNamespace => ({
  namespace: null,
  number: null,
  nsid: null,
  names: [],
  own: false,
  owner: null,
  pids: [],
  ...more,
});

export const statistics = (rxBytes: number): LinkStatistics => ({
  rxPackets: 1,
  txPackets: 2,
  rxBytes,
  txBytes: 4,
  rxErrors: 5,
  txErrors: 6,
  rxDropped: 7,
  txDropped: 8,
  multicast: 9,
  collisions: 10,
  rxFifoErrors: 12,
  rxFrameErrors: 13,
  rxCompressed: 14,
  txFifoErrors: 15,
  txCarrierErrors: 16,
  txCompressed: 17,
  rxMissed: 1000,
  rxNohandler: 18,
  carrierChanges: 11,
});

const UP = new Map(['names', 'nsids', 'deaths', 'processes', 'links'].map((part) => [part, true]));

/** A source in which all works. */
export const sourceOf = (
  namespaces: readonly InventoryEntry[],
  more: Partial<MetricsSource> = {},
): MetricsSource => ({
  namespaces: () => namespaces,
  statistics: async ({ links = [] }) =>
    new Map(links.map(({ ifindex }) => [ifindex, statistics(100 * ifindex)])),
  counts: () => ({
    events: new Map([
      ['created', 3],
      ['linkMoved', 0],
    ]),
    resyncs: new Map([['names', 0]]),
  }),
  parts: () => UP,
  processesOf: ({ processes }) => processes ?? null,
  ...more,
});

/** All is up but this. */
export const without = (...down: string[]): ReadonlyMap<string, boolean> =>
  new Map([...UP.keys()].map((part) => [part, !down.includes(part)]));
