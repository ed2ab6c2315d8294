/**
 * Runs a function with the calling thread in another network namespace and brings it back
 * (setns(2), unshare(2)). That is safe only because nothing else runs in between, and because the
 * return is checked before the thread leaves: entering a namespace and returning to one's own need
 * different rights.
 */
import { writeSync } from 'node:fs';
import { NlinkError } from '../errors.ts';
import { check, errno, errnoName, systemError } from '../sys/errno.ts';
import { CLONE_NEWNET } from '../sys/flags.ts';
import { namespacesFull } from '../sys/shortage.ts';
import type { System } from '../sys/system.ts';
import { cPath } from './names.ts';

/** The network namespace of the calling thread; that of the main thread is `/proc/self/ns/net`. */
export const THREAD_NAMESPACE = '/proc/thread-self/ns/net';

/** `CapEff` in proc_pid_status(5), and the bit of CAP_SYS_ADMIN in capabilities(7). */
const THREAD_STATUS = '/proc/thread-self/status';
const CAP_SYS_ADMIN = 21n;

/** The return fails only when memory is short: it is tried again for a second in all. */
const ATTEMPTS = 100;
const PAUSE_MS = 10;

/**
 * Calls `work` with the calling thread in another network namespace. Sockets made there stay there,
 * whatever else is opened is not affected.
 * @param enter the descriptor of the namespace, or `'new'` for one that is made
 * @param work synchronous: a promise would go on in the wrong namespace. It may start no thread
 *   either, as the first use of an asynchronous function of `fs` does: a new thread stays in the
 *   namespace that it was started in
 * @param abort ends the process if the thread cannot return after all
 * @throws NlinkError `ERR_NLINK_NO_RETURN` before anything changed;
 *   `ERR_NLINK_UNSUPPORTED_KERNEL` where /proc is not mounted
 * @throws SystemError `EPERM` (no CAP_SYS_ADMIN), `ENOSPC` (user.max_net_namespaces), `EINVAL` (the
 *   descriptor is no network namespace), …; and what `work` throws
 */
export function inNamespace<T>(
  system: System,
  enter: number | 'new',
  work: () => T,
  abort: () => never = abortProcess,
): T {
  const own = openOwn(system);
  try {
    // A descriptor that was closed may just have become this one.
    if (enter === own) throw systemError(errno.EBADF, 'setns');
    checkReturn(system, own);
    if (enter === 'new') unshareNetwork(system);
    else check(system.setns(enter, CLONE_NEWNET), 'setns');
    try {
      return work();
    } finally {
      restore(system, own, abort);
    }
  } finally {
    system.close(own);
  }
}

/**
 * Fails where {@link inNamespace} would because of missing rights, for those who have to change
 * something before it.
 * @throws NlinkError `ERR_NLINK_NO_RETURN`, `ERR_NLINK_UNSUPPORTED_KERNEL`
 * @throws SystemError `EPERM`
 */
export function requireRoundTrip(system: System): void {
  const own = openOwn(system);
  try {
    checkReturn(system, own);
  } finally {
    system.close(own);
  }
}

function openOwn(system: System): number {
  const own = system.open(cPath(THREAD_NAMESPACE), 0);
  if (own !== -errno.ENOENT) return check(own, 'open', THREAD_NAMESPACE);
  throw new NlinkError(
    'ERR_NLINK_UNSUPPORTED_KERNEL',
    `${THREAD_NAMESPACE} is not there: nlink needs /proc mounted and a kernel with network namespaces`,
  );
}

function unshareNetwork(system: System): void {
  const result = system.unshare(CLONE_NEWNET);
  if (result >= 0) return;
  throw systemError(
    -result,
    'unshare',
    undefined,
    result === -errno.ENOSPC ? namespacesFull('net') : undefined,
  );
}

/**
 * Entering one's own namespace changes nothing, and is refused exactly where coming back to it
 * would be.
 */
function checkReturn(system: System, own: number): void {
  const result = system.setns(own, CLONE_NEWNET);
  if (result >= 0) return;
  if (result !== -errno.EPERM || !hasAdmin(system)) throw systemError(-result, 'setns');
  throw new NlinkError(
    'ERR_NLINK_NO_RETURN',
    'this thread could enter another network namespace but not return to its own, which belongs to another user ' +
      'namespace (setns: EPERM): run as root outside, or with a network namespace of its own (`unshare -Urnm`)',
  );
}

/**
 * Whether the thread has CAP_SYS_ADMIN in its own user namespace, so that it is not simply without
 * privilege.
 */
export function hasAdmin(system: System): boolean {
  const fd = system.open(cPath(THREAD_STATUS), 0);
  if (fd < 0) return false;
  const buffer = Buffer.alloc(65_536);
  const length = system.read(fd, buffer);
  system.close(fd);
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(buffer.toString('latin1', 0, Math.max(0, length)))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

function restore(system: System, own: number, abort: () => never): void {
  insist('network', () => system.setns(own, CLONE_NEWNET), abort);
}

/**
 * Makes a call that brings the thread back. Ends the process if it fails for good.
 * @param kind of the namespace
 */
export function insist(kind: string, call: () => number, abort: () => never = abortProcess): void {
  let result = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    result = call();
    if (result >= 0) return;
    if (result !== -errno.ENOMEM && result !== -errno.EINTR) break;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  writeSync(
    2,
    `nlink: the thread cannot return to its own ${kind} namespace (setns: ${errnoName(-result)}); ` +
      'everything from now on would happen in the wrong one, so the process ends here\n',
  );
  abort();
}

function abortProcess(): never {
  process.abort();
}
