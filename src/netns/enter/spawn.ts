/**
 * Starts a program in a network namespace by Node's own child_process.spawn: a child is in the
 * namespace that its thread was in when it was made (clone(2)), so the calling thread enters,
 * spawns and comes back in one synchronous turn (setns(2)).
 */
import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnOptionsWithoutStdio,
} from 'node:child_process';
import { abortError, requireOptions } from '../../errors.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { withNamespace } from '../../reference/enter.ts';
import { checkReference } from '../../reference/reference.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';

/**
 * Options of {@link spawnInNamespace}: those of `child_process.spawn`, and `directory`, where names
 * are looked for.
 */
export interface SpawnInNamespaceOptions extends SpawnOptions, DirectoryOptions {}

/**
 * Starts a program in a network namespace, as `child_process.spawn` does in the caller's own. The
 * promise resolves when the program runs. It rejects if the program does not exist or may not be
 * run; then nothing is emitted. Afterwards the child is like any other.
 *
 * Only the network namespace is another one. `/sys` still shows the devices of the caller's
 * namespace, and `/etc/netns/NAME` is ignored; `nlink exec` and `ip netns exec` handle both, in a
 * mount namespace of the program's own. The caller itself stays where it is: no other code runs
 * while its thread is away, and its return is checked before. Pipes to the child (`stdio: 'pipe'`)
 * are sockets that belong to the namespace, which lives until they are closed: when the child has
 * ended and its output was read.
 *
 * Needs CAP_SYS_ADMIN in the user namespaces of both network namespaces: root, or `unshare -Urnm`.
 * Linux 3.8.
 * @param target a name, `{ path }`, `{ pid }` or `{ fd }`
 * @param command the program, as for `child_process.spawn`
 * @param args its arguments. Default none
 * @param options as of `child_process.spawn`, and `directory`. An aborted `signal` rejects with an
 *   `AbortError`
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_NO_RETURN` (in `unshare -Ur` without `-n`),
 *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 * @throws SystemError `ENOENT` (no such namespace; `syscall` is `open`), `EPERM` (no privilege),
 *   `EACCES`, `EMFILE`; and Node's own of `spawn`, whose `syscall` begins with `spawn`: `ENOENT`
 *   (no such program), `EACCES`, …
 */
export function spawnInNamespace(
  target: NamespaceReference,
  command: string,
  args?: readonly string[],
  options?: SpawnOptionsWithoutStdio & DirectoryOptions,
): Promise<ChildProcessWithoutNullStreams>;
export function spawnInNamespace(
  target: NamespaceReference,
  command: string,
  args: readonly string[],
  options: SpawnInNamespaceOptions,
): Promise<ChildProcess>;
export async function spawnInNamespace(
  target: NamespaceReference,
  command: string,
  args: readonly string[] = [],
  options: SpawnInNamespaceOptions = {},
): Promise<ChildProcess> {
  requireOptions(options);
  return spawnBy(linux(), target, command, args, options);
}

/** {@link spawnInNamespace} with other system calls. `abort`: see `inNamespace`. */
export async function spawnBy(
  system: System,
  target: NamespaceReference,
  command: string,
  args: readonly string[],
  { directory, ...options }: SpawnInNamespaceOptions,
  abort?: () => never,
): Promise<ChildProcess> {
  const reference = checkReference('target', target, directory);
  // Node would start it, kill it, and say so before anybody could listen.
  if (options.signal?.aborted === true) throw abortError(options.signal);
  // Whoever only watches need not wait for it to be loaded; by import() it would be there too late
  // for a descriptor that is closed now.
  const { spawn } = process.getBuiltinModule('node:child_process');
  return started(withNamespace(system, reference, () => spawn(command, args, options), abort));
}

/**
 * The events come in the next turn, which is before a caller who awaits has the child to listen to.
 */
function started(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      child.off('error', reject);
      keepErrors(child);
      resolve(child);
    });
  });
}

/**
 * An error of this very turn (its signal is aborted) comes a turn later, when whoever awaits the
 * child can listen to it.
 */
function keepErrors(child: ChildProcess): void {
  const early: Error[] = [];
  const keep = (error: Error): void => {
    if (child.listenerCount('error') === 1) early.push(error);
  };
  child.on('error', keep);
  setImmediate(() => {
    child.off('error', keep);
    for (const error of early) child.emit('error', error);
  });
}
