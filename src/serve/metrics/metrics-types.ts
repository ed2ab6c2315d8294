/** What metrics are taken of, and which are wanted. Types only. */
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';

/** What metrics are taken of. Each may throw: then its part is not up. */
export interface MetricsSource {
  /** The live inventory, with `unnamed` and `links`. */
  namespaces(): readonly InventoryEntry[];
  /** The counters of its links by index; null: nobody may look, or it is gone. */
  statistics(entry: InventoryEntry): Promise<ReadonlyMap<number, LinkStatistics> | null>;
  /** Each event type, and each reason, is a key from the start. */
  counts(): { events: ReadonlyMap<string, number>; resyncs: ReadonlyMap<string, number> };
  /** `names`, `nsids`, `deaths`, `processes`, `links`: whether each is up. */
  parts(): ReadonlyMap<string, boolean>;
  /** Null: unknown. */
  processesOf(entry: InventoryEntry): number | null;
}

/** Patterns as in the shell. Default all. */
export interface MetricsFilter {
  /** Of the label `netns`: what a namespace is called. */
  netns?: readonly string[] | undefined;
  /** Of the names of interfaces, in all namespaces. */
  device?: readonly string[] | undefined;
}

export interface MetricsOptions {
  /** What is told of, and nothing else. */
  include?: MetricsFilter | undefined;
  /** What is left out, also of what is included. */
  exclude?: MetricsFilter | undefined;
  /** Also sandboxes that have `lo` alone, and more counters. Default false. */
  all?: boolean | undefined;
  /** Names in this directory stand alone, others as paths. Default that of ip(8). */
  directory?: string | undefined;
  /** The version of nlink. */
  version?: string | undefined;
}
