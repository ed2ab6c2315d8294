/**
 * Gives a network namespace one more name, with the system calls of `ip netns attach`
 * (ip-netns(8)): a new file, on which the namespace of a process, or of another name, is mounted.
 * All or nothing.
 */
import type { DirectoryOptions } from '../../reference/directory.ts';
import { cPath } from '../../reference/names.ts';
import { checkReference } from '../../reference/reference.ts';
import type { CheckedReference, NamespaceReference } from '../../reference/reference.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';
import { holdNamespace } from '../identity/held.ts';
import type { NamespaceId } from '../identity/identity.ts';
import { makeName } from './new-name.ts';
import { Observer } from '../identity/observe.ts';
import { namespaceFile } from './target.ts';
import type { NamespaceFile, NamespaceTarget } from './target.ts';

/**
 * Gives a network namespace one more name, as `ip netns attach` does: from then on the namespace
 * lives without the process. Directory, propagation and `{ path }` are as for `createNamespace`. A
 * failure leaves no name behind.
 *
 * The namespace is opened once, at the start, and that one is mounted, even if the process ends,
 * its number goes to another process, or a link is changed meanwhile.
 *
 * Needs CAP_SYS_ADMIN in the user namespace that owns this mount namespace; for the namespace of
 * another user's process also CAP_SYS_PTRACE (ptrace(2), PTRACE_MODE_READ_FSCREDS). Linux 3.19;
 * `id` of the identity since 6.18.
 * @param target the new name, or `{ path }`
 * @param reference the namespace: a name, `{ path }`, `{ pid }` or `{ fd }`; a descriptor stays the
 *   caller's
 * @param options `directory`: of the new name, and of the one in `reference`
 * @returns the identity of the namespace
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`,
 *   `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`)
 * @throws SystemError `EEXIST` (the name is taken; of several who make it at once one alone
 *   succeeds), `ENOENT` (no such process, name or path; the directory's parent is missing), `EPERM`
 *   (no privilege), `EACCES` (another user's process), `EBADF` (`{ fd }` is not open), …
 */
export async function attachNamespace(
  target: NamespaceTarget,
  reference: NamespaceReference,
  options: DirectoryOptions = {},
): Promise<NamespaceId> {
  const file = namespaceFile(target, options);
  return attach(linux(), file, checkReference('reference', reference, options.directory));
}

/** {@link attachNamespace} with other system calls. */
export async function attach(
  system: System,
  file: NamespaceFile,
  reference: CheckedReference,
): Promise<NamespaceId> {
  const held = holdNamespace(system, new Observer(system), reference);
  try {
    const source = cPath(`/proc/self/fd/${held.fd}`);
    return await makeName(system, file, (bind) => bind(source, () => held.namespace));
  } finally {
    held.release();
  }
}
