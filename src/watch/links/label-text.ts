/**
 * What a namespace is called where its links are told of: its name, else the word for one's own,
 * else whose it is, else a number that tells it from others. As it is: nothing is escaped. Pure, so
 * that the page calls them the same.
 */
import { ownerLabel } from '../../netns/processes/owner-label.ts';
import type { ProcessOwner } from '../../netns/processes/process-owner.ts';

/** What of a namespace tells how it is called: of `LinkNamespace`, or of its JSON. */
export interface Labelled {
  namespace: { ino: bigint | string } | null;
  number: number | null;
  nsid: number | null;
  names: readonly { name: string; path: string; directory: string }[];
  own: boolean;
  owner: ProcessOwner | null;
  pids: readonly number[];
}

/** As `nlink list` calls it; no name is printed so, since one with a space is quoted. */
const OWN = '(this namespace)';

/** @param directory a name in it stands alone, one in another as its path */
export function labelText(netns: Labelled, directory: string): string {
  const { names, own, owner } = netns;
  const [name] = names;
  if (name !== undefined) return name.directory === directory ? name.name : name.path;
  if (own) return OWN;
  return owner === null ? numberText(netns) : ownerLabel(owner);
}

/** By a number: the first that is known. The last is this watcher's alone. */
export function numberText({ namespace, nsid, pids: [pid], number }: Labelled): string {
  if (namespace !== null) return `inode:${namespace.ino}`;
  if (nsid !== null) return `nsid:${nsid}`;
  if (pid !== undefined) return `pid:${pid}`;
  return number === null ? '?' : `number:${number}`;
}
