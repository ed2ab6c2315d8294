/**
 * What is searched of a namespace or a link, in lower case, made once for each object: all texts in
 * one, a line each, so that one look tells whether a word is in any of them.
 */
import { stateText } from '../format/link-text.ts';
import type { LinkOperState } from '../netlink/link-message.ts';
import type { PageLink, PageNamespace } from '../replay/replay-types.ts';

export type TextField = 'name' | 'owner' | 'alias' | 'kind' | 'state';

/** A text with what it is. */
type SearchText = readonly [field: TextField, text: string];

export interface SearchIndex {
  /** Names, owners and aliases: what a word alone looks in. */
  plain: string;
  /** Kinds and states, which have a prefix of their own. */
  words: string;
  /** A line each, with its ends: `pid 17`. */
  numbers: string;
  /** `02:42:ac:11:00:02`; empty: none. */
  mac: string;
  texts: () => SearchText[];
}

const indexes = new WeakMap<object, SearchIndex>();

export function namespaceIndex(box: PageNamespace): SearchIndex {
  const known = indexes.get(box);
  if (known !== undefined) return known;
  const { nsid, identity, number, pids } = box;
  let numbers = '\n';
  for (const pid of pids) numbers += `pid ${pid}\n`;
  if (nsid !== null) numbers += `nsid ${nsid}\n`;
  if (number !== null) numbers += `number ${number}\n`;
  if (identity !== null) numbers += `inode ${identity.ino}\nid ${identity.id}\n`;
  return indexOf(box, () => namespaceTexts(box), numbers, '');
}

export function linkIndex(link: PageLink): SearchIndex {
  const known = indexes.get(link);
  if (known !== undefined) return known;
  const { address, ifindex } = link;
  const numbers = ifindex === null ? '' : `\nindex ${ifindex}\n`;
  return indexOf(link, () => linkTexts(link), numbers, (address ?? '').toLowerCase());
}

function indexOf(of: object, texts: () => SearchText[], numbers: string, mac: string): SearchIndex {
  let plain = '';
  let words = '\n';
  for (const [field, text] of texts())
    if (field === 'kind' || field === 'state') words += `${field} ${text}\n`;
    else plain += `${text}\n`;
  const index = { plain: plain.toLowerCase(), words: words.toLowerCase(), numbers, mac, texts };
  indexes.set(of, index);
  return index;
}

function namespaceTexts({ label, names, owner, linksState, lingering }: PageNamespace): SearchText[] {
  const texts: SearchText[] = [['name', label]];
  for (const { name, path } of names) texts.push(['name', name], ['name', path]);
  if (owner !== null) texts.push(['owner', `${owner.kind} ${owner.name}`]);
  if (owner !== null && owner.id !== null) texts.push(['owner', owner.id]);
  if (linksState !== null) texts.push(['state', linksState]);
  if (lingering) texts.push(['state', 'lingering']);
  return texts;
}

function linkTexts({ name, altNames, alias, kind, state, up, peerState }: PageLink): SearchText[] {
  const texts: SearchText[] = [['name', name]];
  for (const other of altNames) texts.push(['name', other]);
  if (alias !== null) texts.push(['alias', alias]);
  if (kind !== null) texts.push(['kind', kind]);
  if (state !== null && up !== null) texts.push(['state', stateText({ state: state as LinkOperState, up })]);
  if (peerState !== null) texts.push(['state', peerState]);
  return texts;
}
