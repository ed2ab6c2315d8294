/**
 * What a `UnifiedNamespaceWatcher` takes and tells: its options, events, inventory and counters.
 * Types only.
 */
import type { LocatedName } from '../../netns/names/entry.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../netns/identity/observe.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { NamespaceWatcherOptions, NamespaceWatcherStats } from '../names/name-events.ts';
import type { NamespaceEventSubscriberStats } from '../ids/nsid-events.ts';

export type { LocatedName };

/**
 * Options of `UnifiedNamespaceWatcher.open` and `listAndWatch`: those of `NamespaceWatcher`, and
 * these. With `names` the watcher knows matching names only. It still reports the nsids of all
 * namespaces; one without a matching name has no names. `alive` and `assignNsids` count matching
 * names only.
 */
export interface UnifiedNamespaceWatcherOptions extends NamespaceWatcherOptions {
  /** Several directories of names, instead of `directory`. At least one. */
  directories?: readonly string[] | undefined;
  /**
   * Whether to listen to namespace ids. `'auto'` (the default): if that is possible; else it goes
   * on with names alone, and tells `nsidsUnavailable` once. `'require'`: opening rejects if it is
   * not possible, and the watcher ends when it becomes so. `'off'`: not.
   */
  netlink?: 'auto' | 'require' | 'off' | undefined;
  /**
   * Whether to give every named namespace an id that has none, so that its end is seen. Changes the
   * host for everybody in this network namespace; needs CAP_NET_ADMIN. Default false.
   */
  assignNsids?: boolean | undefined;
}

/** A name of the inventory. */
export type InventoryName = LocatedName &
  (
    | { ready: true }
    | {
        ready: false;
        /** Why it cannot be entered. */
        reason: NotReadyReason;
        /** What shows that; only where `diagnoseNames` was asked. */
        verdict?: NameVerdict;
      }
  );

/** One namespace of the inventory; or one name that stands for none. */
export interface InventoryEntry {
  /** Null: a name without a namespace, or a namespace of which only the nsid is known. */
  namespace: NamespaceId | null;
  /** Its id in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** In the order in which they were seen. Empty: it has none, or none that is known. */
  names: InventoryName[];
  /** Whether it is the namespace that the watcher itself is in. */
  own: boolean;
  /** Whether it lives on although its last name is gone. */
  lingering: boolean;
}

/**
 * Whether a namespace lives on without a name: `null` where that cannot be known, since it has no
 * id here.
 */
export type Alive = boolean | null;

/**
 * A name appeared: its namespace can be entered, or `readyTimeout` passed, or it was deleted before
 * that.
 */
export type UnifiedCreatedEvent = LocatedName & {
  type: 'created';
  /** Its id in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
} & (
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
         * What shows that, and what could not be looked at. Only where it was asked for:
         * `readyTimeout` has passed.
         */
        verdict?: NameVerdict;
      }
  );
/** A name that was created not ready, or was unmounted, has a namespace now. */
export type UnifiedMountedEvent = LocatedName & {
  type: 'mounted';
  /** The namespace that can be entered by it. */
  namespace: NamespaceId;
  /** Its id in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
};
/** The namespace left the name, whose file still stands. */
export type UnifiedUnmountedEvent = LocatedName & {
  type: 'unmounted';
  /** The one that left; null where it is not known. */
  namespace: NamespaceId | null;
  /** Its id in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** Whether it lives on without the name. */
  alive: Alive;
};
/** The name is gone. */
export type UnifiedDeletedEvent = LocatedName & {
  type: 'deleted';
  /** The last one it had; null if it never had one. */
  namespace: NamespaceId | null;
  /** Its id in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** Of `namespace`; null as well where that is null. */
  alive: Alive;
};
/** The kernel assigned an id to a namespace. */
export interface NsidAssignedEvent {
  type: 'nsidAssigned';
  /** The id, in the observer's namespace. */
  nsid: number;
  /**
   * Null where it is not known which one it is: it has no name in the directories that are watched.
   */
  namespace: NamespaceId | null;
  /** The names it has, or had last. Perhaps none. */
  names: LocatedName[];
}
/** The kernel has freed the namespace. Told only of those that had an id. */
export interface DestroyedEvent {
  type: 'destroyed';
  /** The id it had in the observer's namespace. */
  nsid: number;
  /** Null where it was not known which one it was. */
  namespace: NamespaceId | null;
  /** The names it had last. */
  names: LocatedName[];
}
/** Events were lost. What differed has been told before this. */
export interface UnifiedResyncedEvent {
  type: 'resynced';
  /**
   * Of which kind: of names (inotify), of ids (netlink, or names could not be asked for theirs), or
   * both at once.
   */
  lost: ('names' | 'ids')[];
  /** Whether all ids could be listed; false: there may be ids that have not been told. */
  complete: boolean;
}
/** Ids cannot be listened to (any more); told once, with `netlink: 'auto'`. */
export interface NsidsUnavailableEvent {
  type: 'nsidsUnavailable';
  /** Why. */
  error: Error & {
    /** `ERR_NLINK_NETLINK_UNAVAILABLE`, `ERR_NLINK_UNSUPPORTED_KERNEL`, … */
    code: string;
  };
}
/** The directory itself came or went; only with `emitDirectoryEvents`. */
export type UnifiedDirectoryEvent = {
  type: 'directoryCreated' | 'directoryDeleted';
  /** The directory, as the option spelled it. */
  path: string;
};

/** What a `UnifiedNamespaceWatcher` tells. */
export type UnifiedEvent =
  | UnifiedCreatedEvent
  | UnifiedMountedEvent
  | UnifiedUnmountedEvent
  | UnifiedDeletedEvent
  | NsidAssignedEvent
  | DestroyedEvent
  | UnifiedResyncedEvent
  | NsidsUnavailableEvent
  | UnifiedDirectoryEvent;

/**
 * Counters of a `UnifiedNamespaceWatcher`: those of names, all directories together, and those of
 * ids; null without.
 */
export interface UnifiedNamespaceWatcherStats extends NamespaceWatcherStats {
  /** Those of ids; null where they are not listened to. */
  ids: Pick<
    NamespaceEventSubscriberStats,
    'datagrams' | 'foreign' | 'overflows' | 'unreadable' | 'resyncs' | 'complete'
  > | null;
  /** Names that were asked for their ids. */
  asked: number;
}
