/**
 * The options, events and counters of a `NamespaceWatcher`.
 * Types only.
 */
import type { Named } from '../../netns/names/entry.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../netns/identity/observe.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { StreamStats } from '../stream/event-stream.ts';

/** Options of `NamespaceWatcher.open` and `NamespaceWatcher.listAndWatch`. */
export interface NamespaceWatcherOptions {
  /**
   * The directory of names. Default `/var/run/netns`. A relative path is resolved when the watcher
   * is opened.
   */
  directory?: string | undefined;
  /**
   * Which names to watch: a glob, or several, of which one has to match. The watcher ignores all
   * other names: it never looks at them, lists them or reports them. Default: all names.
   *
   * A glob matches a whole name, as in a shell (glob(7)): `*` any characters, `?` one, `[a-z]` one
   * of a set, `[!a-z]` or `[^a-z]` one that is not in it, and a backslash takes the next character
   * as it is. Case counts, and a leading dot is an ordinary character. A character is a code point,
   * or a byte that is not UTF-8, which stands in names as U+DC80 to U+DCFF.
   */
  names?: string | readonly string[] | undefined;
  /**
   * How many events may wait for the consumer before reading from the kernel pauses; 1 to 2^20.
   * Default 100.
   */
  bufferSize?: number | undefined;
  /**
   * Whether to wait on the nearest existing ancestor while the directory is missing. Default true.
   * False: opening rejects with `ENOENT`, and the watcher ends when the directory goes.
   */
  watchParent?: boolean | undefined;
  /** Whether to emit `directoryCreated` and `directoryDeleted` as well. Default false. */
  emitDirectoryEvents?: boolean | undefined;
  /**
   * For how long `created` is held back until the namespace is mounted, in milliseconds; 0 to
   * 2^31-1. Default 1000. 0: not at all, ready or not.
   */
  readyTimeout?: number | undefined;
  /**
   * Whether a symbolic link counts by its target. Default true. False: it is never a namespace.
   */
  followSymlinks?: boolean | undefined;
  /**
   * Where a procfs is mounted, as an absolute path: the watcher looks there for why a name is not
   * ready. In a container it may be the host's, such as `/host/proc`. Default `/proc`.
   */
  proc?: string | undefined;
  /** Stops the watcher when aborted; a pending `recv` then rejects with `AbortError`. */
  signal?: AbortSignal | undefined;
}

/**
 * A name appeared: its namespace can be entered, or `readyTimeout` passed, or it was deleted before
 * that.
 */
export type CreatedEvent = Named & { type: 'created' } & (
    | {
        ready: true;
        /** The namespace that can be entered by it. */
        namespace: NamespaceId;
      }
    | {
        ready: false;
        /** None that can be entered. */
        namespace: null;
        /** Why it cannot be entered. */
        reason: NotReadyReason;
        /**
         * What shows that, and what could not be looked at. Only if `readyTimeout` has passed,
         * since that is when the watcher finds out why.
         */
        verdict?: NameVerdict;
      }
  );
/** A name that was created not ready, or was unmounted, has a namespace now. */
export type MountedEvent = Named & {
  type: 'mounted';
  /** The namespace that can be entered by it. */
  namespace: NamespaceId;
};
/** The namespace left the name, whose file still stands. */
export type UnmountedEvent = Named & { type: 'unmounted' };
/** The name is gone. */
export type DeletedEvent = Named & {
  type: 'deleted';
  /** The last one it had; null if it never had one. */
  namespace: NamespaceId | null;
};
/** The directory itself came or went; only with `emitDirectoryEvents`. */
export type DirectoryEvent =
  | {
      type: 'directoryCreated';
      /** The directory, as the option spelled it. */
      path: string;
    }
  | {
      type: 'directoryDeleted';
      /** The directory, as the option spelled it. */
      path: string;
    };
/** Events were lost. The watcher has emitted what differed before this. */
export type ResyncedEvent = {
  type: 'resynced';
  /** How they were lost. */
  reason: ResyncReason;
};

/** `overflow`: the kernel's inotify queue was full (IN_Q_OVERFLOW). */
export type ResyncReason = 'overflow';

/** The events of a `NamespaceWatcher`. */
export type NamespaceEvent =
  CreatedEvent | MountedEvent | UnmountedEvent | DeletedEvent | DirectoryEvent | ResyncedEvent;

/** Counters since the watcher was opened. */
export interface NamespaceWatcherStats extends StreamStats {
  /** inotify records read. */
  records: number;
  /** Times that the kernel's queue was full. */
  overflows: number;
  /** `resynced` events emitted. */
  resyncs: number;
  /** Times that the watch was established again: the directory was replaced, removed or covered. */
  rewatches: number;
  /** Times that mounts changed in this mount namespace. */
  mountChanges: number;
  /** Names held back until they are ready. */
  pending: number;
}
