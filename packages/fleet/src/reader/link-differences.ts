/** What differs between the links of a namespace before and now, as events. */
import type { PageLink, PageNamespace, WireEvent } from '../core.ts';
import type { Picture } from './picture.ts';
import { linkFieldsOf, masterNameOf, whereOf } from './rows.ts';

/** A namespace in its picture. */
export interface Seen {
  picture: Picture;
  namespace: PageNamespace;
}

const FIELDS = [
  'name',
  'altNames',
  'alias',
  'kind',
  'slaveKind',
  'state',
  'up',
  'mtu',
  'address',
  'master',
  'details',
  'peerState',
] as const;

type Told = Omit<WireEvent, 'time'>;

export const linksGone = (before: Seen, now: PageNamespace | null): Told[] => {
  const there = now === null ? new Set() : new Set([...now.links.values()].map(idOf));
  return [...before.namespace.links.values()]
    .filter((link) => !there.has(idOf(link)))
    .map((link) => toldOf('linkRemoved', before, link));
};

export const linksThere = (before: Seen | null, now: Seen): Told[] => {
  const known = new Map([...(before?.namespace.links.values() ?? [])].map((link) => [idOf(link), link]));
  return [...now.namespace.links.values()].flatMap((link) => {
    const last = known.get(idOf(link));
    if (before === null || last === undefined) return [toldOf('linkAdded', now, link)];
    const changed = changedOf(before, last, now, link);
    return changed.length === 0 ? [] : [toldOf('linkChanged', now, link, { changed })];
  });
};

function changedOf(before: Seen, last: PageLink, now: Seen, link: PageLink): string[] {
  const changed: string[] = FIELDS.filter((field) => !isAlike(last[field], link[field]));
  const [was, is] = [last.peer, link.peer];
  const isPeerSame = was?.label === is?.label && was?.ifindex === is?.ifindex && was?.name === is?.name;
  if (!isPeerSame) changed.push('peer');
  const flags = before.picture.flagsOf(before.namespace, last);
  if (flags !== now.picture.flagsOf(now.namespace, link)) changed.push('flags');
  return changed;
}

function toldOf(type: string, { picture, namespace }: Seen, link: PageLink, rest: object = {}): Told {
  const flags = picture.flagsOf(namespace, link);
  const fields = linkFieldsOf(link, picture.namespaces, flags, masterNameOf(namespace, link));
  return { type, ...whereOf(namespace), ...rest, link: fields } as unknown as Told;
}

const idOf = ({ ifindex, name }: PageLink): string => (ifindex === null ? `=${name}` : String(ifindex));

const isAlike = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
