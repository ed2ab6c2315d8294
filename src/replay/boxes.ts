/**
 * All boxes, found by what the server tells of a namespace: its own number, its identity, its
 * nsid, whether it is the server's own, a name. What is different is shown by `publish`.
 *
 * Two that turn out to be one namespace (a name is made for one that was known by its processes
 * alone) become the older of them. One that ended is found no more, and stays in sight for a while.
 */
import { alike } from './alike.ts';
import { Box } from './box.ts';
import { BoxLinks, linkKey } from './box-links.ts';
import { Labels } from './labels.ts';
import type { Ended, PageNamespace } from './replay-types.ts';
import { identityKey } from './wire.ts';
import type { WirePeer, WireWhere } from './wire.ts';

export class Boxes {
  readonly namespaces: Map<string, PageNamespace> = new Map();
  /** A name in it stands alone. */
  directory = '';
  readonly links: BoxLinks = new BoxLinks((peer) => this.#endOf(peer));
  readonly #labels = new Labels();
  readonly #all = new Map<string, Box>();
  readonly #byNumber = new Map<number, Box>();
  readonly #byIdentity = new Map<string, Box>();
  readonly #byNsid = new Map<number, Box>();
  readonly #byPath = new Map<string, Box>();
  #own: Box | null = null;
  /** Those that have ended and are still in sight, by number and identity. */
  readonly #ended = new Map<string, Box>();
  #order = 0;
  readonly #dirty = new Set<Box>();

  get all(): Iterable<Box> {
    return this.#all.values();
  }

  /** @returns null: none is known, or it has ended */
  find({ number = null, namespace, own, nsid }: WireWhere): Box | null {
    const numbered = number === null ? undefined : this.#byNumber.get(number);
    if (numbered !== undefined) return numbered;
    const same = namespace === null ? undefined : this.#byIdentity.get(identityKey(namespace));
    if (same !== undefined) return same;
    if (own === true) return this.#own;
    const assigned = nsid === null ? undefined : this.#byNsid.get(nsid);
    // An nsid is used again: one that is known to be another has lost it.
    return assigned === undefined || (assigned.identity !== null && namespace !== null) ? null : assigned;
  }

  /** One that has ended and is still in sight: something more is told of it. */
  findEnded({ number = null, namespace }: WireWhere): Box | null {
    const numbered = number === null ? undefined : this.#ended.get(`number:${number}`);
    return numbered ?? (namespace === null ? null : (this.#ended.get(identityKey(namespace)) ?? null));
  }

  named(path: string): Box | null {
    return this.#byPath.get(path) ?? null;
  }

  /** One more, of which this is known. */
  make(where: WireWhere): Box {
    const { namespace, number = null, own, nsid } = where;
    const known = namespace === null ? (number ?? `nsid:${nsid}`) : identityKey(namespace);
    const key = own === true ? 'own' : typeof known === 'number' ? `number:${known}` : known;
    const last = this.#all.get(key);
    const isBack = namespace !== null && last?.ended !== null && last !== undefined;
    return this.learn(isBack ? this.#revive(last) : this.#place(key, false), where);
  }

  /** A name without a namespace. */
  placeholder(path: string): Box {
    const box = this.#place(`name:${path}`, true);
    this.#byPath.set(path, box);
    return box;
  }

  /** What tells which one it is. @returns the box that it is now */
  learn(box: Box, { namespace, number = null, own, nsid }: WireWhere): Box {
    let one = box;
    const join = (other: Box | null | undefined): void => {
      if (other !== null && other !== undefined && other !== one) one = this.#join(one, other);
    };
    if (number !== null) join(this.#byNumber.get(number));
    if (namespace !== null) join(this.#byIdentity.get(identityKey(namespace)));
    if (own === true) join(this.#own);
    if (number !== null && one.number !== number) this.#number(one, number);
    if (namespace !== null) this.#identify(one, namespace);
    if (own === true) {
      one.own = true;
      this.#own = one;
    }
    if (nsid !== null) one = this.assign(one, nsid);
    this.touch(one);
    return one;
  }

  /** It has this nsid: whoever had it is the same, or has it no more. */
  assign(box: Box, nsid: number): Box {
    const other = this.#byNsid.get(nsid);
    let one = box;
    if (other !== undefined && other !== box) {
      if (other.identity === null && other.number === null && other.names.length === 0)
        one = this.#join(box, other);
      else {
        other.nsid = null;
        this.touch(other);
      }
    }
    if (one.nsid !== null && one.nsid !== nsid) this.#byNsid.delete(one.nsid);
    one.nsid = nsid;
    this.#byNsid.set(nsid, one);
    this.touch(one);
    return one;
  }

  /** Nobody's nsid is known. @returns who had them */
  forgetNsids(): ReadonlyMap<number, Box> {
    const before = new Map(this.#byNsid);
    for (const box of before.values()) box.nsid = null;
    this.#byNsid.clear();
    return before;
  }

  /** Numbers of another server count for nothing. */
  forgetNumbers(): void {
    for (const box of this.#byNumber.values()) box.number = null;
    this.#byNumber.clear();
  }

  attach(box: Box, path: string): void {
    this.#byPath.set(path, box);
    this.touch(box);
  }

  /** The name leads there no more. */
  detach(path: string): void {
    const box = this.#byPath.get(path);
    if (box === undefined) return;
    this.#byPath.delete(path);
    if (box.isPlaceholder) return this.remove(box);
    box.lastNames = box.names;
    box.names = box.names.filter((name) => name.path !== path);
    this.touch(box);
  }

  /** It has none; a name without a namespace is led to by its own all the same. */
  forgetNames(box: Box): void {
    if (!box.isPlaceholder)
      for (const { path } of box.names) if (this.#byPath.get(path) === box) this.#byPath.delete(path);
    box.names = [];
  }

  /** Its end, with that of its links. */
  end(box: Box, ended: Ended): void {
    for (const key of box.links.keys()) this.links.end(box, key, ended);
    this.#forget(box);
    box.ended = ended;
    for (const key of keysOf(box)) this.#ended.set(key, box);
    box.lingering = false;
    this.touch(box);
  }

  remove(box: Box): void {
    this.links.dropAll(box);
    this.#forget(box);
    this.#unend(box);
    this.#dirty.delete(box);
    for (const other of this.#labels.drop(box)) this.touch(other);
    if (this.#all.get(box.key) !== box) return;
    this.#all.delete(box.key);
    this.namespaces.delete(box.key);
  }

  touch(box: Box): void {
    // What has been removed stays so.
    if (this.#all.get(box.key) === box) this.#dirty.add(box);
  }

  /** Shows what is different. @returns whether anything is */
  publish(): boolean {
    if (this.#dirty.size === 0) return false;
    for (const box of this.#dirty)
      for (const other of box.ended === null ? this.#labels.put(box, this.directory) : this.#farewell(box))
        this.touch(other);
    for (const box of this.#dirty)
      if (this.#labels.settle(box)) for (const at of this.links.relabel(box)) this.touch(at);
    for (const box of this.#dirty) {
      const { view } = box;
      const shown = box.shown();
      const isSame = view !== null && !box.haveLinksChanged && alike(view, shown);
      box.haveLinksChanged = false;
      if (isSame) continue;
      box.view = shown;
      this.namespaces.set(box.key, shown);
    }
    this.#dirty.clear();
    return true;
  }

  /** It keeps what it is called, by the names that it had. */
  #farewell(box: Box): readonly Box[] {
    if (box.lastNames.length > 0 || box.label.text === '') box.label = box.labelIn(this.directory);
    return this.#labels.drop(box);
  }

  /** It was told too early, or looked as if it had ended. What ended with it is back with it. */
  #revive(box: Box): Box {
    const { ended } = box;
    this.#unend(box);
    box.ended = null;
    box.names = [];
    // They may be others' by now.
    [box.number, box.nsid] = [null, null];
    for (const link of box.links.values())
      if (link.ended === ended) this.links.put(box, this.links.wireOf(link));
    return box;
  }

  #place(key: string, isPlaceholder: boolean): Box {
    let free = key;
    for (let other = this.#all.get(free); other !== undefined; other = this.#all.get(free)) {
      if (other.ended !== null) this.remove(other);
      else free += "'";
    }
    const box = new Box(free, this.#order++, isPlaceholder);
    this.#all.set(free, box);
    this.touch(box);
    return box;
  }

  #number(box: Box, number: number): void {
    if (box.number !== null) this.#byNumber.delete(box.number);
    box.number = number;
    this.#byNumber.set(number, box);
    // What leads to it can be told so now.
    if (box.label.text !== '') for (const at of this.links.relabel(box)) this.touch(at);
  }

  #identify(box: Box, identity: NonNullable<Box['identity']>): void {
    if (box.identity !== null) this.#byIdentity.delete(identityKey(box.identity));
    box.identity = identity;
    this.#byIdentity.set(identityKey(identity), box);
  }

  /** Two are one: the older one stays. */
  #join(a: Box, b: Box): Box {
    const [one, other] = a.order < b.order ? [a, b] : [b, a];
    const links = [...other.links.values()].filter(({ ended }) => ended === null);
    const wires = links.map((link) => this.links.wireOf(link));
    this.remove(other);
    one.absorb(other);
    for (const { path } of other.names) this.#byPath.set(path, one);
    if (other.own) this.#own = one;
    if (one.number !== null) this.#byNumber.set(one.number, one);
    if (one.nsid !== null) this.#byNsid.set(one.nsid, one);
    if (one.identity !== null) this.#byIdentity.set(identityKey(one.identity), one);
    for (const wire of wires) if (!one.links.has(linkKey(one.key, wire))) this.links.put(one, wire);
    this.touch(one);
    return one;
  }

  /** It is found by nothing any more. */
  #forget(box: Box): void {
    const { number, identity, nsid, names } = box;
    if (number !== null && this.#byNumber.get(number) === box) this.#byNumber.delete(number);
    if (nsid !== null && this.#byNsid.get(nsid) === box) this.#byNsid.delete(nsid);
    const key = identity === null ? null : identityKey(identity);
    if (key !== null && this.#byIdentity.get(key) === box) this.#byIdentity.delete(key);
    for (const { path } of names) if (this.#byPath.get(path) === box) this.#byPath.delete(path);
    if (this.#own === box) this.#own = null;
  }

  #unend(box: Box): void {
    for (const key of keysOf(box)) if (this.#ended.get(key) === box) this.#ended.delete(key);
  }

  /** Where a link leads. One that has no number is known by what it is called. */
  #endOf({ number, netns }: WirePeer): Box | null {
    return number === null ? this.#labels.named(netns) : (this.#byNumber.get(number) ?? null);
  }
}

const keysOf = ({ number, identity }: Box): string[] => [
  ...(number === null ? [] : [`number:${number}`]),
  ...(identity === null ? [] : [identityKey(identity)]),
];
