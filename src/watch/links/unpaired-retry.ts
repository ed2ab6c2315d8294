/**
 * Asks once more for ends whose other end did not lead back: between two answers either may have
 * moved, and the kernel tells nobody. Once for each end that it leads to.
 */
import type { Clock } from '../stream/clock.ts';
import type { LinkGraph } from './link-graph.ts';
import type { LinkNode } from './link-node.ts';

/** In milliseconds. */
const DELAY = 100;

export class UnpairedRetry {
  readonly #graph: LinkGraph;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #waiting = new Set<LinkNode>();
  #cancel: (() => void) | null = null;

  /** @param onDue called when links were marked as dirty */
  constructor(graph: LinkGraph, clock: Clock, onDue: () => void) {
    this.#graph = graph;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** These were told of just now. */
  add(nodes: readonly LinkNode[]): void {
    for (const node of nodes) {
      const { lead, isRetried, isDeparted, published } = node;
      if (lead.to === 'end' && !isRetried && !isDeparted && published?.peerState === 'unpaired')
        this.#waiting.add(node);
    }
    if (this.#waiting.size > 0) this.#cancel ??= this.#clock.after(DELAY, () => this.#ask());
  }

  close(): void {
    this.#cancel?.();
  }

  #ask(): void {
    this.#cancel = null;
    for (const node of this.#waiting) {
      node.isRetried = true;
      if (!node.isDeparted) this.#graph.markDirty(node.namespace, node.ifindex);
    }
    this.#waiting.clear();
    this.#onDue();
  }
}
