/**
 * What JSON lines and documents have in common: names, identities and reasons as the fields of an
 * object, always in the same order. 64-bit numbers are strings in decimal, since JSON readers make
 * floating point numbers of numbers.
 */
import { hasRawBytes } from './escape.ts';
import type { NamespaceId } from '../netns/identity/identity.ts';
import { encodeName } from '../reference/names.ts';
import type { LocatedName } from '../watch/unified/unified-events.ts';
import type { NotReadyReason } from '../netns/identity/observe.ts';
import type { NameVerdict } from '../netns/diagnosis/verdict.ts';

/**
 * A name as the fields of an object. A byte that is not UTF-8 stands in it as a lone surrogate,
 * which few JSON readers keep: then the bytes as well.
 */
export function named({ name, path }: { name: string; path: string }): {
  name: string;
  rawName?: string;
  path: string;
} {
  if (!hasRawBytes(name)) return { name, path };
  return { name, rawName: encodeName(name).toString('hex'), path };
}

/** A name as the fields of an object, with its directory. */
export const located = (name: LocatedName): object => ({ ...named(name), directory: name.directory });

/** Why a name is not ready, as the fields of an object; `verdict` where it was asked for. */
export function reasonFields({
  reason,
  verdict,
}: {
  reason: NotReadyReason;
  verdict?: NameVerdict | null;
}): object {
  if (verdict === undefined || verdict === null) return { reason };
  const { side, removable, unseen, mountedIn, file } = verdict;
  const places = mountedIn.map(({ pid, comm, owner, mountNamespace, host, own, ...place }) => {
    const { mountPoint, holder, namespace } = place;
    const inode = mountNamespace === null ? null : String(mountNamespace);
    return { pid, comm, owner, mountNamespace: inode, host, own, mountPoint, holder, namespace };
  });
  const mode = file.mode.toString(8).padStart(4, '0');
  return { reason, verdict: { side, removable, unseen, mountedIn: places, file: { ...file, mode } } };
}

/** The identity of a namespace as the fields of an object. */
export function identityFields(
  namespace: NamespaceId | null,
): Record<keyof NamespaceId, string | null> | null {
  if (namespace === null) return null;
  const { id, dev, ino, since } = namespace;
  return { id: id === null ? null : String(id), dev: String(dev), ino: String(ino), since: String(since) };
}
