/** What is searched of a namespace or a link, in lower case, made once for each object. */
import type { PageLink, PageNamespace } from './page-types.ts';

/** A text with what it is, and as it is. */
export interface SearchText {
  field: 'name' | 'owner' | 'mac' | 'kind' | 'state' | 'alias';
  lower: string;
  text: string;
}

export interface SearchIndex {
  texts: readonly SearchText[];
  /** Each as `pid 17`. */
  numbers: ReadonlySet<string>;
  /** `02:42:ac:11:00:02`; empty: none. */
  mac: string;
  /** The same without colons. */
  macDigits: string;
}

const namespaces = new WeakMap<PageNamespace, SearchIndex>();
const links = new WeakMap<PageLink, SearchIndex>();

export function namespaceIndex(box: PageNamespace): SearchIndex {
  const known = namespaces.get(box);
  if (known !== undefined) return known;
  const { label, names, owner, linksState, lingering, nsid, identity, number, pids } = box;
  const texts = [
    textOf('name', label),
    ...names.flatMap(({ name, path }) => [textOf('name', name), textOf('name', path)]),
    ...(owner === null ? [] : [textOf('owner', `${owner.kind} ${owner.name}`)]),
    ...(owner === null || owner.id === null ? [] : [textOf('owner', owner.id)]),
    ...(linksState === null ? [] : [textOf('state', linksState)]),
    ...(lingering ? [textOf('state', 'lingering')] : []),
  ];
  const numbers = new Set(pids.map((pid) => `pid ${pid}`));
  if (nsid !== null) numbers.add(`nsid ${nsid}`);
  if (number !== null) numbers.add(`number ${number}`);
  if (identity !== null) numbers.add(`inode ${identity.ino}`);
  if (identity !== null && identity.id !== null) numbers.add(`id ${identity.id}`);
  const index = { texts, numbers, mac: '', macDigits: '' };
  namespaces.set(box, index);
  return index;
}

export function linkIndex(link: PageLink): SearchIndex {
  const known = links.get(link);
  if (known !== undefined) return known;
  const { name, altNames, alias, kind, state, up, peerState, address, ifindex } = link;
  const texts = [
    textOf('name', name),
    ...altNames.map((other) => textOf('name', other)),
    ...(alias === null ? [] : [textOf('alias', alias)]),
    ...(kind === null ? [] : [textOf('kind', kind)]),
    ...statesOf(state, up).map((word) => textOf('state', word)),
    ...(peerState === null ? [] : [textOf('state', peerState)]),
  ];
  const mac = (address ?? '').toLowerCase();
  const numbers = new Set(ifindex === null ? [] : [`index ${ifindex}`]);
  const index = { texts, numbers, mac, macDigits: mac.replaceAll(':', '') };
  links.set(link, index);
  return index;
}

/** In the words of STATE (link-text.ts). */
function statesOf(state: string | null, up: boolean | null): string[] {
  if (state === null || up === null) return [];
  if (state === 'not-present') return [state];
  if (!up) return ['down'];
  if (state === 'down') return ['no-carrier'];
  return [state === 'unknown' ? 'up' : state];
}

const textOf = (field: SearchText['field'], text: string): SearchText => ({
  field,
  lower: text.toLowerCase(),
  text,
});
