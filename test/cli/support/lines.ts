/** Things to print, for the tests of what is printed. */
import type { LineEvent } from '../../../src/cli/commands/watch/text-lines.ts';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import type {
  NsidsUnavailableEvent,
  InventoryEntry,
  LocatedName,
  UnifiedCreatedEvent,
} from '../../../src/watch/unified/unified-events.ts';

export const DIRECTORY = '/var/run/netns';
export const OTHER = '/run/docker/netns';

export const identity: NamespaceId = {
  id: 9007199254740993n,
  dev: 4n,
  ino: 4026532178n,
  since: 1732370400123456789n,
};
const older: NamespaceId = { ...identity, id: null };

/** A name of a listing, in a directory that is given by `-d`. */
export const listed = (name: string): { name: string; path: string } => ({
  name,
  path: `/run/netns/${name}`,
});

export const at = (name: string, directory: string = DIRECTORY): LocatedName => ({
  name,
  path: `${directory}/${name}`,
  directory,
});

export const created = (name: string, nsid: number | null = null): UnifiedCreatedEvent => ({
  type: 'created',
  ...at(name),
  ready: true,
  namespace: identity,
  nsid,
});

/** A namespace with names. */
export const entry = (nsid: number | null, ...names: LocatedName[]): InventoryEntry => ({
  namespace: names.length === 0 ? null : identity,
  nsid,
  names: names.map((name) => ({ ...name, ready: true })),
  own: false,
  lingering: false,
});

export const unavailable: NsidsUnavailableEvent = {
  type: 'nsidsUnavailable',
  error: Object.assign(new Error('netlink sockets are forbidden'), {
    code: 'ERR_NLINK_NETLINK_UNAVAILABLE',
  }),
};

/** One of everything that has a line for people. */
export const everything: readonly LineEvent[] = [
  { type: 'present', ...at('old'), ready: true, namespace: older, nsid: null, own: false },
  { type: 'present', ...at('self'), ready: true, namespace: identity, nsid: 3, own: true },
  {
    type: 'present',
    ...at('stale'),
    ready: false,
    namespace: null,
    nsid: null,
    own: false,
    reason: 'not-a-namespace',
  },
  { type: 'present', name: null, nsid: 2147483647, own: false, namespace: null },
  created('blue'),
  { ...created('alias', 7), ...at('alias', OTHER) },
  { type: 'created', ...at('late'), ready: false, namespace: null, nsid: null, reason: 'timeout' },
  { type: 'mounted', ...at('late'), namespace: identity, nsid: 0 },
  { type: 'unmounted', ...at('late'), namespace: identity, nsid: 0, alive: false },
  { type: 'unmounted', ...at('late'), namespace: older, nsid: null, alive: null },
  { type: 'deleted', ...at('late'), namespace: null, nsid: null, alive: null },
  { type: 'deleted', ...at('my net'), namespace: identity, nsid: null, alive: null },
  { type: 'deleted', ...at('-'), namespace: identity, nsid: 7, alive: true },
  { type: 'deleted', ...at('blue'), namespace: older, nsid: 7, alive: false },
  { type: 'nsidAssigned', nsid: 7, namespace: identity, names: [at('blue'), at('alias', OTHER)] },
  { type: 'nsidAssigned', nsid: 8, namespace: null, names: [] },
  { type: 'destroyed', nsid: 7, namespace: identity, names: [at('blue')] },
  { type: 'destroyed', nsid: 8, namespace: null, names: [] },
  { type: 'directoryDeleted', path: '/run/netns' },
  { type: 'directoryCreated', path: '/run/net\nns' },
  { type: 'resynced', lost: ['names'], complete: true },
  { type: 'resynced', lost: ['names', 'nsids'], complete: false },
];
