/** What a head says of a host. */
import { release } from 'node:os';
import type { InventoryEntry } from '../core.ts';
import { ownVersion } from '../core.ts';
import type { Head, HeadCounts } from '../wire/head.ts';

export interface HostWords {
  epoch: string;
  name: string;
  shard: string;
  target: string | null;
  interval: number;
}

/** What does not change, read once. */
export type HostFacts = Pick<Head, 'epoch' | 'name' | 'shard' | 'target' | 'interval' | 'versions'>;

export const hostFacts = (words: HostWords): HostFacts => ({
  ...words,
  versions: { nlink: ownVersion(), node: process.version, kernel: release().slice(0, 128) },
});

/** @param isWatchingLinks whether links are known at all */
export function countsOf(entries: readonly InventoryEntry[], isWatchingLinks: boolean): HeadCounts {
  let [namespaces, names, links] = [0, 0, 0];
  for (const entry of entries) {
    // A name without a namespace is none.
    if (entry.namespace !== null || entry.nsid !== null || entry.names.length === 0) namespaces++;
    names += entry.names.length;
    links += entry.links?.length ?? 0;
  }
  return { namespaces, names, links: isWatchingLinks ? links : null };
}
