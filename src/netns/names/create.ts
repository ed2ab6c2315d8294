/**
 * Makes a named network namespace with the system calls of `ip netns add` (ip-netns(8)), so that
 * each can use what the other made: a file, on which a new namespace is mounted, in a directory
 * whose mounts are shared. All or nothing.
 */
import { NlinkError } from '../../errors.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { cPath } from '../../reference/names.ts';
import { inNamespace, requireRoundTrip, THREAD_NAMESPACE } from '../../reference/round-trip.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { makeName } from './new-name.ts';
import { Observer } from '../identity/observe.ts';
import { namespaceFile } from './target.ts';
import type { NamespaceFile, NamespaceTarget } from './target.ts';

/**
 * Makes a network namespace with a new name, as `ip netns add` does. A failure leaves nothing
 * behind. The loopback device of a new namespace is down.
 *
 * A name is made in the directory of names, which is itself made if it is missing (mode 0755; not
 * its parents) and mounted on itself as a shared mount once, so that the namespaces appear in other
 * mount namespaces as well. With `{ path }` nothing but that file is made, and the mounts of its
 * directory stay as they are, unless it lies in the directory of `ip netns`.
 *
 * In a mount namespace whose mounts do not propagate (a program of `ip netns exec`, a unit with
 * PrivateMounts=, many containers) it succeeds too, but others see a name without a namespace.
 * `nlink add` says so.
 *
 * Needs CAP_SYS_ADMIN, and a network namespace that this process may return to: root, or `unshare
 * -Urnm`.
 * @returns the identity of the new namespace
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_NO_RETURN` (in `unshare -Ur` without `-n`), `ERR_NLINK_UNSUPPORTED_PLATFORM`,
 *   `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL`
 * @throws SystemError `EEXIST` (the name is taken; of several who make it at once one alone
 *   succeeds), `EPERM` (no privilege), `ENOENT` (the directory's parent is missing), `ENOSPC` (the
 *   message says what is full), …
 */
export async function createNamespace(
  target: NamespaceTarget,
  options: DirectoryOptions = {},
): Promise<NamespaceId> {
  return create(linux(), namespaceFile(target, options));
}

/** {@link createNamespace} with other system calls. `abort`: see {@link inNamespace}. */
export async function create(system: System, file: NamespaceFile, abort?: () => never): Promise<NamespaceId> {
  requireRoundTrip(system);
  const observer = new Observer(system);
  const own = cPath(THREAD_NAMESPACE);
  return makeName(system, file, (bind) => {
    const mountOwn = (): NamespaceId =>
      // Asked here: the name may be taken away again as soon as it is there. And only now: the
      // mount holds the inode.
      bind(own, () => {
        const found = observer.observe(own, true);
        if (found.kind === 'namespace') return found.namespace;
        throw new NlinkError(
          'ERR_NLINK_UNSUPPORTED_KERNEL',
          `${THREAD_NAMESPACE} does not say which namespace it is`,
        );
      });
    return inNamespace(system, 'new', mountOwn, abort);
  });
}
