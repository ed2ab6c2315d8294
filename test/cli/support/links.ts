/** Links and their namespaces, made of values. */
import type { LinkStatistics } from '../../../src/netlink/link-message.ts';
import type { LinksEntry } from '../../../src/format/link-row.ts';
import type { Link, LinkNamespace, LinkPeer } from '../../../src/watch/links/link-types.ts';
import { at } from './lines.ts';

/** One of which nothing is known but its number. */
export const netnsOf = (number: number, known: Partial<LinkNamespace> = {}): LinkNamespace => ({
  namespace: null,
  number,
  nsid: null,
  names: [],
  own: false,
  owner: null,
  pids: [],
  ...known,
});

export const named = (number: number, name: string, directory?: string): LinkNamespace =>
  netnsOf(number, {
    namespace: { id: BigInt(number), dev: 4n, ino: BigInt(4026532000 + number), since: 1n },
    names: [at(name, directory)],
  });

/** Set up and in order, of no kind, and leading nowhere. */
export const linkOf = (ifindex: number, name: string, known: Partial<Link> = {}): Link => ({
  ifindex,
  name,
  altNames: [],
  alias: null,
  kind: null,
  slaveKind: null,
  state: 'up',
  up: true,
  flags: 0x1043,
  mtu: 1500,
  address: '02:00:00:00:00:01',
  master: null,
  details: null,
  peer: null,
  peerState: null,
  ...known,
});

/** As every namespace has one. */
export const lo = (): Link =>
  linkOf(1, 'lo', { state: 'unknown', flags: 0x49, mtu: 65536, address: '00:00:00:00:00:00' });

export const veth = (ifindex: number, name: string, peer: LinkPeer, known: Partial<Link> = {}): Link =>
  linkOf(ifindex, name, { kind: 'veth', peer, peerState: 'paired', ...known });

export const end = (netns: LinkNamespace, ifindex: number | null, name: string | null): LinkPeer => ({
  netns,
  ifindex,
  name,
});

export const entryOf = (
  netns: LinkNamespace,
  links: readonly Link[],
  known: Partial<LinksEntry> = {},
): LinksEntry => ({ netns, linksState: 'live', links, statistics: null, addresses: null, ...known });

export const counters: LinkStatistics = {
  rxPackets: 10,
  txPackets: 20,
  rxBytes: 1234567,
  txBytes: 89,
  rxErrors: 1,
  txErrors: 2,
  rxDropped: 3,
  txDropped: 4,
  multicast: 0,
  collisions: 0,
  rxFifoErrors: 0,
  rxFrameErrors: 0,
  rxCompressed: 0,
  txFifoErrors: 0,
  txCarrierErrors: 0,
  txCompressed: 0,
};

/**
 * A host as containers make it: this namespace with a bridge and its port, blue at the port, a
 * container with a vlan on blue's end, and one that may not be looked into.
 */
export function host(): LinksEntry[] {
  const home = netnsOf(1, { own: true });
  const blue = named(2, 'blue');
  const docker = netnsOf(3, { owner: { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' } });
  const closed = netnsOf(4, { nsid: 9 });
  return [
    entryOf(blue, [
      lo(),
      veth(2, 'eth0', end(home, 3, 'vethb')),
      linkOf(3, 'wg0', { kind: 'wireguard', state: 'unknown', peerState: 'unknown' }),
      linkOf(4, 'alone', { kind: 'veth', state: 'down', peerState: 'unpaired' }),
      veth(5, 'up', end(closed, 7, null), { peerState: 'closed' }),
    ]),
    entryOf(
      home,
      [
        lo(),
        linkOf(2, 'br0', { kind: 'bridge', details: { kind: 'bridge', vlanFiltering: true, stp: false } }),
        veth(3, 'vethb', end(blue, 2, 'eth0'), { master: 2, slaveKind: 'bridge' }),
        linkOf(4, 'eth9', { state: 'down', up: false, master: 99 }),
      ],
      { statistics: new Map([[3, counters]]) },
    ),
    entryOf(docker, [
      lo(),
      linkOf(2, 'vlan7', {
        kind: 'vlan',
        peer: end(blue, 2, 'eth0'),
        peerState: 'one-sided',
        state: 'lower-layer-down',
        details: { kind: 'vlan', id: 7, protocol: '802.1Q' },
      }),
      linkOf(3, 'gre1', { kind: 'gre', peer: end(home, null, null), peerState: 'one-sided' }),
    ]),
    entryOf(closed, [], { linksState: 'closed' }),
  ];
}
