/** What a server would send, in which a test says only what matters to it. */
import type { Identity } from '../../../src/replay/replay-types.ts';
import type { LinkRow, NamespaceRow, WireEvent, WireLink, WireSnapshot } from '../../../src/replay/wire.ts';

export const DIRECTORY = '/var/run/netns';
export const TIME = '2026-11-30T12:00:00.000Z';

export const identity = (id: number): Identity => ({
  id: String(id),
  dev: '4',
  ino: String(4_026_530_000 + id),
  since: '1',
});

export const named = (name: string): { name: string; path: string; directory: string } => ({
  name,
  path: `${DIRECTORY}/${name}`,
  directory: DIRECTORY,
});

const NAMESPACE: NamespaceRow = {
  name: null,
  nsid: null,
  own: false,
  namespace: null,
  number: null,
  lingering: false,
  linksState: null,
};

export const row = (rest: Partial<NamespaceRow>): NamespaceRow => ({ ...NAMESPACE, ...rest });

export const link = (ifindex: number | null, name: string, rest: Partial<WireLink> = {}): WireLink => ({
  ifindex,
  name,
  kind: 'veth',
  state: 'up',
  up: true,
  mtu: 1500,
  address: null,
  altNames: [],
  alias: null,
  master: null,
  slaveKind: null,
  peer: null,
  peerState: null,
  details: null,
  ...rest,
});

export const linkRow = (where: Partial<NamespaceRow>, wire: WireLink): LinkRow => ({
  ...NAMESPACE,
  names: [],
  ...where,
  linksState: where.linksState ?? 'live',
  ...wire,
});

export const snapshot = (
  namespaces: readonly NamespaceRow[],
  links: readonly LinkRow[] = [],
  rest: Partial<WireSnapshot> = {},
): WireSnapshot => ({
  epoch: 'one',
  seq: 0,
  directory: DIRECTORY,
  unavailable: [],
  namespaces,
  links,
  ...rest,
});

export const event = (type: string, rest: Partial<WireEvent> = {}): WireEvent => ({
  type,
  time: TIME,
  nsid: null,
  namespace: null,
  ...rest,
});
