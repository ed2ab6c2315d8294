/**
 * What the kernel sends of links, as hints for a graph: which links are to be asked for, which are
 * gone, and which of them moved. A namespace that is not in the graph is passed over.
 */
import { LinkGroupReader } from '../../netlink/link-group-reader.ts';
import type { LinkHint } from '../../netlink/link-hint.ts';
import type { RawSocket } from '../../netlink/raw-socket.ts';
import type { ReadinessHandle, ReadinessListener } from '../../sys/readiness.ts';
import type { LinkGraph } from './link-graph.ts';
import type { LinkMoves } from './moves.ts';

/** So many are read before anything else is done. */
const MOST = 8192;
/** Of the socket, in bytes: some 7,000 events. */
const RECEIVE_BUFFER = 16 * 1024 * 1024;

export class LinkHints {
  readonly #graph: LinkGraph;
  readonly #reader: LinkGroupReader;
  readonly #moves: LinkMoves;
  readonly #self: number | null;

  /**
   * Takes over the socket.
   * @param options `self`: the nsid that stands for the socket's own namespace, if that is
   *   followed; `all`: whether to hear of all namespaces
   * @throws SystemError `EPERM` (to hear of all takes CAP_NET_BROADCAST)
   */
  constructor(
    graph: LinkGraph,
    socket: RawSocket,
    { self, all }: { self: number | null; all: boolean },
    moves: LinkMoves,
  ) {
    this.#graph = graph;
    this.#moves = moves;
    graph.onUnheard = (namespace, facts) => moves.found(namespace, facts);
    this.#self = self;
    this.#reader = new LinkGroupReader(socket, RECEIVE_BUFFER, all);
  }

  /** Takes in what waits. @returns whether some were lost: everything is in doubt */
  read(): boolean {
    for (let read = 0; read < MOST; read++) {
      const hint = this.#reader.next();
      if (hint === null) break;
      this.#take(hint);
    }
    if (this.#reader.takeLoss() === null) return false;
    this.#moves.clear();
    return true;
  }

  /** After a loss: everything is to be read, so that what waits is no news. */
  startOver(): void {
    this.#moves.clear();
    for (let read = 0; read < MOST; read++)
      if (this.#reader.next() === null && this.#reader.takeLoss() === null) break;
    this.#graph.doubtAll();
  }

  get counters(): LinkGroupReader['counters'] {
    return this.#reader.counters;
  }

  onReadable(listener: ReadinessListener): ReadinessHandle {
    return this.#reader.onReadable(listener);
  }

  close(): void {
    this.#moves.close();
    this.#reader.close();
  }

  #take(hint: LinkHint): void {
    const nsid = hint.origin ?? this.#self;
    const namespace = nsid === null ? undefined : this.#graph.namespaces.get(nsid);
    if (namespace === undefined) return;
    const { ifindex } = hint;
    if (hint.type === 'newLink') {
      if (hint.isBirth) this.#moves.arrives(namespace, hint);
      this.#graph.markDirty(namespace, ifindex);
      return;
    }
    this.#moves.leaves(namespace, hint);
    namespace.arrivals.delete(ifindex);
    const node = namespace.links.get(ifindex);
    if (node !== undefined) this.#graph.depart(node);
    else this.#moves.endIsHeard(namespace, ifindex);
  }
}
