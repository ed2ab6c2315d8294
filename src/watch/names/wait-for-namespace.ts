/**
 * `waitForNamespace`: a promise for the moment when a name can be entered, or is gone. A watcher of
 * that one name lives as long as the wait. Ready is a state: the watcher's live state is looked at
 * after each event, so that a name that is gone again by then does not count. Gone is an event: the
 * name may be there again when it is read.
 */
import { NlinkError } from '../../errors.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { globOf } from '../../reference/glob.ts';
import { splitPath } from '../../reference/names.ts';
import type { NamespaceEntry } from '../../netns/names/entry.ts';
import { namespaceFile } from '../../netns/names/target.ts';
import type { NamespaceTarget } from '../../netns/names/target.ts';
import { boolean, streamSettings } from '../stream/stream-options.ts';
import type { NamespaceEvent } from './name-events.ts';
import { NamespaceWatcher } from './namespace-watcher.ts';

/** Options of {@link waitForNamespace}. */
export interface WaitForNamespaceOptions extends DirectoryOptions {
  /** Ends the wait: the promise rejects with its `reason`. */
  signal?: AbortSignal | undefined;
  /** Whether to wait for the end of the name instead: until its file is gone. Default false. */
  gone?: boolean | undefined;
}

/** A name that can be entered. */
export type ReadyNamespace = Extract<NamespaceEntry, { ready: true }>;

/**
 * Waits until a namespace can be entered by a name, or, with `gone`, until the name is gone.
 * Resolves at once if that is so already. The directory need not exist yet. Nothing between the
 * first look and the watch is missed, and an overflow of the kernel's queue is made good.
 *
 * ```ts
 * const { path } = await waitForNamespace('blue', { signal: AbortSignal.timeout(5000) });
 * ```
 *
 * When the promise resolves, the name could be entered as of the last event; another process may
 * delete it at any time. `gone` resolves also where the name was gone for a moment and is there
 * again. The wait keeps the process alive, and leaves nothing open. Each wait takes an inotify
 * instance, of which a user has 128 by default (`fs.inotify.max_user_instances`): to wait for
 * hundreds of names at once, open one `NamespaceWatcher`.
 *
 * Takes a name or `{ path }`: a process or descriptor is in a namespace from the start, and no
 * event reports its end, so `{ pid }` and `{ fd }` are refused. A path must lie in a file system
 * that reports changes (inotify(7)), which procfs does not.
 *
 * Needs no privilege beyond permission to read the directory. Linux 4.11.
 * @param target a name, or `{ path }`
 * @returns the name with the identity of its namespace; nothing with `gone`
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_UNSUPPORTED_KERNEL` (no `/proc`),
 *   `ERR_NLINK_NATIVE_LIBRARY`
 * @throws SystemError as `NamespaceWatcher.open`, and as its `recv`
 * @throws the `reason` of `signal`
 */
export function waitForNamespace(
  target: NamespaceTarget,
  options: WaitForNamespaceOptions & { gone: true },
): Promise<void>;
export function waitForNamespace(
  target: NamespaceTarget,
  options?: WaitForNamespaceOptions & { gone?: false | undefined },
): Promise<ReadyNamespace>;
export function waitForNamespace(
  target: NamespaceTarget,
  options?: WaitForNamespaceOptions,
): Promise<ReadyNamespace | void>;
export async function waitForNamespace(
  target: NamespaceTarget,
  options: WaitForNamespaceOptions = {},
): Promise<ReadyNamespace | void> {
  const { signal } = streamSettings(options);
  const { path } = namespaceFile(target, options);
  const gone = boolean('gone', options.gone, false);
  signal?.throwIfAborted();
  const { directory, name } = splitPath(path);
  const { namespaces, watcher } = await NamespaceWatcher.listAndWatch({
    directory,
    // Nothing is asked of the other names, of which there may be thousands.
    names: globOf(name),
    // A name whose namespace is yet to come is not gone: nothing may be held back.
    ...(gone && { readyTimeout: 0 }),
  });
  const stop = (): void => void watcher.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    // While the watcher was opened nobody listened.
    signal?.throwIfAborted();
    if (!gone) return await untilReady(watcher, signal);
    if (namespaces.length > 0) while ((await nextOf(watcher, signal)).type !== 'deleted');
  } finally {
    signal?.removeEventListener('abort', stop);
    await watcher.stop();
  }
}

async function untilReady(
  watcher: NamespaceWatcher,
  signal: AbortSignal | undefined,
): Promise<ReadyNamespace> {
  for (;;) {
    const entry = watcher.namespaces().find((there) => there.ready);
    if (entry !== undefined) return entry;
    await nextOf(watcher, signal);
  }
}

async function nextOf(watcher: NamespaceWatcher, signal: AbortSignal | undefined): Promise<NamespaceEvent> {
  const event = await watcher.recv();
  // Aborted, the watcher was stopped.
  signal?.throwIfAborted();
  if (event !== undefined) return event;
  throw new NlinkError('ERR_NLINK_CLOSED', 'the watcher ended while it was waited for');
}
