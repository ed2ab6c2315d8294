/**
 * Has everything read again now and then: the kernel does not tell of aliases, alternative names
 * and groups of links that are down (`netdev_state_change` in net/core/dev.c).
 */
import type { Clock } from '../stream/clock.ts';
import type { LinkGraph } from './link-graph.ts';

/** In milliseconds. A namespace takes some 20 microseconds of CPU. */
const PERIOD = 300_000;

export class Reread {
  readonly #graph: LinkGraph;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #cancel: (() => void) | null = null;

  /** @param onDue called when all namespaces are in doubt */
  constructor(graph: LinkGraph, clock: Clock, onDue: () => void) {
    this.#graph = graph;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  start(): void {
    this.#cancel = this.#clock.after(PERIOD, () => {
      this.#graph.doubtAll();
      this.#onDue();
      this.start();
    });
  }

  close(): void {
    this.#cancel?.();
  }
}
