/**
 * What `nlink wait` waits for. Takes what is there and then each event, and knows for which names
 * it is so.
 */
import type { InventoryEntry, UnifiedEvent } from '../../../watch/unified/unified-events.ts';

export interface Condition {
  /** Takes what is there at the start. @throws Error with a `code` where it can never be told */
  begin(namespaces: readonly InventoryEntry[]): Promise<void> | void;
  /** @throws Error with a `code` where it can never be told any more */
  apply(event: UnifiedEvent): void;
  /** Whether it is so for a name. */
  met(name: string): boolean;
  /** Why it is not so, after the name. */
  why(name: string): string;
  /** What is known of a name, for JSON. */
  fields(name: string): object;
}
