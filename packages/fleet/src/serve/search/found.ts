/** What a search finds, as openapi.json describes it. */
import type { PageLink, PageNamespace } from '../../core.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';

export interface Hit {
  what: 'namespace' | 'link';
  /** What the namespace is called on its host. */
  namespace: string;
  /** How a page finds it: `own`, a path, `id:5120`, `inode:N`, `key:…`. */
  at: string;
  link: string | null;
  /** What matches, in a few words. */
  why: string;
}

export interface FoundHost {
  id: string;
  name: string;
  state: FleetHost['state'];
  /** Whether it is found by itself, whatever is on it. */
  itself: boolean;
  /** The first of them. */
  hits: Hit[];
  /** How many there are. */
  count: number;
}

export interface Found {
  query: string;
  hosts: FoundHost[];
  /** Whether there are more hosts with something than are told. */
  more: boolean;
  /** How many hosts have not been looked into as they are now, where that is needed. */
  pending: number;
}

export const itself = ({ id, name, state }: FleetHost): FoundHost => ({
  id,
  name,
  state,
  itself: true,
  hits: [],
  count: 0,
});

export const hit = (box: PageNamespace, link: PageLink | null, why: string): Hit => ({
  what: link === null ? 'namespace' : 'link',
  namespace: box.label,
  at: addressOf(box),
  link: link?.name ?? null,
  why,
});

/** As the page's permalinks have it. */
function addressOf({ own, names, identity, key }: PageNamespace): string {
  if (own) return 'own';
  const path = names[0]?.path.replace(/^\/var\/run\//, '/run/');
  if (path !== undefined) return path;
  if (identity === null) return `key:${key}`;
  return identity.id === null ? `inode:${identity.ino}` : `id:${identity.id}`;
}
