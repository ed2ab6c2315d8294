/**
 * What is looked at, in the address: by a path or a kernel id, which are the same after a restart
 * of the server, and links by name. Nothing of it goes to the server.
 */
import { hasRawBytes } from '../../format/escape.ts';
import type { PageModel, PageNamespace } from '../../replay/replay-types.ts';
import type { Selection, State } from './state.ts';

export interface Place {
  readonly view: State['view'] | null;
  readonly query: string;
  readonly at: string | null;
  readonly link: string | null;
}

export function placeOf({ view, query, selection, model }: State): string {
  const words = new URLSearchParams();
  if (view === 'table') words.set('view', 'table');
  if (query !== '') words.set('q', query);
  const namespace = selection === null ? undefined : model?.namespaces.get(selection.namespace);
  if (namespace !== undefined) {
    words.set('at', nameOf(namespace));
    const link = namespace.links.get(selection?.link ?? '');
    if (link !== undefined) words.set('link', link.name);
  }
  // A lone surrogate, which is a byte of a name, would be lost.
  const text = words.toString();
  return text === '' ? '' : `#${text}`;
}

export function placeIn(hash: string): Place {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const view = words.get('view');
  return {
    view: view === 'table' || view === 'picture' ? view : null,
    query: words.get('q') ?? '',
    at: words.get('at'),
    link: words.get('link'),
  };
}

/** Null: it is not there. */
export function selectionAt({ at, link }: Place, model: PageModel): Selection | null {
  if (at === null) return null;
  for (const namespace of model.namespaces.values()) {
    if (nameOf(namespace) !== at && !namespace.names.some(({ path }) => pathText(path) === pathText(at)))
      continue;
    const found = link === null ? undefined : [...namespace.links.values()].find(({ name }) => name === link);
    return { namespace: namespace.key, link: found?.key ?? null };
  }
  return null;
}

function nameOf({ own, names, identity, key }: PageNamespace): string {
  if (own) return 'own';
  const path = names.find((name) => !hasRawBytes(name.path))?.path;
  if (path !== undefined) return pathText(path);
  if (identity === null) return `key:${key}`;
  return identity.id === null ? `inode:${identity.ino}` : `id:${identity.id}`;
}

/** One directory has two paths. */
const pathText = (path: string): string => path.replace(/^\/var\/run\//, '/run/');
