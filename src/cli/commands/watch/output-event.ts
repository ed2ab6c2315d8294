/** What `nlink watch` prints a line of: an event, or what was there at the start. */
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../../netns/identity/observe.ts';
import type { NameVerdict } from '../../../netns/diagnosis/verdict.ts';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../../watch/unified/unified-events.ts';

/** A name that was there at the start, with what is known of its namespace. */
type PresentName = LocatedName & {
  type: 'present';
  nsid: number | null;
  /** Whether it is the namespace that the watcher is in. */
  own: boolean;
} & (
    | { ready: true; namespace: NamespaceId }
    | { ready: false; namespace: null; reason: NotReadyReason; verdict?: NameVerdict }
  );

/** A namespace that has an id, and no name in the directories. */
interface PresentNsid {
  type: 'present';
  name: null;
  nsid: number | null;
  own: boolean;
  /** Known only of the one that the watcher is in. */
  namespace: NamespaceId | null;
}

export type Present = PresentName | PresentNsid;
export type OutputEvent = UnifiedEvent | Present;

/** One for each name; one for a namespace without any. */
export function presentOf({ namespace, nsid, names, own }: InventoryEntry): Present[] {
  const type = 'present';
  if (names.length === 0) return [{ type, name: null, nsid, own, namespace }];
  return names.map(({ name, path, directory, ...state }): Present => {
    const located = { type, name, path, directory, nsid, own } as const;
    if (!state.ready) return { ...located, namespace: null, ...state };
    // Whatever is ready has one.
    return { ...located, ready: true, namespace: namespace as NamespaceId };
  });
}
