/**
 * A watcher whose host is a list: what a test says happens on it. Its events have the shape of the
 * true ones, and it waits for its consumer as they do.
 */
import type { InventoryEntry, UnifiedEvent, UnifiedNamespaceWatcher } from '../../src/core.ts';

export class ScriptedWatcher {
  readonly isWatchingNetns: boolean = true;
  readonly isWatchingNsids: boolean = true;
  readonly isWatchingDeaths: boolean = true;
  readonly isWatchingLinks: boolean = true;
  readonly #entries = new Map<string, InventoryEntry>();
  #events: UnifiedEvent[] = [];
  #waiter: ((event: UnifiedEvent | undefined) => void) | null = null;
  #inode = 4_026_532_000n;
  isStopped = false;

  /** As what an agent takes. */
  get watcher(): UnifiedNamespaceWatcher {
    return this as unknown as UnifiedNamespaceWatcher;
  }

  get names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** How many events wait for the consumer. */
  get buffered(): number {
    return this.#events.length;
  }

  create(...names: string[]): void {
    for (const name of names) {
      const located = { name, path: `/var/run/netns/${name}`, directory: '/var/run/netns' };
      const namespace = { id: null, dev: 4n, ino: this.#inode++, since: 1n };
      this.#entries.set(name, {
        namespace,
        nsid: null,
        names: [{ ...located, ready: true }],
        own: false,
        lingering: false,
        links: [],
        linksState: 'live',
      });
      this.#emit({ type: 'created', ...located, nsid: null, ready: true, namespace });
    }
  }

  remove(...names: string[]): void {
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry === undefined) throw new Error(`there is no ${name}`);
      this.#entries.delete(name);
      const located = { name, path: `/var/run/netns/${name}`, directory: '/var/run/netns' };
      this.#emit({ type: 'deleted', ...located, namespace: entry.namespace, nsid: null, alive: true });
    }
  }

  namespaces(): InventoryEntry[] {
    return [...this.#entries.values()];
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

  #emit(event: UnifiedEvent): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null) this.#events.push(event);
    else waiter(event);
  }
}
