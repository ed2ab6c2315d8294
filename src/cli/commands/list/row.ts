/** A row of `nlink list`: a name, or a namespace that has none, with what is known of it. */
import type { LocatedName } from '../../../netns/names/entry.ts';
import { sameLiving } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../../netns/identity/observe.ts';
import type { NameVerdict } from '../../../netns/diagnosis/verdict.ts';
import type { ProcessOwner } from '../../../netns/processes/process-owner.ts';
import type { Entry, Ids } from './named-ids.ts';

/** How many are in a namespace, as far as was seen. */
export interface Counted {
  /**
   * How many processes are in it, as far as was seen; null: none was seen, and there may be some,
   * or they were not counted.
   */
  processes: number | null;
  /** Whether there are no more of them than those; null: they were not counted. */
  processesComplete: boolean | null;
  /**
   * How many more are in it by another thread than the main one; null: nobody looked, since there
   * are others.
   */
  byThread: number | null;
}

/** Those and who they are. */
export interface Inhabitants extends Counted {
  /** The container or unit of the first process that has one; null: nobody is in it, or knows. */
  owner: ProcessOwner | null;
  /** The first processes in it, then threads; none where they were only counted. */
  pids: readonly number[];
  /** Whether there is nothing in it but `lo`; null: not known. */
  loOnly: boolean | null;
}

/** What is known of a namespace, whatever stands for it. */
export interface Known extends Inhabitants {
  /** Its id here; null: none, or none that is known. */
  nsid: number | null;
  /** Whether it is the namespace of this process. */
  own: boolean;
  /**
   * Null: a name that is not ready, an id of which nothing more is known, or processes that may not
   * be looked at.
   */
  namespace: NamespaceId | null;
}

/** A name, or a namespace that has none. */
export type ListRow = Known &
  (
    | ({ ready: true } & LocatedName)
    | ({ ready: false; reason: NotReadyReason; verdict: NameVerdict | null } & LocatedName)
    /** `mayBeNamed`: nobody can tell whether it is that of one of the names. */
    | { name: null; mayBeNamed: boolean }
  );

const UNCOUNTED: Counted = { processes: null, processesComplete: null, byThread: null };

/** Of a namespace in which nobody was looked for, or only counted. */
export const inhabitantsOf = ({ processes, processesComplete, byThread }: Counted): Inhabitants => ({
  processes,
  processesComplete,
  byThread,
  owner: null,
  pids: [],
  loOnly: null,
});

/** One's own lives while one asks. */
const isOwn = (found: NamespaceId | null, own: NamespaceId | null): boolean =>
  found !== null && own !== null && sameLiving(found, own);

/**
 * Of a name.
 * @param inhabitants null: nobody was looked for
 */
export function rowOf(
  entry: Entry,
  nsid: number | null,
  ownNamespace: NamespaceId | null,
  inhabitants: Inhabitants | null,
): ListRow {
  const { name, path, directory, namespace } = entry;
  const own = isOwn(namespace, ownNamespace);
  if (!entry.ready) {
    const { reason, verdict = null } = entry;
    const known = { name, path, directory, nsid, own, ...inhabitantsOf(UNCOUNTED) };
    return { ...known, ready: false, reason, verdict, namespace: null };
  }
  const { processes, processesComplete, byThread, owner, pids, loOnly } =
    inhabitants ?? inhabitantsOf(UNCOUNTED);
  return {
    name,
    path,
    directory,
    nsid,
    own,
    processes,
    processesComplete,
    byThread,
    owner,
    pids,
    loOnly,
    ready: true,
    namespace: entry.namespace,
  };
}

/** A namespace that no name stands for, as far as one knows. */
export interface Unnamed {
  known: Known;
  mayBeNamed: boolean;
}

/**
 * Rows of what has no name: those with an nsid in its order, then the others.
 * @param nameless the nsids that no name has
 */
export function unnamedRows(
  nameless: readonly number[],
  unnamed: readonly Unnamed[],
  { own, ownId }: { own: NamespaceId | null; ownId: Ids['own'] },
): ListRow[] {
  const byId = new Map(unnamed.map((one) => [one.known.nsid, one]));
  const rows = nameless.map((nsid): ListRow => {
    const found = byId.get(nsid);
    if (found !== undefined) return unnamedRow(found);
    const isOwn = nsid === ownId;
    const namespace = isOwn ? own : null;
    return {
      name: null,
      mayBeNamed: false,
      nsid,
      own: isOwn,
      namespace,
      ...inhabitantsOf(UNCOUNTED),
    };
  });
  const listed = new Set<number | null>(nameless);
  for (const one of unnamed)
    if (one.known.nsid === null || !listed.has(one.known.nsid)) rows.push(unnamedRow(one));
  return rows;
}

function unnamedRow({ known, mayBeNamed }: Unnamed): ListRow {
  const { nsid, own, namespace, processes, processesComplete, byThread, owner, pids, loOnly } = known;
  const counted = { processes, processesComplete, byThread };
  return { name: null, mayBeNamed, nsid, own, namespace, ...counted, owner, pids, loOnly };
}
