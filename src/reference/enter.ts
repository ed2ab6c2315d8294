/**
 * Entering the namespace that a reference stands for (setns(2)), there and back; and what it means
 * that a file could be opened and not entered.
 */
import { notANamespace } from '../errors.ts';
import type { SystemError } from '../sys/errno.ts';
import type { System } from '../sys/system.ts';
import { referenceName, withOpened } from './reference.ts';
import type { CheckedReference } from './reference.ts';
import { inNamespace } from './round-trip.ts';

/**
 * Calls `work` with the calling thread in the namespace; all that holds of {@link inNamespace}
 * holds here.
 * @throws NlinkError `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_NO_RETURN`
 * @throws SystemError as {@link withOpened} and {@link inNamespace}; and what `work` throws
 */
export function withNamespace<T>(
  system: System,
  reference: CheckedReference,
  work: () => T,
  abort?: () => never,
): T {
  return withOpened(system, reference, (fd) => {
    try {
      return inNamespace(system, fd, work, abort);
    } catch (error) {
      throw entryError(error, reference);
    }
  });
}

/** The error of an attempt to enter, as one that says what the file is not, if that is why. */
export function entryError(error: unknown, reference: CheckedReference): unknown {
  const { code, syscall } = error as SystemError;
  if (code !== 'EINVAL' || syscall !== 'setns') return error;
  return notANamespace(referenceName(reference), undefined, error);
}
