/**
 * What an agent takes for a watcher, and a test makes the events of. It waits for its consumer as
 * the true one does.
 */
import type { InventoryEntry, UnifiedEvent, UnifiedNamespaceWatcher } from '../../src/core.ts';

export abstract class QueuedWatcher {
  readonly isWatchingNetns: boolean = true;
  readonly isWatchingNsids: boolean = true;
  readonly isWatchingDeaths: boolean = true;
  readonly isWatchingLinks: boolean = true;
  #events: UnifiedEvent[] = [];
  #waiter: ((event: UnifiedEvent | undefined) => void) | null = null;
  isStopped = false;

  abstract namespaces(): InventoryEntry[];

  /** As what an agent takes. */
  get watcher(): UnifiedNamespaceWatcher {
    return this as unknown as UnifiedNamespaceWatcher;
  }

  /** How many events wait for the consumer. */
  get buffered(): number {
    return this.#events.length;
  }

  stats(): { processes: object } {
    return { processes: {} };
  }

  recv(): Promise<UnifiedEvent | undefined> {
    const event = this.#events.shift();
    if (event !== undefined || this.isStopped) return Promise.resolve(event);
    return new Promise((resolve) => (this.#waiter = resolve));
  }

  tryRecv(): UnifiedEvent | undefined {
    return this.#events.shift();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.#waiter?.(undefined);
    this.#waiter = null;
  }

  protected emit(event: UnifiedEvent): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null) this.#events.push(event);
    else waiter(event);
  }
}
