/**
 * The moves of links from one namespace to another, which the kernel tells in two events: an
 * RTM_DELLINK in the old one with the index in the new one (`dev_change_net_namespace` in
 * net/core/dev.c), then an RTM_NEWLINK there, with the name that it had, unless that is taken there
 * and the request has another one. The first says which namespace is meant in a numbering of its
 * own, so that the two are known to belong together by index, name and address; or kind instead
 * of name, if nothing arrived between them.
 *
 * | a link         | an event                  | then                 |
 * | -------------- | ------------------------- | -------------------- |
 * | in a namespace | leaves it for another     | moving               |
 * | moving         | arrives                   | there, with its past |
 * | moving         | none for {@link PATIENCE} | moved out of sight   |
 * | there          | that namespace dies       | gone                 |
 * | not there any  | leaves, or ends           | moving, or gone      |
 * | more, if asked | none for {@link PATIENCE} | gone                 |
 * | -              | arrives, none was moving  | made there           |
 */
import type { LinkHint } from '../../netlink/link-hint.ts';
import type { LinkMessage } from '../../netlink/link-message.ts';
import type { Clock } from '../stream/clock.ts';
import type { Birthplace } from './leads.ts';
import type { LinkGraph } from './link-graph.ts';
import type { Arrival, GraphNamespace, LinkNode } from './link-node.ts';

/**
 * So long the second may be on its way, in milliseconds: in between the kernel waits for all
 * processors if the link was up (`synchronize_net`).
 */
const PATIENCE = 1000;
/** So many may be under way: each lasts as long as an event takes. */
const MOST = 1024;

interface Moving extends Arrival {
  ifindex: number;
  name: string | null;
  address: string | null;
  kind: string | null;
  since: number;
}

export class LinkMoves {
  readonly #graph: LinkGraph;
  readonly #clock: Clock;
  readonly #onOver: () => void;
  /** Departed, and nothing was heard of that: since when. */
  #unheard = new WeakMap<LinkNode, number>();
  #cancel: (() => void) | null = null;
  #moving: Moving[] = [];
  /** Where those are that have arrived. */
  #arrived = new WeakMap<LinkNode, { namespace: GraphNamespace; ifindex: number }>();
  /** The one that left last, until something arrives. */
  #next: Moving | null = null;

  /** @param onOver called when a link that {@link isUnderWay} was has arrived nowhere */
  constructor(graph: LinkGraph, clock: Clock, onOver: () => void) {
    this.#graph = graph;
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /**
   * Whether a link that departed may still arrive somewhere, so that it is too early to tell of its
   * end.
   */
  isUnderWay(node: LinkNode): boolean {
    const place = this.#arrived.get(node);
    if (place !== undefined) {
      const { namespace, ifindex } = place;
      // It is asked for next, unless that namespace has died.
      if (namespace.state !== 'gone' && namespace.arrivals.get(ifindex)?.past === node) return true;
      this.#arrived.delete(node);
    }
    if (!this.#isExpected(node)) return false;
    this.#cancel ??= this.#clock.after(PATIENCE, () => {
      this.#cancel = null;
      this.#onOver();
    });
    return true;
  }

  /** The kernel told of the end of a link that was not there any more when it was asked for. */
  endIsHeard(namespace: GraphNamespace, ifindex: number): void {
    const node = this.#departedAt(namespace, ifindex);
    if (node !== undefined) node.isEndHeard = true;
  }

  /** RTM_DELLINK of a link that goes to another namespace. */
  leaves(namespace: GraphNamespace, hint: LinkHint): void {
    const { ifindex, newIfindex, name, address, kind } = hint;
    if (newIfindex === null) return;
    this.#drop();
    const since = this.#clock.now();
    const arrival = this.#knownOf(namespace, ifindex);
    this.#next = { ...arrival, ifindex: newIfindex, name, address, kind, since };
    this.#moving.push(this.#next);
  }

  /** RTM_NEWLINK of a link that is new in a namespace. */
  arrives(namespace: GraphNamespace, hint: LinkHint): void {
    const { ifindex, name, address, kind } = hint;
    const next = this.#next;
    this.#next = null;
    const at = this.#moving.findIndex(
      (moving) =>
        moving.ifindex === ifindex &&
        moving.address === address &&
        (moving.name === name || (moving === next && moving.kind === kind)),
    );
    const arrival = this.#arrivalOf(at, namespace) ?? { birthplace: 'here', past: null };
    const node = namespace.links.get(ifindex);
    // It was asked for before this was read.
    if (node?.published === null) {
      this.#graph.adopt(node, arrival);
      return;
    }
    namespace.arrivals.set(ifindex, arrival);
    if (arrival.past !== null) this.#arrived.set(arrival.past, { namespace, ifindex });
  }

  /**
   * What is known of a link that was found in a namespace, and whose arrival was not heard: nobody
   * listened to that one by then. Null: nothing.
   */
  found(namespace: GraphNamespace, { ifindex, name, address }: LinkMessage): Arrival | null {
    const at = this.#moving.findIndex(
      (moving) => moving.ifindex === ifindex && moving.address === address && moving.name === name,
    );
    return this.#arrivalOf(at, namespace);
  }

  /** Events were lost: what was moving may be anywhere. */
  clear(): void {
    this.#moving = [];
    this.#arrived = new WeakMap();
    this.#unheard = new WeakMap();
    this.#next = null;
  }

  close(): void {
    this.#cancel?.();
  }

  /** Whether an event of a link that departed is still to come. */
  #isExpected(node: LinkNode): boolean {
    const now = this.#clock.now();
    if (node.isEndHeard) {
      this.#unheard.delete(node);
      if (this.#moving.length === 0) return false;
      this.#drop();
      return this.#moving.some(({ past }) => past === node);
    }
    const since = this.#unheard.get(node) ?? now;
    this.#unheard.set(node, since);
    if (now - since < PATIENCE) return true;
    this.#unheard.delete(node);
    return false;
  }

  /** Those that are not under way any more. */
  #drop(): void {
    const now = this.#clock.now();
    this.#moving = this.#moving.filter(({ since }) => now - since < PATIENCE).slice(-MOST);
  }

  #arrivalOf(at: number, namespace: GraphNamespace): Arrival | null {
    const [moving] = at < 0 ? [] : this.#moving.splice(at, 1);
    if (moving === undefined) return null;
    return { birthplace: placeIn(moving.birthplace, namespace), past: moving.past };
  }

  /** What the link was that had this index until now. */
  #knownOf(namespace: GraphNamespace, ifindex: number): Arrival {
    const node = namespace.links.get(ifindex) ?? this.#departedAt(namespace, ifindex);
    if (node === undefined) {
      const arrival = namespace.arrivals.get(ifindex);
      return arrival === undefined
        ? { birthplace: null, past: null }
        : { birthplace: placeOf(arrival.birthplace, namespace), past: arrival.past };
    }
    const past = node.published === null ? node.past : node;
    return { birthplace: placeOf(node.birthplace, namespace), past };
  }

  /** One that was asked for when it had gone, and before that was heard. */
  #departedAt(namespace: GraphNamespace, ifindex: number): LinkNode | undefined {
    for (const node of this.#graph.departed)
      if (node.namespace === namespace && node.ifindex === ifindex) return node;
    return undefined;
  }
}

type Place = Birthplace<GraphNamespace> | null;

/** Where a link was made that is in this namespace, for whoever looks from elsewhere. */
const placeOf = (place: Place, namespace: GraphNamespace): Place =>
  place === 'here' ? { namespace } : place;

/** The same, for whoever looks from this namespace. */
function placeIn(place: Place, namespace: GraphNamespace): Place {
  if (place === null || typeof place === 'string') return place;
  if (place.namespace === namespace) return 'here';
  return place.namespace.state === 'gone' ? 'gone' : place;
}
