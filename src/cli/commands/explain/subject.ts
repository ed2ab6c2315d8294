/**
 * Which namespace `nlink explain` is about. Beside NAME|PATH|PID (target.ts) the numbers that
 * operators copy from elsewhere: an id as `nsid:7`, an inode as `net:[4026532178]` (readlink,
 * `nlink watch`), as `inode:4026532178` (`nlink links`), or bare, as lsns(8) prints it: no process
 * has so great a number.
 */
import { codedError } from '../../output/coded-error.ts';
import { splitPath } from '../../../reference/names.ts';
import { INT_MAX } from '../../../sys/limits.ts';
import { DEFAULT_DIRECTORY } from '../../../reference/directory.ts';
import { RTM_GETNSID } from '../../../netlink/constants.ts';
import { encodeNsidMessage } from '../../../netlink/nsid-message.ts';
import type { LocatedName } from '../../../netns/names/entry.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { NamespaceOwner } from '../../../netns/identity/owner.ts';
import type { NsidConnection, Io } from '../../host/io.ts';
import type { Inspector } from '../../host/inspector.ts';
import { shown } from '../../../format/escape.ts';
import { shellWord } from '../../../sys/shell-word.ts';
import { referenceOf, targetOf } from '../../args/target.ts';
import { explainTargetError } from '../shared/target-query.ts';
import type { Target } from '../../args/target.ts';

/** A number by which a namespace is meant. */
type Numbered = { nsid: number } | { ino: bigint };

/** A namespace, with what only something that leads to it can tell. */
export interface Subject {
  namespace: NamespaceId;
  /** Its nsid in the namespace that was asked; null: none, or nsids cannot be queried. */
  nsid: number | null;
  userNamespace: NamespaceOwner | null;
  /** The file that was given; null: it was meant otherwise. */
  given: LocatedName | null;
}

/**
 * An id that is assigned, so that its namespace is alive, although nothing leads to it that can be
 * seen.
 */
export interface Unreached {
  namespace: null;
  nsid: number;
}

/** Where it is looked for, and by what. */
export interface Lookup {
  directories: readonly [string, ...string[]];
  inspector: Inspector;
  /** Where procfs is mounted. */
  proc: string;
  /** The namespace whose nsids are meant, as it was given; null: that of this process. */
  table: string | null;
  /** Null where netlink cannot be had. */
  connection: NsidConnection | null;
}

/** @throws Error with a `code`: there is no such namespace, or it may not be looked at */
export async function subjectOf(word: string, lookup: Lookup, io: Io): Promise<Subject | Unreached> {
  const { directories, proc } = lookup;
  const number = numberOf(word);
  if (number !== null && !(await isName(word, directories, io))) return findNumbered(number, lookup);
  const target = await targetOf(word, directories, io);
  const path = 'pid' in target ? `${proc}/${target.pid}/ns/net` : target.path;
  const namespace = await identify(target, lookup, io);
  const given = 'pid' in target ? null : locatedAt(path);
  return { namespace, ...(await factsOf(path, lookup)), given };
}

/** Whatever is not a process's own link to it may be a name. */
function locatedAt(path: string): LocatedName | null {
  if (/^\/(?:.*\/)?proc\/(?:self|thread-self|\d+)\//.test(path)) return null;
  return { path, ...splitPath(path) };
}

/** Null: it is none of these. */
export function numberOf(word: string): Numbered | null {
  const nsid = /^nsid:(\d{1,10})$/.exec(word)?.[1];
  if (nsid !== undefined && Number(nsid) <= INT_MAX) return { nsid: Number(nsid) };
  const ino = (/^net:\[(\d{1,19})\]$/.exec(word) ??
    /^inode:(\d{1,19})$/.exec(word) ??
    /^(\d{1,19})$/.exec(word))?.[1];
  if (ino === undefined) return null;
  return !/^\d/.test(word) || BigInt(ino) > INT_MAX ? { ino: BigInt(ino) } : null;
}

/** Whether one of the directories has such a name. */
export async function isName(
  word: string,
  directories: readonly string[],
  io: Pick<Io, 'namespaceExists'>,
): Promise<boolean> {
  for (const directory of directories) if (await io.namespaceExists(word, { directory })) return true;
  return false;
}

type Facts = Pick<Subject, 'nsid' | 'userNamespace'>;

async function factsOf(path: string, { inspector, connection }: Lookup): Promise<Facts> {
  return { nsid: await nsidAt(path, connection), userNamespace: inspector.ownerOf(path) };
}

async function identify(target: Target, { inspector, proc }: Lookup, io: Io): Promise<NamespaceId> {
  return explainTargetError(target, io, async () => inspector.identify(referenceOf(target)), proc);
}

async function findNumbered(number: Numbered, lookup: Lookup): Promise<Subject | Unreached> {
  const { inspector, directories, connection } = lookup;
  if ('nsid' in number) {
    if (connection === null)
      throw codedError('ERR_NLINK_NETLINK_UNAVAILABLE', 'nsids are not available without netlink');
    // Asked again afterwards. One that comes meanwhile may be of a namespace that was passed by.
    if (!(await isAssigned(number.nsid, connection))) throw notAssigned(number.nsid, lookup);
  }
  let facts: Facts | null = null;
  const found = await inspector.find(directories, async ({ namespace, path }) => {
    if ('ino' in number ? namespace.ino !== number.ino : (await nsidAt(path, connection)) !== number.nsid)
      return false;
    // Now: what leads to it may be a descriptor that is closed when this returns.
    facts = await factsOf(path, lookup);
    return true;
  });
  if (found !== null && facts !== null)
    return { namespace: found.namespace, ...(facts as Facts), given: null };
  if ('ino' in number)
    throw codedError('ENOENT', `no network namespace net:[${number.ino}], or none that this user can see`);
  if (connection === null || !(await isAssigned(number.nsid, connection)))
    throw notAssigned(number.nsid, lookup);
  return { namespace: null, nsid: number.nsid };
}

/** Not by the kernel's list alone, which has an id until its namespace is cleaned up. */
async function isAssigned(nsid: number, connection: NsidConnection): Promise<boolean> {
  const payload = encodeNsidMessage({ family: 0, nsid });
  try {
    await connection.request({ type: RTM_GETNSID, payload });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    // Before Linux 5.0 a single id cannot be asked for.
    const { entries } = await connection.listNsids({ known: [nsid] });
    return entries.some((entry) => entry.nsid === nsid);
  }
}

const nsidAt = async (path: string, connection: NsidConnection | null): Promise<number | null> =>
  (await connection?.getNsid({ path }).catch(() => null)) ?? null;

function notAssigned(nsid: number, { table, directories }: Lookup): Error {
  const places = directories
    .filter((directory) => directory !== DEFAULT_DIRECTORY)
    .map((directory) => ` -d ${shellWord(directory)}`);
  const [where, command] =
    table === null
      ? ['this one', 'nlink ids']
      : [shown(table), `nlink ids --target ${shellWord(table)}${places.join('')}`];
  return codedError(
    'ENOENT',
    `no network namespace has nsid ${nsid} in ${where}; ${command} lists the assigned nsids`,
  );
}
