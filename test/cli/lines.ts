/** Things to print, for the tests of what is printed. */
import type { Told } from '../../src/cli/human.ts';
import type { NamespaceId } from '../../src/netns/identity.ts';
import type { NamespaceEvent } from '../../src/watch/events.ts';

export const identity: NamespaceId = {
  id: 9007199254740993n,
  dev: 4n,
  ino: 4026532178n,
  since: 1732370400123456789n,
};

export const at = (name: string): { name: string; path: string } => ({ name, path: `/run/netns/${name}` });

export const created = (name: string): NamespaceEvent & { type: 'created' } => ({
  type: 'created',
  ...at(name),
  ready: true,
  namespace: identity,
});

/** One of everything. */
export const everything: readonly Told[] = [
  { type: 'present', ...at('old'), ready: true, namespace: { ...identity, id: null } },
  { type: 'present', ...at('stale'), ready: false, namespace: null, reason: 'not-a-namespace' },
  created('blue'),
  { type: 'created', ...at('late'), ready: false, namespace: null, reason: 'timeout' },
  { type: 'mounted', ...at('late'), namespace: identity },
  { type: 'unmounted', ...at('late') },
  { type: 'deleted', ...at('late'), namespace: null },
  { type: 'deleted', ...at('my net'), namespace: identity },
  { type: 'directoryDeleted', path: '/run/netns' },
  { type: 'directoryCreated', path: '/run/net\nns' },
  { type: 'resynced', reason: 'overflow' },
];
