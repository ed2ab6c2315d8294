/**
 * A network namespace that is held open while something is compared with it: its inode number
 * cannot be used again meanwhile, and its inode keeps its times (nsfs has no memory of an inode
 * that nothing refers to).
 */
import { notANamespace } from '../../errors.ts';
import { cPath } from '../../reference/names.ts';
import { openNamespace, referenceName } from '../../reference/reference.ts';
import type { CheckedReference } from '../../reference/reference.ts';
import { errno, systemError } from '../../sys/errno.ts';
import type { System } from '../../sys/system.ts';
import type { NamespaceId } from './identity.ts';
import type { Observation, Observer } from './observe.ts';

export interface HeldNamespace {
  namespace: NamespaceId;
  /** What it is open on, until {@link release}. */
  fd: number;
  /** To be called once: an open namespace stays alive. */
  release: () => void;
}

/**
 * Opens what is meant, if it is a network namespace.
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`
 * @throws SystemError `ENOENT` (no such name, path or process), `EACCES` (another user's process),
 *   `EBADF`, `EMFILE`, …
 */
export function holdNamespace(
  system: System,
  observer: Observer,
  reference: CheckedReference,
): HeldNamespace {
  const path = referenceName(reference);
  if (!('pid' in reference)) refuseOthers(observer, reference, path);
  const fd = openNamespace(system, path);
  try {
    // Of what was opened, since the path may lead elsewhere by now.
    const found = observer.observe(cPath(`/proc/self/fd/${fd}`), true);
    if (found.kind !== 'namespace') throw refusal(path, found);
    return { namespace: found.namespace, fd, release: () => system.close(fd) };
  } catch (error) {
    system.close(fd);
    throw error;
  }
}

/**
 * Before anything is opened: opening a device may have effects, and the stale file of a name (mode
 * 0) would be refused to an ordinary user as if rights were what is missing.
 */
function refuseOthers(observer: Observer, reference: CheckedReference, path: string): void {
  const found = observer.observe(cPath(path), true);
  if (found.kind === 'missing' && 'fd' in reference)
    throw systemError(errno.EBADF, 'open', path, 'no descriptor of this number is open');
  if (found.kind === 'directory') throw refusal(path, found);
  // Of a link to nothing, or to what may not be looked at, the open will say more.
  if (found.kind === 'file' && (found.reason === 'not-a-namespace' || found.reason === 'wrong-type'))
    throw refusal(path, found);
}

function refusal(path: string, found: Observation): Error {
  const otherKind = found.kind === 'file' && found.reason === 'wrong-type';
  return notANamespace(
    path,
    otherKind ? 'a namespace of another kind' : 'no namespace is mounted on it here',
  );
}
