/**
 * Brings a graph up to date, in steps: reads the namespaces that are to be read, asks for the links
 * that are dirty, then for both ends of each pair of which the kernel did not say that they belong
 * together: between two answers either may have moved. What then still does not fit is unpaired,
 * and is asked for once more a little later.
 */
import { chain, inTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { LinkGraph } from './link-graph.ts';
import type { GraphNamespace, LinkNode } from './link-node.ts';
import type { LinkReader, Unreadable } from './link-reader.ts';
import { leadsTo } from './link-view.ts';

/** Namespaces that are read in one step: half a millisecond of the kernel's time. */
const SLICE = 32;
/** After so many rounds what is known is told; what is dirty then, is asked for next. */
const ROUNDS = 64;

export class LinkRefresh {
  readonly #graph: LinkGraph;
  readonly #reader: Pick<LinkReader, 'batch' | 'list' | 'ask'>;
  readonly #checked = new Set<LinkNode>();
  #rounds = 0;

  constructor(graph: LinkGraph, reader: Pick<LinkReader, 'batch' | 'list' | 'ask'>) {
    this.#graph = graph;
    this.#reader = reader;
  }

  /** @returns whether more is to be done */
  step(): MaybePromise<boolean> {
    const { unread } = this.#graph;
    if (unread.size > 0) return chain(this.#read([...take(unread, SLICE)]), () => true);
    if (++this.#rounds > ROUNDS) return false;
    const wanted = this.#wanted();
    if (wanted.length === 0) return false;
    return chain(this.#reader.ask(wanted), (answers) => {
      for (const [at, answer] of answers.entries()) {
        const { namespace, ifindex } = wanted[at] as Wanted;
        if (typeof answer === 'string') this.#lose(namespace, answer);
        else this.#graph.take(namespace, ifindex, answer);
      }
      return true;
    });
  }

  #read(namespaces: readonly GraphNamespace[]): MaybePromise<void> {
    return inTurn(namespaces, (namespace) =>
      chain(this.#reader.list(namespace), (links) => {
        if (typeof links === 'string') this.#lose(namespace, links);
        else this.#graph.takeAll(namespace, links);
      }),
    );
  }

  #lose(namespace: GraphNamespace, why: Unreadable): void {
    // Its end will be reported; until then it has no links.
    if (why === 'gone') this.#graph.empty(namespace);
    else this.#graph.close(namespace);
  }

  /** The next links to be asked for. */
  #wanted(): Wanted[] {
    const { withDirty } = this.#graph;
    if (withDirty.size === 0) this.#doubtPairs();
    const wanted: Wanted[] = [];
    for (const namespace of withDirty) {
      for (const ifindex of namespace.dirty) {
        if (wanted.length === this.#reader.batch) return wanted;
        namespace.dirty.delete(ifindex);
        wanted.push({ namespace, ifindex });
      }
      withDirty.delete(namespace);
    }
    return wanted;
  }

  /** Each pair once. */
  #doubtPairs(): void {
    const graph = this.#graph;
    for (const node of graph.touched) {
      const { target } = node;
      if (node.lead.to !== 'end' || this.#checked.has(node)) continue;
      if (target?.namespace.state !== 'live') continue;
      const other = graph.nodeAt(target);
      if (other !== undefined && leadsTo(other, node)) continue;
      this.#checked.add(node);
      graph.markDirty(node.namespace, node.ifindex);
      if (target.ifindex !== null) graph.markDirty(target.namespace, target.ifindex);
    }
  }
}

interface Wanted {
  namespace: GraphNamespace;
  ifindex: number;
}

function* take<T>(all: Iterable<T>, most: number): Generator<T, void> {
  let left = most;
  for (const one of all) {
    if (left-- === 0) return;
    yield one;
  }
}
