/**
 * Which namespace `nlink explain` is about. Beside NAME|PATH|PID (target.ts) the numbers that operators copy from elsewhere: an id as
 * `nsid:7`, an inode as `net:[4026532178]` (readlink, `nlink watch`) or bare, as lsns(8) prints it: no process has so great a number.
 */
import type { NamespaceId } from '../../netns/identity.ts';
import type { NamespaceOwner } from '../../netns/owner.ts';
import type { IdConnection, Io } from '../io.ts';
import type { Inspector } from '../inspector.ts';
import { referenceOf, targetOf, withMeaning } from '../target.ts';
import type { Target } from '../target.ts';

/** A number by which a namespace is meant. */
type Numbered = { nsid: number } | { ino: bigint };

/** The largest number of a process, or an id: an int in C. */
const INT_MAX = 2 ** 31 - 1;

/** A namespace, with what only something that leads to it can tell. */
export interface Subject {
  namespace: NamespaceId;
  /** Its id here; null: none, or ids cannot be asked for. */
  nsid: number | null;
  owner: NamespaceOwner | null;
}

/** Where it is looked for, and by what. */
export interface Sight {
  directories: readonly [string, ...string[]];
  inspector: Inspector;
  /** Null where netlink cannot be had. */
  connection: IdConnection | null;
}

/** @throws Error with a `code`: there is no such namespace, or it may not be looked at */
export async function subjectOf(word: string, sight: Sight, io: Io): Promise<Subject> {
  const { directories } = sight;
  const number = numberOf(word);
  if (number !== null && !(await isName(word, directories, io))) return findNumbered(number, sight);
  const target = await targetOf(word, directories, io);
  const path = 'pid' in target ? `/proc/${target.pid}/ns/net` : target.path;
  const namespace = await identify(target, sight, io);
  return { namespace, ...(await factsOf(path, sight)) };
}

function numberOf(word: string): Numbered | null {
  const nsid = /^nsid:(\d{1,10})$/.exec(word)?.[1];
  if (nsid !== undefined && Number(nsid) <= INT_MAX) return { nsid: Number(nsid) };
  const ino = (/^net:\[(\d{1,19})\]$/.exec(word) ?? /^(\d{1,19})$/.exec(word))?.[1];
  if (ino === undefined) return null;
  return word.startsWith('net:') || BigInt(ino) > INT_MAX ? { ino: BigInt(ino) } : null;
}

async function isName(word: string, directories: readonly string[], io: Io): Promise<boolean> {
  for (const directory of directories) if (await io.namespaceExists(word, { directory })) return true;
  return false;
}

async function factsOf(path: string, { inspector, connection }: Sight): Promise<Omit<Subject, 'namespace'>> {
  const nsid = (await connection?.getNsidForPath(path).catch(() => null)) ?? null;
  return { nsid, owner: inspector.ownerOf(path) };
}

async function identify(target: Target, { inspector }: Sight, io: Io): Promise<NamespaceId> {
  return withMeaning(target, io, async () => inspector.identify(referenceOf(target)));
}

async function findNumbered(number: Numbered, sight: Sight): Promise<Subject> {
  const { inspector, directories, connection } = sight;
  if ('nsid' in number && connection === null)
    throw failure('ERR_NLINK_NETLINK_UNAVAILABLE', 'ids cannot be asked for without netlink');
  let facts: Omit<Subject, 'namespace'> | null = null;
  const found = await inspector.find(directories, async ({ namespace, path }) => {
    if ('ino' in number ? namespace.ino !== number.ino : (await nsidAt(path, connection)) !== number.nsid)
      return false;
    // Now: what leads to it may be a descriptor that is closed when this returns.
    facts = await factsOf(path, sight);
    return true;
  });
  if (found !== null && facts !== null)
    return { namespace: found.namespace, ...(facts as Omit<Subject, 'namespace'>) };
  throw await notFound(number, connection);
}

const nsidAt = async (path: string, connection: IdConnection | null): Promise<number | null> =>
  (await connection?.getNsidForPath(path).catch(() => null)) ?? null;

async function notFound(number: Numbered, connection: IdConnection | null): Promise<Error> {
  const nobody = 'no name, process, descriptor, mount or socket that this user may look at leads to it';
  if ('ino' in number)
    return failure('ENOENT', `there is no network namespace net:[${number.ino}], or ${nobody}`);
  const { entries } = (await connection?.listNsids({ known: [number.nsid] })) ?? { entries: [] };
  if (entries.some(({ nsid }) => nsid === number.nsid))
    return failure('ENOENT', `the id ${number.nsid} is assigned here, but ${nobody}`);
  return failure(
    'ENOENT',
    `no network namespace has the id ${number.nsid} in this one; nlink ids lists those that are assigned`,
  );
}

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });
