/** What single events do to the boxes: the table of replay.ts. */
import { labelOf } from '../format/namespace-label.ts';
import type { ProcessOwner } from '../netns/processes/process-owner.ts';
import type { Box } from './box.ts';
import { linkKey } from './box-links.ts';
import type { Boxes } from './boxes.ts';
import type { Endings } from './endings.ts';
import { linkText, namespaceText } from './event-text.ts';
import type { PageEvent, PageName } from './replay-types.ts';
import { identityKey } from './wire.ts';
import type { WireEvent, WireLink, WireName, WireWhere } from './wire.ts';

type Told = Pick<PageEvent, 'namespace' | 'link' | 'text'>;

export class EventReplay {
  readonly #boxes: Boxes;
  readonly #endings: Endings;

  constructor(boxes: Boxes, endings: Endings) {
    this.#boxes = boxes;
    this.#endings = endings;
  }

  /** @param at when it happened, by the clock of the server */
  apply(event: WireEvent, at: number, now: number): Told {
    if (event.link !== undefined) return this.#link(event, event.link, at, now);
    const box = this.#namespace(event, at, now);
    const { directory } = this.#boxes;
    const text = namespaceText(event, this.#labelOf(event, box), directory);
    return { namespace: box?.key ?? null, link: null, text };
  }

  /** @returns the box that it is about */
  #namespace(event: WireEvent, at: number, now: number): Box | null {
    switch (event.type) {
      case 'created':
      case 'mounted':
        return event.ready === false ? this.#unready(event, event.reason ?? null) : this.#named(event);
      case 'unmounted': {
        if (this.#isOld(event)) return null;
        const left = this.#leave(event, at, now);
        const own = this.#unready(event, 'unmounted');
        return left ?? own;
      }
      case 'deleted':
        return this.#isOld(event) ? null : this.#leave(event, at, now);
      case 'nsidAssigned':
        return this.#assigned(event);
      case 'found': {
        const box = this.#take(event);
        box.loOnly = event.loOnly ?? null;
        if (event.pids !== undefined) box.pids = event.pids;
        if (event.owner !== undefined) box.owner = event.owner;
        return box;
      }
      case 'destroyed': {
        const box = this.#boxes.find(event);
        // It ended with its last name already.
        if (box === null) return this.#boxes.findEnded(event);
        const names = (event.names ?? []).map((name) => pageName(name, true));
        if (box.names.length === 0 && names.length > 0) box.lastNames = names;
        this.#end(box, 'destroyed', at, now);
        return box;
      }
      default:
        return null;
    }
  }

  #named(event: WireEvent): Box {
    const name = pageName(event as WireName, true);
    const before = this.#boxes.named(name.path);
    let box = this.#boxes.find(event);
    if (before !== null && before !== box) this.#boxes.detach(name.path);
    box = box === null ? this.#boxes.make(event) : this.#boxes.learn(box, event);
    const others = box.names.filter(({ path }) => path !== name.path);
    // One that is told once more stays at its place.
    box.names = others.length === box.names.length ? [...others, name] : box.names;
    box.lingering = false;
    this.#boxes.attach(box, name.path);
    return box;
  }

  /** A snapshot may be ahead of the events: the name is another's by now. */
  #isOld({ path = '', namespace }: WireEvent): boolean {
    const identity = this.#boxes.named(path)?.identity ?? null;
    return identity !== null && namespace !== null && identityKey(identity) !== identityKey(namespace);
  }

  #unready(event: WireEvent, reason: string | null): Box {
    const name = { ...pageName(event as WireName, false), reason };
    const before = this.#boxes.named(name.path);
    if (before !== null && !before.isPlaceholder) this.#boxes.detach(name.path);
    const box = before?.isPlaceholder === true ? before : this.#boxes.placeholder(name.path);
    box.names = [name];
    this.#boxes.touch(box);
    return box;
  }

  /** @returns the box that the name was of; null: none is known */
  #leave(event: WireEvent, at: number, now: number): Box | null {
    const { path = '', type, alive = null } = event;
    const box = this.#boxes.named(path);
    if (box === null) return null;
    if (box.isPlaceholder) {
      if (type === 'deleted') this.#end(box, type, at, now);
      return box;
    }
    this.#boxes.detach(path);
    if (box.names.length > 0 || box.own) return box;
    const isFollowed = box.number !== null || box.nsid !== null;
    if (alive === false) this.#end(box, 'destroyed', at, now);
    else if (alive === null && !isFollowed) this.#end(box, type, at, now);
    else box.lingering = true;
    return box;
  }

  #assigned(event: WireEvent): Box | null {
    const [name] = event.names ?? [];
    const named = name === undefined ? null : this.#boxes.named(name.path);
    const box =
      this.#boxes.find({ nsid: null, namespace: event.namespace }) ??
      (event.namespace === null && named?.isPlaceholder === false ? named : null);
    if (box === null) return this.#take(event);
    return this.#boxes.learn(box, { nsid: event.nsid, namespace: event.namespace });
  }

  #link(event: WireEvent, wire: WireLink, at: number, now: number): Told {
    const { links } = this.#boxes;
    if (event.type === 'linkRemoved') {
      const box = this.#boxes.find(event) ?? this.#boxes.findEnded(event);
      const key = box === null ? '' : linkKey(box.key, wire);
      const link = box?.links.get(key);
      const known = link ?? this.#boxes.links.toldOf(wire);
      const text = linkText(event, known, this.#labelOf(event, box), '');
      if (box === null || link === undefined) return { namespace: box?.key ?? null, link: null, text };
      if (link.ended === null) {
        const ended = { at, reason: 'removed' };
        links.end(box, key, ended);
        this.#endings.add(box, key, ended, now);
        this.#boxes.touch(box);
      }
      return { namespace: box.key, link: key, text };
    }
    let from = '';
    if (event.type === 'linkMoved' && event.from !== undefined) {
      const old = this.#boxes.find(event.from);
      from = this.#labelOf(event.from, old);
      if (old !== null) {
        links.drop(old, linkKey(old.key, event.from));
        this.#boxes.touch(old);
      }
    }
    const box = this.#take(event);
    const isKnown = box.linksState !== null && box.linksState !== 'pending';
    if (!isKnown) box.linksState = wire.mtu === null ? 'limited' : 'live';
    if (event.owner !== undefined && event.owner !== null) box.owner = event.owner;
    const link = links.put(box, wire);
    const text = linkText(event, link, this.#labelOf(event, box), from);
    return { namespace: box.key, link: link.key, text };
  }

  /** By what is known of it, else by what the event says. */
  #labelOf(where: Partial<WireWhere>, box: Box | null): string {
    const { directory } = this.#boxes;
    if (box !== null) return box.labelIn(directory).shown;
    // Events of no namespace, such as `resynced`, have none of these.
    const { namespace = null, number = null, nsid = null } = where;
    const { names = [], own = false, owner = null, pids = [] } = where;
    if (namespace === null && number === null && nsid === null && names.length === 0 && !own) return '';
    const label = { namespace, number, nsid, names, own, owner: owner as ProcessOwner | null, pids };
    return labelOf(label, directory).shown;
  }

  /** The box that is meant; one more if none is known. */
  #take(where: WireWhere): Box {
    const known = this.#boxes.find(where);
    if (known !== null) return this.#boxes.learn(known, where);
    const box = this.#boxes.make(where);
    for (const name of where.names ?? []) {
      if (this.#boxes.named(name.path) !== null) continue;
      box.names.push(pageName(name, true));
      this.#boxes.attach(box, name.path);
    }
    return box;
  }

  #end(box: Box, reason: string, at: number, now: number): void {
    const ended = { at, reason };
    this.#boxes.end(box, ended);
    this.#endings.add(box, null, ended, now);
  }
}

export const pageName = ({ name, path, directory }: WireName, ready: boolean): PageName => ({
  name,
  path,
  directory,
  ready,
  reason: null,
});
