/**
 * The table of nsids in which links are read: it says which namespace of the inventory an nsid
 * there means. Types only.
 */
import type { GraphNamespace } from '../links/link-node.ts';
import type { LinkSockets } from '../links/link-watcher-options.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { UnifiedEvent } from './unified-events.ts';

export interface LinkTable {
  /** In the namespace with the table; the one who reads takes them over. */
  readonly sockets: LinkSockets;
  /** What stands for that namespace itself; null: nobody asks for it. */
  readonly self: number | null;
  /** Whether to hear of all namespaces with an nsid in the table. */
  readonly all: boolean;
  /** Calls for each namespace that is to be read, and from then on for each that comes. */
  follow(add: (nsid: number, number: number | null) => void): void;
  /** The nsid of a namespace; null: it has none. */
  nsidOf(record: NamespaceRecord): number | null;
  /** Undefined: it is none of the inventory's. */
  recordOf(namespace: GraphNamespace): NamespaceRecord | undefined;
  /** Whether an nsid is that of the namespace with the table. */
  isSelf(nsid: number): boolean;
  /** A link leads to a namespace with this nsid, which nobody knows. @returns its number */
  discover(nsid: number): number | null;
  /**
   * A namespace that was found by a link becomes an entry.
   * @returns what to emit; null: there is none
   */
  nextFound(): MaybePromise<UnifiedEvent[]> | null;
  /** The same of all, at once. */
  enterFound(): UnifiedEvent[];
  /**
   * A namespace died, by its number in the scratch table: it does not become an entry any more.
   * @returns its nsid here; null: it had none
   */
  died(number: number): number | null;
  /** Nobody reads any more. */
  close(): void;
}
