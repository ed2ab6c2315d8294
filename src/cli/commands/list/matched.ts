/**
 * Which of the namespaces that processes are in are those of the names. An ordinary user may look
 * behind every name, and not behind another's process.
 *
 * | what is known of both                            | they are      |
 * | ------------------------------------------------ | ------------- |
 * | the identity (netns/identity/)                   | told by it    |
 * | a number in a table of nlink's own, equal or not | told by it    |
 * | an nsid here, equal                              | one           |
 * | an nsid here, or none, not equal                 | two           |
 * | else                                             | nobody knows  |
 *
 * The table (netlink/common-numbers.ts) costs a child process for those who may make no namespace,
 * and is made only where something is left to be told.
 */
import { namespaceKey, sameLiving } from '../../../netns/identity/identity.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { Procfs } from '../../../netns/processes/procfs.ts';
import type { Io, NsidConnection } from '../../host/io.ts';
import { isStillInhabited } from './inhabited.ts';
import type { Inhabited } from './inhabited.ts';

/** A name, as far as it leads to a namespace. */
export interface Lead {
  path: string;
  namespace: NamespaceId;
  /** Null: it has none. Undefined: it could not be asked for. */
  nsid: number | null | undefined;
}

/** Which are one, by the `namespaceKey` of names. */
export interface Matches {
  of: ReadonlyMap<string, Inhabited>;
  /** What else may be a name's, and nobody knows. */
  possible: ReadonlyMap<string, readonly Inhabited[]>;
  /** Why there are any of those; empty where there is none. */
  why: string;
}

/** So many of a group's processes are numbered: one is needed, and it may end before. */
const MOST_ASKED = 3;

interface Asking {
  procfs: Procfs;
  /** Null: no nsid can be asked for. */
  connection: Pick<NsidConnection, 'getNsids'> | null;
  io: Pick<Io, 'calls'>;
}

/** Matches names with what was looked into since their nsids were asked for. */
export async function matched(
  names: readonly Lead[],
  groups: readonly Inhabited[],
  { procfs, connection, io }: Asking,
): Promise<Matches> {
  const isTold = groups.every(({ namespace }) => namespace !== null);
  const leads = byNamespace(isTold ? names : await asBefore(names, connection));
  const of = matchedByIds(leads, groups);
  const taken = new Set(of.values());
  const strangers = groups.filter((group) => group.namespace === null && !taken.has(group));
  const open = [...leads].filter(
    ([key, lead]) => !of.has(key) && strangers.some((group) => mayBe(lead, group)),
  );
  if (open.length === 0) return { of, possible: new Map(), why: '' };
  const unsure = strangers.filter((group) => open.some(([, lead]) => mayBe(lead, group)));
  const { numbers, why } = await numbered(
    open.map(([, lead]) => lead),
    unsure,
    procfs,
    io,
  );
  for (const [key, lead] of open) {
    const number = numbers.get(lead);
    const same = number === undefined ? undefined : unsure.find((group) => numbers.get(group) === number);
    if (same !== undefined) of.set(key, same);
  }
  const known = new Set(of.values());
  const left = unsure.filter((group) => !known.has(group) && isStillInhabited(group));
  const possible = new Map<string, readonly Inhabited[]>();
  for (const [key, lead] of open) {
    // Two that have a number each are two.
    const its = left.filter((group) => mayBe(lead, group) && !(numbers.has(lead) && numbers.has(group)));
    if (!of.has(key) && its.length > 0) possible.set(key, its);
  }
  return { of, possible, why: possible.size === 0 ? '' : why };
}

/**
 * With the nsids alone that are the same as before: so they were the same when a group was asked
 * for its own.
 */
async function asBefore(names: readonly Lead[], connection: Asking['connection']): Promise<readonly Lead[]> {
  const now = connection === null ? [] : await connection.getNsids(names.map(({ path }) => ({ path })));
  return names.map(({ path, namespace, nsid }, at) => {
    return { path, namespace, nsid: now[at] === nsid ? nsid : undefined };
  });
}

/** One name of each namespace, with its nsid where any has that. */
function byNamespace(names: readonly Lead[]): ReadonlyMap<string, Lead> {
  const leads = new Map<string, Lead>();
  for (const name of names) {
    const key = namespaceKey(name.namespace);
    if (leads.get(key)?.nsid === undefined) leads.set(key, name);
  }
  return leads;
}

function matchedByIds(
  leads: ReadonlyMap<string, Lead>,
  groups: readonly Inhabited[],
): Map<string, Inhabited> {
  const of = new Map<string, Inhabited>();
  const byInode = new Map(groups.map((group) => [group.namespace?.ino, group]));
  const byNsid = new Map(groups.filter(({ nsid }) => nsid !== null).map((group) => [group.nsid, group]));
  for (const [key, { namespace, nsid = null }] of leads) {
    const known = byInode.get(namespace.ino);
    const living = known?.namespace ?? null;
    const group = living !== null && sameLiving(living, namespace) ? known : byNsid.get(nsid);
    if (group !== undefined) of.set(key, group);
  }
  return of;
}

/** One has no nsid here and the other has, or they have different ones: they are two. */
const mayBe = ({ nsid }: Lead, group: Inhabited): boolean =>
  nsid === undefined || !group.hasNsidAnswer || nsid === group.nsid;

/** In a table of nlink's own; what has changed meanwhile has no number. */
async function numbered(
  leads: readonly Lead[],
  groups: readonly Inhabited[],
  { own, path: proc }: Procfs,
  { calls }: Pick<Io, 'calls'>,
): Promise<{ numbers: ReadonlyMap<Lead | Inhabited, number>; why: string }> {
  const numbers = new Map<Lead | Inhabited, number>();
  // A number of another PID namespace would mean another process.
  if (!own) return { numbers, why: `${proc} numbers processes otherwise than this process does` };
  const asked = groups.flatMap((group) => group.pids.slice(0, MOST_ASKED).map((pid) => ({ group, pid })));
  let answers: readonly (number | null)[];
  try {
    answers = await calls.commonNumbers([
      ...leads.map(({ path }) => ({ path })),
      ...asked.map(({ pid }) => ({ pid })),
    ]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return { numbers, why: (error as Error).message };
  }
  for (const [at, lead] of leads.entries()) {
    const number = answers[at] ?? null;
    const now = number === null ? null : await calls.identityAt(lead.path);
    if (number !== null && now !== null && sameLiving(now, lead.namespace)) numbers.set(lead, number);
  }
  for (const [at, { group, pid }] of asked.entries()) {
    const number = answers[leads.length + at] ?? null;
    if (number !== null && !numbers.has(group) && group.stillHas(pid)) numbers.set(group, number);
  }
  return { numbers, why: 'some of them changed meanwhile, or may not be opened' };
}
