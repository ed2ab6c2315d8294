/** An entry of the inventory, as links tell of namespaces. */
import type { LinkNamespace } from '../links/link-types.ts';
import type { InventoryEntry } from './unified-events.ts';

/** The namespace of an entry, as events of links have it. */
export const linkNamespaceOf = ({
  namespace,
  nsid,
  names,
  own,
  ...known
}: InventoryEntry): LinkNamespace => ({
  namespace,
  number: known.number ?? null,
  nsid,
  names,
  own,
  owner: known.owner ?? null,
  pids: known.pids ?? [],
});
