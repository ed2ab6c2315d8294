/** Rows with all processes, whose they may be, and all namespaces that they are in. */
import { namespaceKey } from '../../../netns/identity/identity.ts';
import { inhabited, isStillInhabited } from './inhabited.ts';
import type { FoundRows, Named } from './listed.ts';
import { matched } from './matched.ts';
import type { Lead, Matches } from './matched.ts';
import type { Entry, Ids } from './named-ids.ts';
import { inhabitantsOf, rowOf, unnamedRows } from './row.ts';
import type { Inhabitants } from './row.ts';

export async function rowsByInhabited({
  entries,
  ids,
  own,
  connection,
  wanted,
  io,
}: Named): Promise<FoundRows> {
  const itself = { own, ownId: ids.own };
  const found = await io.calls.inhabitedNamespaces(wanted.proc);
  const { hidden, outside, processes } = found.unseen;
  const complete = !hidden && !outside && processes === 0;
  const groups = await inhabited({ found, complete, connection, itself, io });
  const leads = entries.flatMap((entry) => leadOf(entry, ids));
  const matches = await matched(leads, groups, { procfs: found.procfs, connection, io });
  const rows = entries.map((entry) => {
    const inside = inhabitantsBy(entry, matches, complete);
    return rowOf(entry, ids.of.get(entry) ?? null, own, inside);
  });
  const named = new Set(matches.of.values());
  const doubtful = new Set([...matches.possible.values()].flat());
  const unnamed = groups
    .filter((group) => !named.has(group) && isStillInhabited(group))
    .map((known) => ({ known, mayBeNamed: doubtful.has(known) }));
  rows.push(...unnamedRows(ids.nameless, unnamed, itself));
  return { rows, unseen: () => found.unseen, whyMayBeNamed: matches.why };
}

function leadOf(entry: Entry, ids: Ids): Lead[] {
  if (!entry.ready) return [];
  const nsid = ids.unknown.has(entry) ? undefined : (ids.of.get(entry) ?? null);
  return [{ path: entry.path, namespace: entry.namespace, nsid }];
}

function inhabitantsBy(entry: Entry, { of, possible }: Matches, complete: boolean): Inhabitants | null {
  if (!entry.ready) return null;
  const key = namespaceKey(entry.namespace);
  const group = of.get(key);
  if (group !== undefined) return group;
  // None is said only where all were looked at, and nobody else's may be in it.
  const isEmpty = complete && !possible.has(key);
  const byThread = possible.has(key) ? null : 0;
  return inhabitantsOf({ processes: isEmpty ? 0 : null, processesComplete: isEmpty, byThread });
}
