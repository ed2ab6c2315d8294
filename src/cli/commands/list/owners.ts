/**
 * Whose the namespaces of `nlink list` are: the container or unit of the first process in each that
 * has one.
 */
import type { ProcessesByNamespace } from '../../../netns/processes/processes-by-namespace.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { ProcessOwner } from '../../../netns/processes/process-owner.ts';
import type { NamespaceCalls } from '../../host/library-calls.ts';

/** A row with its owner; null: nobody is in it, or nobody knows. */
export type Owned<Row> = Row & { owner: ProcessOwner | null };

/** Fills them in. @param census null: processes were not looked at */
export async function findOwners(
  rows: readonly Owned<{ namespace: NamespaceId | null }>[],
  census: ProcessesByNamespace | null,
  { ownerOf }: Pick<NamespaceCalls, 'ownerOf'>,
): Promise<void> {
  if (census === null) return;
  const { namespaces, procfs } = census;
  for (const row of rows) {
    const found = row.namespace === null ? undefined : namespaces.get(row.namespace.ino);
    if (found !== undefined && found.dev === row.namespace?.dev)
      row.owner = await ownerOf(found.pids, procfs.path);
  }
}
