/**
 * Names that lead to no namespace, each an entry of the inventory. In a storm of files all events
 * are of these: nothing is made for one but what is kept and what is emitted.
 */
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { NotReadyReason } from '../../netns/identity/observe.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { InventoryEntry, LocatedName, UnifiedCreatedEvent } from './unified-events.ts';

/** A name without a namespace, as it is reported. */
export interface NotReadyName {
  name: string;
  path: string;
  reason: NotReadyReason;
  verdict?: NameVerdict;
}

interface Placeholder extends LocatedName {
  /** Why none stands behind it. */
  reason: NotReadyReason;
  /** The namespace that was unmounted from it; null: none is known. */
  lastRecord: NamespaceRecord | null;
  /** As that of a record. */
  order: number;
}

const entryOf = ({ name, path, directory, reason }: Placeholder): InventoryEntry => ({
  namespace: null,
  nsid: null,
  names: [{ name, path, directory, ready: false, reason }],
  own: false,
  lingering: false,
});

export class Placeholders {
  readonly #nextOrder: () => number;
  /** By path. */
  readonly #all = new Map<string, Placeholder>();

  /** @param nextOrder that of the newest entry of the inventory */
  constructor(nextOrder: () => number) {
    this.#nextOrder = nextOrder;
  }

  get(path: string): Placeholder | undefined {
    return this.#all.get(path);
  }

  add(
    { name, path, directory }: LocatedName,
    reason: NotReadyReason,
    lastRecord: NamespaceRecord | null,
  ): void {
    this.#add(name, path, directory, reason, lastRecord);
  }

  /** @returns what to emit */
  created({ name, path, reason, verdict }: NotReadyName, directory: string): UnifiedCreatedEvent {
    this.#add(name, path, directory, reason, null);
    const type = 'created';
    return verdict === undefined
      ? { type, name, path, directory, ready: false, reason, namespace: null, nsid: null }
      : { type, name, path, directory, ready: false, reason, verdict, namespace: null, nsid: null };
  }

  delete(path: string): void {
    this.#all.delete(path);
  }

  entries(): { order: number; entry: InventoryEntry }[] {
    return Array.from(this.#all.values(), (placeholder) => ({
      order: placeholder.order,
      entry: entryOf(placeholder),
    }));
  }

  #add(
    name: string,
    path: string,
    directory: string,
    reason: NotReadyReason,
    lastRecord: NamespaceRecord | null,
  ): void {
    this.#all.set(path, { name, path, directory, reason, lastRecord, order: this.#nextOrder() });
  }
}
