/**
 * Runs a function with the calling thread in a network namespace: the public face of the round trip
 * (reference/round-trip.ts), and what keeps callers from its traps.
 *
 * | the function                | then                                                        |
 * | --------------------------- | ----------------------------------------------------------- |
 * | is async, or a generator    | refused, not called: its body would run after the return    |
 * | returns                     | its value is returned                                       |
 * | throws                      | its exception passes through as it is                       |
 * | returns a promise, thenable | refused; a promise's rejection is marked as handled         |
 */
import { types } from 'node:util';
import { invalidArgument, requireOptions, NlinkError } from '../../errors.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { withNamespace } from '../../reference/enter.ts';
import { checkReference } from '../../reference/reference.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import { linux } from '../../sys/system.ts';
import type { System } from '../../sys/system.ts';

/** A function whose result is known when it returns. */
export type Synchronous<T> = () => T extends PromiseLike<unknown> ? never : T;

/**
 * Runs a synchronous function with the calling thread in a network namespace, and returns its
 * value. A socket belongs to the namespace in which it is made, for good: a server that listens
 * inside serves there, while the program goes on in its own namespace.
 *
 * ```ts
 * const server = runInNamespace('blue', () => createServer(serve).listen(8080));
 * ```
 *
 * The thread is back when the call returns or throws: no other code runs in between, and that it
 * can come back is checked before it leaves. If the kernel refuses the return after all, the
 * process ends (`abort`), since all that follows would happen in the wrong namespace. Calls may be
 * nested.
 *
 * Inside, because it happens before the function returns: `server.listen(port)` of `node:net` and
 * `node:http`, without a host; `bind` of `node:dgram`, if the socket has a `lookup` that calls back
 * at once; `os.networkInterfaces()`; `spawnSync`, `spawn` and worker threads, which stay in the
 * namespace; sockets of nlink's own (`Connection.open` and `NetlinkSocket.open` open theirs before
 * they return).
 *
 * Outside, because Node does it later: `listen(port, host)` and `bind` without that `lookup` (even
 * an IP address is looked up a turn later), `net.connect`, `http.request` and `fetch`, `dns`,
 * timers, callbacks and all that follows an `await`. Files are not affected; `/proc/net` is that of
 * the main thread, `/proc/thread-self/net` that of the calling one. The threads of Node's pool are
 * started before the thread leaves, so that they stay outside.
 *
 * Needs CAP_SYS_ADMIN in the user namespaces of both network namespaces: root, or `unshare -Urnm`.
 * Linux 3.17. For Node; Deno starts threads whenever it likes, and one that starts inside stays
 * there.
 * @param reference a name, `{ path }`, `{ pid }` or `{ fd }`; a descriptor stays the caller's
 * @param fn the function; it may not be async and may not return a promise
 * @param options `directory`: where names are looked for
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT` (also for a function
 *   that is async or returned a promise), `ERR_NLINK_NOT_A_NAMESPACE`, `ERR_NLINK_NO_RETURN` (in
 *   `unshare -Ur` without `-n`), `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_UNSUPPORTED_KERNEL`
 *   (no `/proc`), `ERR_NLINK_NATIVE_LIBRARY`
 * @throws SystemError `ENOENT` (no such namespace), `EPERM` (no privilege), `EACCES`, `EBADF`,
 *   `EMFILE`; and whatever `fn` throws
 */
export function runInNamespace<T>(
  reference: NamespaceReference,
  fn: Synchronous<T>,
  options: DirectoryOptions = {},
): T {
  requireOptions(options);
  return runBy(linux(), reference, fn as () => T, options.directory);
}

/** {@link runInNamespace} with other system calls. `abort`: see `inNamespace`. */
export function runBy<T>(
  system: System,
  reference: NamespaceReference,
  fn: () => T,
  directory?: string,
  abort?: () => never,
): T {
  const checked = checkReference('reference', reference, directory);
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a synchronous function', fn);
  if (types.isAsyncFunction(fn) || types.isGeneratorFunction(fn)) throw notSynchronous('is async');
  startThreadPool();
  // An exception of the function is kept apart from those of entering, which are reworded.
  const outcome = withNamespace(system, checked, () => outcomeOf(fn), abort);
  if ('error' in outcome) throw outcome.error;
  const { value } = outcome;
  if (!isThenable(value)) return value;
  // The caller learns of the mistake by this error, and has no promise to handle. `then` of a
  // thenable that is no promise may begin something, so it is not called.
  if (types.isPromise(value)) ignoreRejection(value);
  throw notSynchronous('returned a promise');
}

type Outcome<T> = { value: T } | { error: unknown };

function outcomeOf<T>(fn: () => T): Outcome<T> {
  try {
    return { value: fn() };
  } catch (error) {
    return { error };
  }
}

function notSynchronous(what: string): NlinkError {
  return new NlinkError(
    'ERR_NLINK_INVALID_ARGUMENT',
    `fn must be a synchronous function, but it ${what}: the rest of it would run outside of the namespace`,
  );
}

function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

/** A class of the caller's may have methods of its own, and a constructor that throws. */
function ignoreRejection(promise: Promise<unknown>): void {
  try {
    void Promise.prototype.then.call(promise, undefined, () => undefined);
  } catch {
    // Nobody can handle it.
  }
}

let poolStarted = false;

/**
 * A new thread is in the network namespace of the thread that starts it, and stays there. Node
 * starts those of its pool, all of them, when one is needed first; that must not be inside.
 */
function startThreadPool(): void {
  if (poolStarted) return;
  process.getBuiltinModule('node:crypto').randomBytes(1, () => undefined);
  poolStarted = true;
}
