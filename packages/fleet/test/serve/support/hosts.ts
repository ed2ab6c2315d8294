/** Hosts of a lab as their agents would tell of them: snapshots as large and as odd as wanted. */
import { identity, link, linkRow, named, row } from '../../../../../test/page/support/wire.ts';
import type { LinkRow, NamespaceRow, WireSnapshot } from '../../../src/core.ts';

export const EPOCH = '00000000000000aa';

/** Names that a careless page would be broken by. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror=alert(1)>',
  '\u202Egnp.exe',
  'two\nlines\u0007',
  'caf\udce9',
  'x'.repeat(255),
];

/** A host with a bridge and so many namespaces at it; each has one veth. */
export function lab(
  names: readonly string[],
  { epoch = EPOCH, seq = 0 }: { epoch?: string; seq?: number } = {},
): WireSnapshot {
  const own = row({ own: true, number: 1, namespace: identity(1), linksState: 'live', processes: 90 });
  const spaces = names.map((name, at) =>
    row({
      ...named(name),
      ready: true,
      number: at + 2,
      nsid: at,
      namespace: identity(at + 2),
      linksState: 'live',
      pids: [1000 + at],
      processes: 1,
    }),
  );
  const links: LinkRow[] = [
    linkRow(own, link(1, 'lo', { kind: null, address: '00:00:00:00:00:00' })),
    linkRow(own, link(2, 'eth0', { kind: null, address: '02:00:00:00:00:01' })),
    linkRow(own, link(3, 'br0', { kind: 'bridge' })),
    ...names.flatMap((name, at) => wireOf(own, spaces[at] as NamespaceRow, name, at)),
  ];
  return { epoch, seq, directory: '/var/run/netns', unavailable: [], namespaces: [own, ...spaces], links };
}

function wireOf(own: NamespaceRow, space: NamespaceRow, name: string, at: number): LinkRow[] {
  const [here, there] = [10 + at, 2];
  const peer = (netns: string, number: number, ifindex: number, end: string): object => ({
    peer: { netns, number, ifindex, name: end },
    peerState: 'paired',
  });
  const inside = { ...space, names: [named(name)] };
  const address = `02:42:00:00:${hex(at >> 8)}:${hex(at & 0xff)}`;
  return [
    linkRow(
      own,
      link(here, `veth${at}`, { master: 3, slaveKind: 'bridge', ...peer(name, at + 2, there, 'eth0') }),
    ),
    linkRow(inside, link(1, 'lo', { kind: null })),
    linkRow(inside, link(there, 'eth0', { address, ...peer('(this namespace)', 1, here, `veth${at}`) })),
  ];
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
