/**
 * A watcher whose host is a list: what a test says happens on it. Its events have the shape of the
 * true ones.
 */
import type { InventoryEntry } from '../../src/core.ts';
import { QueuedWatcher } from './queued-watcher.ts';

export class ScriptedWatcher extends QueuedWatcher {
  readonly #entries = new Map<string, InventoryEntry>();
  #inode = 4_026_532_000n;

  get names(): string[] {
    return [...this.#entries.keys()].sort();
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
      this.emit({ type: 'created', ...located, nsid: null, ready: true, namespace });
    }
  }

  remove(...names: string[]): void {
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry === undefined) throw new Error(`there is no ${name}`);
      this.#entries.delete(name);
      const located = { name, path: `/var/run/netns/${name}`, directory: '/var/run/netns' };
      this.emit({ type: 'deleted', ...located, namespace: entry.namespace, nsid: null, alive: true });
    }
  }

  namespaces(): InventoryEntry[] {
    return [...this.#entries.values()];
  }
}
