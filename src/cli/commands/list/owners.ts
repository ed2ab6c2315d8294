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

/** @param census null: processes were not looked at */
export async function withOwners<Row extends { namespace: NamespaceId | null }>(
  rows: readonly Row[],
  census: ProcessesByNamespace | null,
  { ownerOf }: Pick<NamespaceCalls, 'ownerOf'>,
): Promise<Owned<Row>[]> {
  const owned: Owned<Row>[] = [];
  for (const row of rows) {
    const found = row.namespace === null ? undefined : census?.namespaces.get(row.namespace.ino);
    const pids = found?.dev === row.namespace?.dev ? found?.pids : undefined;
    owned.push({ ...row, owner: pids === undefined ? null : await ownerOf(pids, census?.procfs.path) });
  }
  return owned;
}
