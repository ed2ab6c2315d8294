/** A kernel that does not know the attribute by which another namespace is meant. */
import { NlinkError } from '../errors.ts';

/** @param since the first Linux that knows it */
export function targetIgnored(what: string, since: string): NlinkError {
  return new NlinkError(
    'ERR_NLINK_UNSUPPORTED_KERNEL',
    `this kernel cannot be asked for the ${what} of another namespace: that needs Linux ${since} or later`,
  );
}
