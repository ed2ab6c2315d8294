/**
 * Every network namespace that something in /proc or a directory of names leads to, each once, with
 * a path by which it can be asked: for finding one of which only a number is known. The kernel has
 * no such list before Linux 6.19 (listns(2)).
 */
import type { InspectionSystem } from '../../sys/inspection.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { procfsAt } from '../processes/procfs.ts';
import { Leads } from './leads.ts';

/** A namespace, and what leads to it for now. */
export interface DiscoveredNamespace {
  namespace: NamespaceId;
  path: string;
}

/**
 * Walks until `isWanted` says yes, from what is likely and cheap to what is not (leads.ts).
 * @param isWanted asked once for each namespace
 * @param proc where procfs is mounted
 * @returns the one that was wanted; null: nothing leads to it that this process may see
 */
export async function discover(
  system: InspectionSystem,
  directories: readonly string[],
  isWanted: (living: DiscoveredNamespace) => Promise<boolean>,
  proc = '/proc',
): Promise<DiscoveredNamespace | null> {
  const leads = new Leads(system, procfsAt(proc));
  const asked = new Set<bigint>();
  for await (const lead of leads.of(directories)) {
    const namespace = leads.identify(lead);
    if (namespace === null || asked.has(namespace.ino)) continue;
    asked.add(namespace.ino);
    const living = { namespace, path: lead.path };
    if (await isWanted(living)) return living;
  }
  return null;
}
