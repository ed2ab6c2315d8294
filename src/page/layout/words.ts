/**
 * What is said of namespaces and links, the same in the picture, the table and the panel. Escaped.
 */
import { escaped, shown } from '../../format/escape.ts';
import { ownerLabel } from '../../netns/processes/owner-label.ts';
import type { LinksState, PageLink, PageNamespace, PageModel, PeerState } from '../../replay/replay-types.ts';
import type { Fold } from './scene-types.ts';
import { stateOf } from './shape.ts';

/** As many PIDs as the server tells at most. */
const MOST_PIDS = 16;

const LINKS_STATE: Readonly<Record<LinksState, string | null>> = {
  live: null,
  pending: 'links are being read',
  approximate: 'links approximate',
  limited: 'names of links only',
  closed: 'links closed to the server',
};

export const PEER_STATE: Readonly<Record<PeerState, string>> = {
  paired: 'both ends agree',
  'one-sided': 'only this end tells of the other',
  unpaired: 'no other end',
  closed: 'the far namespace is closed to the server',
  unknown: 'where it leads is not known',
};

export const labelText = ({ shown }: Pick<PageNamespace, 'shown'>): string => shown;

export const ownerWords = ({ owner }: PageNamespace): string =>
  owner === null ? '' : escaped(ownerLabel(owner as Parameters<typeof ownerLabel>[0]));

export function processWords({ pids, processes }: PageNamespace): string {
  const count = processes ?? pids.length;
  if (count === 0) return '';
  if (count === 1 && pids.length === 1) return `pid ${pids[0]}`;
  const isMore = processes === null && pids.length >= MOST_PIDS;
  return `${count}${isMore ? '+' : ''} ${count === 1 ? 'process' : 'processes'}`;
}

/** What is not as usual with it. */
export function conditionWords(namespace: PageNamespace): string[] {
  const { ended, lingering, linksState, names } = namespace;
  if (ended !== null) return [escaped(ended.reason)];
  const words: string[] = [];
  if (lingering) words.push('lives without a name');
  const unready = names.find(({ ready }) => !ready);
  if (unready !== undefined)
    words.push(unready.reason === null ? 'not ready' : `not ready: ${escaped(unready.reason)}`);
  const links = linksState === null ? null : LINKS_STATE[linksState];
  if (links !== null) words.push(links);
  return words;
}

/** The second line of a box. */
export function whoWords(namespace: PageNamespace): string {
  const owner = ownerWords(namespace);
  const isLabel = owner === '' || labelText(namespace).startsWith(owner);
  return [...conditionWords(namespace), isLabel ? '' : owner, processWords(namespace)]
    .filter(Boolean)
    .join(' · ');
}

export const linkName = ({ name }: PageLink): string => shown(name);

export const linkState = (link: PageLink): string => stateOf(link) ?? '';

/** Where a link leads: `red:eth0`; within its namespace: `on eth0`. */
export function farWords(link: PageLink): string {
  const { peer, peerState } = link;
  if (peerState === null && peer === null) return '';
  if (peer === null) return peerState === null ? '' : peerState === 'unpaired' ? 'no other end' : peerState;
  const far = peer.name === null ? (peer.ifindex === null ? '' : `if${peer.ifindex}`) : shown(peer.name);
  if (peer.namespace === link.namespace) return `on ${far}`;
  const end = far === '' ? peer.shown : `${peer.shown}:${far}`;
  return peerState === 'paired' || peerState === null ? end : `${end} (${peerState})`;
}

/**
 * The same, where there is little room: of a link of the host only its name, else the name of the
 * link is kept and that of the namespace cut.
 */
export function farBrief(link: PageLink, model: PageModel, room: number): string {
  const { peer, peerState } = link;
  const words = farWords(link);
  const namespace = model.namespaces.get(peer?.namespace ?? '');
  if (namespace === undefined || namespace.key === link.namespace || peer === null || peer.name === null)
    return clipped(words, room);
  const far = shown(peer.name);
  const sign = peerState === 'paired' ? '' : ' ?';
  if (namespace.own) return clipped(`→ ${far}${sign}`, room);
  const end = `:${far}${sign}`;
  const left = room - end.length;
  return left < 4 ? clipped(words, room) : `${clipped(peer.shown, left)}${end}`;
}

export function masterName(link: PageLink, namespace: PageNamespace): string {
  if (link.master === null) return '';
  for (const other of namespace.links.values()) if (other.ifindex === link.master) return shown(other.name);
  return `if${link.master}`;
}

/** Of a box, in a sentence: for who does not see it. */
export function boxWords(namespace: PageNamespace, fold: Fold | null): string {
  const links = [...namespace.links.values()].filter(({ name }) => name !== 'lo').length;
  const count = `${links} ${links === 1 ? 'link' : 'links'}`;
  if (fold !== null) return `${foldWords(fold)}, ${fold.alive} alike, folded: ${count} each`;
  return [labelText(namespace), whoWords(namespace), namespace.own ? 'where nlink runs' : '', count]
    .filter(Boolean)
    .join(', ');
}

/** Of those in a fold: `docker`, `r1 … r9`. */
export function foldWords({ members }: Fold): string {
  const [first] = members;
  if (first === undefined) return '';
  const last = members.at(-1) as PageNamespace;
  if (first.names.length > 0) return `${labelText(first)} … ${labelText(last)}`;
  if (first.owner === null) return 'without a name';
  const kinds = first.owner.kind;
  const same = members.every(({ owner }) => owner?.name === first.owner?.name);
  return escaped(same ? first.owner.name : kinds);
}

export const linkWords = (link: PageLink): string =>
  [linkName(link), link.kind ?? '', linkState(link), farWords(link)].filter(Boolean).join(', ');

/** Text that fits, by characters of one width; wide ones count as two. */
export function clipped(text: string, most: number): string {
  if (text.length <= most && !WIDE.test(text)) return text;
  let width = 0;
  let fits = '';
  for (const character of text) {
    const next = width + (WIDE.test(character) ? 2 : 1);
    if (next > most - 1 && fits.length + character.length < text.length) return `${fits}…`;
    if (next > most) return `${fits}…`;
    width = next;
    fits += character;
  }
  return fits;
}

/** East Asian wide, and what is drawn as a picture (Unicode UAX #11, roughly). */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
