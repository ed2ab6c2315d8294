/**
 * What differs between two pictures of a host, as the events that would have told it, were they not
 * lost. In an order that makes sense to whoever applies them: what is gone, then what is there.
 *
 * | before         | now                    | told                                      |
 * | -------------- | ---------------------- | ----------------------------------------- |
 * | a namespace    | not there              | `linkRemoved`, `deleted`, `destroyed`     |
 * | not there      | with names             | `created` for each, `linkAdded`           |
 * | not there      | without a name         | `found`, `linkAdded`                      |
 * | a name         | not there              | `deleted`                                 |
 * | a name         | without a namespace    | `unmounted`                               |
 * | a name without | of a namespace         | `mounted`                                 |
 * | a name         | of another namespace   | `deleted`, `created`                      |
 * | no nsid        | an nsid, or another    | `nsidAssigned`                            |
 * | a link         | not there, or elsewhere | `linkRemoved`, `linkAdded`               |
 * | a link         | otherwise              | `linkChanged` with what differs           |
 *
 * What no event tells (processes, owners, why a name is not ready) is told by none here. A
 * namespace is the same by its identity; else by the agent's number, within one epoch. Ids of two
 * boots say nothing of each other: all is other then.
 */
import { identityKey } from '../core.ts';
import type { PageLink, PageName, PageNamespace, WireEvent } from '../core.ts';
import type { Picture } from './picture.ts';
import { linkFieldsOf, located, masterNameOf, whereOf } from './rows.ts';

const FIELDS = [
  'name',
  'kind',
  'state',
  'up',
  'mtu',
  'address',
  'altNames',
  'alias',
  'master',
  'slaveKind',
  'peerState',
  'details',
] as const;

type Side = Picture['namespaces'];
interface Pair {
  old: PageNamespace;
  now: PageNamespace;
}

export function differences(before: Picture, after: Picture, isSameEpoch: boolean): WireEvent[] {
  return new Differences(before, after, isSameEpoch).events;
}

class Differences {
  readonly events: WireEvent[] = [];
  readonly #time = new Date().toISOString();
  readonly #before: Picture;
  readonly #after: Picture;

  constructor(before: Picture, after: Picture, isSameEpoch: boolean) {
    this.#before = before;
    this.#after = after;
    const [old, now] = [before.namespaces, after.namespaces];
    const pairs = paired(old, now, isSameEpoch);
    const news = new Map<string, string>();
    for (const [key, pair] of pairs) news.set(pair.key, key);
    void news;
    this.#tell(old, now, pairs);
  }

  #tell(old: Side, now: Side, pairs: ReadonlyMap<string, PageNamespace>): void {
    const same: Pair[] = [];
    const ended: PageNamespace[] = [];
    for (const one of old.values()) {
      const pair = pairs.get(one.key);
      if (pair === undefined) ended.push(one);
      else same.push({ old: one, now: pair });
    }
    const paired = new Set(pairs.values());
    const born = [...now.values()].filter((one) => !paired.has(one));
    const names = new Map(
      [...now.values()].flatMap((one) => one.names.map((name) => [name.path, { one, name }] as const)),
    );
    const known = new Map(
      [...old.values()].flatMap((one) => one.names.map((name) => [name.path, { one, name }] as const)),
    );
    for (const pair of same) this.#linksGone(pair);
    for (const one of ended)
      for (const link of one.links.values()) this.#link('linkRemoved', one, link, false);
    for (const one of old.values()) this.#namesGone(one, pairs.get(one.key), names);
    for (const one of ended) if (!isPlaceholder(one)) this.#push('destroyed', one, this.#inhabitants(one));
    for (const one of now.values()) this.#namesThere(one, pairs, known);
    for (const one of born) if (one.names.length === 0) this.#push('found', one, inhabitantsOf(one));
    for (const one of same) this.#nsid(one);
    for (const one of born) for (const link of one.links.values()) this.#link('linkAdded', one, link, true);
    for (const pair of same) this.#linksThere(pair);
  }

  #linksGone({ old, now }: Pair): void {
    const there = new Set([...now.links.values()].map(linkId));
    for (const link of old.links.values())
      if (!there.has(linkId(link))) this.#link('linkRemoved', old, link, false);
  }

  #linksThere({ old, now }: Pair): void {
    const known = new Map([...old.links.values()].map((link) => [linkId(link), link]));
    for (const link of now.links.values()) {
      const last = known.get(linkId(link));
      if (last === undefined) this.#link('linkAdded', now, link, true);
      else {
        const changed = this.#changed(old, last, now, link);
        if (changed.length > 0) this.#link('linkChanged', now, link, true, changed);
      }
    }
  }

  #changed(old: PageNamespace, last: PageLink, now: PageNamespace, link: PageLink): string[] {
    const changed: string[] = FIELDS.filter((field) => !isSame(last[field], link[field]));
    const [far, was] = [link.peer, last.peer];
    const isPeerSame = far?.label === was?.label && far?.ifindex === was?.ifindex && far?.name === was?.name;
    if (!isPeerSame) changed.push('peer');
    if (this.#before.flagsOf(old, last) !== this.#after.flagsOf(now, link)) changed.push('flags');
    return changed;
  }

  /** Of one that is gone, or whose names are others' or nobody's now. */
  #namesGone(
    one: PageNamespace,
    pair: PageNamespace | undefined,
    names: ReadonlyMap<string, { one: PageNamespace; name: PageName }>,
  ): void {
    for (const name of one.names) {
      const there = names.get(name.path);
      if (there !== undefined && !name.ready && !there.name.ready) continue;
      if (there !== undefined && name.ready && there.name.ready && there.one === pair) continue;
      // It is mounted.
      if (there !== undefined && !name.ready) continue;
      const isUnmounted = there !== undefined && !there.name.ready;
      const alive = name.ready ? pair !== undefined : null;
      const { nsid, identity: namespace } = one;
      const type = isUnmounted ? 'unmounted' : 'deleted';
      this.#add(type, { ...located(name), nsid, alive, namespace: name.ready ? namespace : null });
    }
  }

  #namesThere(
    one: PageNamespace,
    pairs: ReadonlyMap<string, PageNamespace>,
    known: ReadonlyMap<string, { one: PageNamespace; name: PageName }>,
  ): void {
    const { nsid, identity: namespace } = one;
    for (const name of one.names) {
      const last = known.get(name.path);
      if (!name.ready) {
        // It was told as `unmounted` where it was of one.
        if (last !== undefined) continue;
        const reason = name.reason ?? 'not-a-namespace';
        this.#add('created', { ...located(name), ready: false, reason, nsid: null, namespace: null });
      } else if (last?.name.ready === true) {
        if (pairs.get(last.one.key) !== one)
          this.#add('created', { ...located(name), ready: true, nsid, namespace });
      } else if (last === undefined) this.#add('created', { ...located(name), ready: true, nsid, namespace });
      else this.#add('mounted', { ...located(name), nsid, namespace });
    }
  }

  #nsid({ old, now }: Pair): void {
    const { nsid } = now;
    if (nsid !== null && nsid !== old.nsid)
      this.#push('nsidAssigned', now, { names: now.names.map(located) });
  }

  #inhabitants(one: PageNamespace): object {
    return { names: one.names.map(located), ...inhabitantsOf(one) };
  }

  #push(type: string, { nsid, identity: namespace }: PageNamespace, rest: object): void {
    this.#add(type, { nsid, namespace, ...rest });
  }

  #link(type: string, one: PageNamespace, link: PageLink, isNow: boolean, changed?: string[]): void {
    const picture = isNow ? this.#after : this.#before;
    const fields = linkFieldsOf(
      link,
      picture.namespaces,
      picture.flagsOf(one, link),
      masterNameOf(one, link),
    );
    this.#add(type, { ...whereOf(one), ...(changed === undefined ? {} : { changed }), link: fields });
  }

  #add(type: string, fields: object): void {
    this.events.push({ type, time: this.#time, ...fields } as WireEvent);
  }
}

const isPlaceholder = ({ names, identity, number, nsid }: PageNamespace): boolean =>
  identity === null && number === null && nsid === null && names.some(({ ready }) => !ready);

const inhabitantsOf = ({ number, pids, loOnly, owner }: PageNamespace): object => ({
  number,
  pids,
  loOnly,
  owner,
});

const linkId = ({ ifindex, name }: PageLink): string => (ifindex === null ? `=${name}` : String(ifindex));

const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** @returns those that are the same now, by the key that they had */
function paired(old: Side, now: Side, isSameEpoch: boolean): Map<string, PageNamespace> {
  const byIdentity = new Map<string, PageNamespace>();
  const byNumber = new Map<number, PageNamespace>();
  const byName = new Map<string, PageNamespace>();
  for (const one of now.values()) {
    if (one.identity !== null) byIdentity.set(identityKey(one.identity), one);
    else if (one.number !== null) byNumber.set(one.number, one);
    for (const { path, ready } of one.names) if (!ready) byName.set(path, one);
  }
  const pairs = new Map<string, PageNamespace>();
  for (const one of old.values()) {
    const [name] = one.names;
    const found =
      one.identity !== null
        ? byIdentity.get(identityKey(one.identity))
        : one.number !== null
          ? isSameEpoch
            ? byNumber.get(one.number)
            : undefined
          : name?.ready === false
            ? byName.get(name.path)
            : undefined;
    if (found !== undefined) pairs.set(one.key, found);
  }
  return pairs;
}
