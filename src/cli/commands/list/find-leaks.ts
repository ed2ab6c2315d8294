/**
 * Network namespaces that were forgotten, it seems. In none of them is a process; and either it has
 * no name, so that something else holds it, or nothing holds it but its names. With them the nsids
 * here to which nothing leads at all (seen-nsids.ts).
 */
import { namespaceKey } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { HeldNamespace } from '../../../netns/holders/holder-census.ts';
import type { Inspector } from '../../host/inspector.ts';
import type { Io } from '../../host/io.ts';
import { OWN } from '../shared/nsid-table.ts';
import { inhabited } from './inhabited.ts';
import { matched } from './matched.ts';
import { SeenNsids } from './seen-nsids.ts';

/** One of which the namespace is known, or its nsid alone. */
export type Leak = Pick<HeldNamespace, 'names' | 'holders'> &
  ({ namespace: NamespaceId; nsid: number | null } | { namespace: null; nsid: number });

interface Wanted {
  directories: readonly string[];
  proc: string;
  /** Whether this user may look at all that there is. */
  isComplete: boolean;
}

export async function findLeaks(
  inspector: Pick<Inspector, 'census'>,
  { directories, proc, isComplete }: Wanted,
  io: Io,
): Promise<Leak[]> {
  const nsids = await SeenNsids.open(io);
  try {
    let held = await inspector.census(directories, nsids.onLead);
    if ((await nsids.unseen(proc)).length > 0) {
      // A namespace may have come during the walk, with the nsid of one that has ended.
      nsids.askAgain();
      held = await inspector.census(directories, nsids.onLead);
    }
    const leaks = held.filter(isLeak);
    const known = isComplete ? leaks : await withoutInhabited(leaks, nsids, proc, io);
    const unseen = await nsids.unseen(proc);
    return [
      ...known.map(({ names, holders, namespace }) => {
        return { names, holders, namespace, nsid: nsids.of(namespace) ?? null };
      }),
      ...unseen.map((nsid) => ({ names: [], holders: [], namespace: null, nsid })),
    ];
  } finally {
    nsids.close();
  }
}

const isLeak = ({ inhabited: hasProcess, names, holders }: HeldNamespace): boolean =>
  !hasProcess && (names.length === 0 || holders.length === 0);

/** Without the names of namespaces that processes of others are in, as far as one can tell. */
async function withoutInhabited(
  leaks: readonly HeldNamespace[],
  nsids: SeenNsids,
  proc: string,
  io: Io,
): Promise<readonly HeldNamespace[]> {
  const leads = leaks.flatMap(({ names: [name], namespace }) =>
    name === undefined ? [] : [{ path: name.path, namespace, nsid: nsids.of(namespace) }],
  );
  if (leads.length === 0) return leaks;
  const found = await io.calls.inhabitedNamespaces(proc);
  const own = await io.calls.identityAt(OWN);
  const itself = { own, ownId: own === null ? null : (nsids.of(own) ?? null) };
  const { connection } = nsids;
  const groups = await inhabited({ found, complete: false, connection, itself, io });
  const { of } = await matched(leads, groups, { procfs: found.procfs, connection, io });
  return leaks.filter(({ namespace }) => !of.has(namespaceKey(namespace)));
}
