/**
 * What a namespace is called where its links are told of: its name, else the word for one's own,
 * else whose it is, else a number that tells it from others. As it is: nothing is escaped.
 */
import { namespaceKey } from '../../netns/identity/identity.ts';
import { ownerLabel } from '../../netns/processes/owner-label.ts';
import type { LinkNamespace } from './link-types.ts';

/** As `nlink list` calls it; no name is printed so, since one with a space is quoted. */
const OWN = '(this namespace)';

/** @param directory a name in it stands alone, one in another as its path */
export function labelText(netns: LinkNamespace, directory: string): string {
  const { names, own, owner } = netns;
  const [name] = names;
  if (name !== undefined) return name.directory === directory ? name.name : name.path;
  if (own) return OWN;
  return owner === null ? numberText(netns) : ownerLabel(owner);
}

/** By a number: the first that is known. The last is this watcher's alone. */
export function numberText({ namespace, nsid, pids: [pid], number }: LinkNamespace): string {
  if (namespace !== null) return `inode:${namespace.ino}`;
  if (nsid !== null) return `nsid:${nsid}`;
  if (pid !== undefined) return `pid:${pid}`;
  return number === null ? '?' : `number:${number}`;
}

/** That of a namespace with this number. */
export const numberKey = (number: number): string => `number ${number}`;

/** The same for two that are one namespace, as one watcher tells of them. */
export function keyOf({ number, namespace, own, nsid }: LinkNamespace): string {
  if (number !== null) return numberKey(number);
  if (namespace !== null) return namespaceKey(namespace);
  return own ? 'own' : `nsid ${nsid}`;
}
