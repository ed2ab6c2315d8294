/**
 * What `nlink wait` waits for. Takes the state at the start and then each event, and knows for
 * which names the condition holds.
 */
import type { LifeSource } from '../../host/io.ts';
import type { InventoryEntry, UnifiedEvent } from '../../../watch/unified/unified-events.ts';

export interface Condition {
  /** Takes what is there at the start. @throws Error with a `code` if it can never be known */
  begin(namespaces: readonly InventoryEntry[], source: LifeSource): Promise<void> | void;
  /** @throws Error with a `code` if it can never be known any more */
  apply(event: UnifiedEvent): void;
  /** Whether it holds for a name. */
  met(name: string): boolean;
  /** Why it does not hold for a name, as a clause. */
  why(name: string): string;
  /** What is known of a name, for JSON. */
  fields(name: string): object;
}
