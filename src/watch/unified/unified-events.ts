/** The options, events, inventory and counters of a `UnifiedNamespaceWatcher`. Types only. */
import type { LocatedName } from '../../netns/names/entry.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NotReadyReason } from '../../netns/identity/observe.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import type { ProcessOwner } from '../../netns/processes/process-owner.ts';
import type { NamespaceWatcherOptions } from '../names/name-events.ts';
import type { Link, LinkEvent, LinkOptions, LinksState } from '../links/link-types.ts';

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
   * Whether to listen to nsids. `'auto'` (the default): if possible; otherwise the watcher goes on
   * with names alone, and emits `nsidsUnavailable` once. `'require'`: if that is not possible,
   * opening rejects, or the watcher ends. `'off'`: no.
   */
  netlink?: 'auto' | 'require' | 'off' | undefined;
  /**
   * Whether to give an nsid to every named namespace that has none. Changes the host for everybody
   * in this network namespace; needs CAP_NET_ADMIN. Not needed for `destroyed`, which `deaths`
   * gives without. Default false.
   */
  assignNsids?: boolean | undefined;
  /**
   * Whether to watch for the end of every named namespace, also of those without an nsid: `alive`
   * is known then, and `destroyed` is emitted for each. The watcher makes a network namespace of
   * its own for that, in whose table of nsids it numbers the others; that changes nothing for
   * anybody else and keeps no namespace alive. Needs CAP_SYS_ADMIN, or a user namespace of its own.
   * `'auto'` (the default, but for `netlink: 'off'` without `unnamed` and `links`): if possible.
   * `'require'`: if that is not possible, opening rejects, or the watcher ends. `'off'`: no.
   */
  deaths?: 'auto' | 'require' | 'off' | undefined;
  /**
   * Whether to find namespaces that have no name here as well, by the processes that are in them:
   * each is an entry of the inventory, emitted as `found`, and later as `destroyed`. One that no
   * process has been in is not found, nor one that lives for some hundred milliseconds only. Looks
   * at processes when one was started, up to four times a second; needs no right to them. Needs
   * `deaths`: where they cannot be watched, nothing is found. Default false.
   */
  unnamed?: boolean | undefined;
  /**
   * Whether to follow the interfaces (links) in all namespaces that are known, and what they lead
   * to: each entry has its `links`, and `linkAdded`, `linkChanged`, `linkMoved`, `linkRemoved` are
   * emitted. A namespace that is known by a link alone becomes an entry as well, emitted as
   * `found`. Nothing is entered. With all rights (CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_NET_BROADCAST)
   * no nsid is left on the host. Without them `linksState` says what one may see, and the kernel
   * gives nsids to the namespaces that links of one's own lead to, as for `ip link`. Needs
   * `deaths`. Default false.
   */
  links?: boolean | LinkOptions | undefined;
}

/** An error with a code. */
export type CodedError = Error & {
  /** `ERR_NLINK_…`, or that of a failed system call, such as `EPERM`. */
  code: string;
};

/** A name of the inventory. */
export type InventoryName = LocatedName &
  (
    | { ready: true }
    | {
        ready: false;
        /** Why it cannot be entered. */
        reason: NotReadyReason;
        /** The evidence. Only where `diagnoseNames` was asked. */
        verdict?: NameVerdict;
      }
  );

/** What is known of a namespace by the processes in it. They may be others by now. */
export interface NamespaceInhabitants {
  /**
   * The watcher's own number of the namespace, which no other ever gets: of one that another user's
   * processes are in, nothing else tells it from others. Null: it has none.
   */
  number: number | null;
  /** Whose it is, by their control groups; null: nobody's that is known. */
  owner: ProcessOwner | null;
  /**
   * Processes that were in it when one looked last, by a thread at least: the first of them, in the
   * numbers of the procfs (`proc`). Empty: none was seen.
   */
  pids: readonly number[];
  /** Whether its only interface was `lo`; null: unknown. */
  loOnly: boolean | null;
}

/**
 * One namespace of the inventory, or one name without a namespace. What processes tell only of a
 * namespace, and only with `unnamed`; `number` also with `links`.
 */
export interface InventoryEntry extends Partial<NamespaceInhabitants> {
  /** Null: a name without a namespace; or one of which only the nsid, or processes, are known. */
  namespace: NamespaceId | null;
  /** Its nsid in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** In the order in which they were seen. Empty: it has none, or none is known. */
  names: InventoryName[];
  /** Whether the watcher itself is in it. */
  own: boolean;
  /** Whether its last name is gone and it is still alive. */
  lingering: boolean;
  /**
   * How many processes were in it when one looked last, by their main threads: `pids` has the first
   * of them, and those that are in it by another thread alone. Only with `unnamed`.
   */
  processes?: number;
  /** Its interfaces, in the order in which they were found. Only of a namespace, with `links`. */
  links?: Link[];
  /** How these are known. Only of a namespace, with `links`. */
  linksState?: LinksState;
}

/**
 * Whether a namespace is alive without the name; `null`: unknown, since deaths are not watched and
 * it has no nsid here, or it could not be numbered while it had a name.
 */
export type Alive = boolean | null;

/**
 * A name appeared: its namespace can be entered, or `readyTimeout` passed, or the name was deleted
 * before.
 */
export type UnifiedCreatedEvent = LocatedName & {
  type: 'created';
  /** Its nsid in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
} & (
    | {
        ready: true;
        /** The namespace that it leads to. */
        namespace: NamespaceId;
      }
    | {
        ready: false;
        /** It leads to none. */
        namespace: null;
        /** Why it cannot be entered. */
        reason: NotReadyReason;
        /**
         * The evidence, and what could not be looked at. Only after `readyTimeout` has passed:
         * nobody looks before.
         */
        verdict?: NameVerdict;
      }
  );
/** A name that was not ready, or was unmounted, leads to a namespace now. */
export type UnifiedMountedEvent = LocatedName & {
  type: 'mounted';
  /** The namespace that it leads to. */
  namespace: NamespaceId;
  /** Its nsid in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
};
/** The namespace was unmounted from the name, whose file is still there. */
export type UnifiedUnmountedEvent = LocatedName & {
  type: 'unmounted';
  /** The one that was unmounted; null: unknown. */
  namespace: NamespaceId | null;
  /** Its nsid in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** Whether it is alive without the name. */
  alive: Alive;
};
/** The name is gone. */
export type UnifiedDeletedEvent = LocatedName & {
  type: 'deleted';
  /** The last one that it led to; null: none ever. */
  namespace: NamespaceId | null;
  /** Its nsid in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** Whether `namespace` is alive without the name; null where that is null, too. */
  alive: Alive;
};
/** The kernel assigned an nsid to a namespace. */
export interface NsidAssignedEvent {
  type: 'nsidAssigned';
  /** In the observer's namespace. */
  nsid: number;
  /** Null: unknown, since it has no name in the watched directories. */
  namespace: NamespaceId | null;
  /** The names it has, or had last. May be empty. */
  names: LocatedName[];
}
/**
 * A namespace that has no name here was found: by its processes (`unnamed`), or since a link leads
 * to it (`links`).
 */
export type NamespaceFoundEvent = NamespaceInhabitants & {
  type: 'found';
  /** Null: unknown, since its processes are another user's, or only a link leads to it. */
  namespace: NamespaceId | null;
  /** Its nsid in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
};
/**
 * The kernel freed the namespace. Emitted after its names are gone; where deaths are not watched,
 * only if it had an nsid. With `unnamed` it says as well which processes were seen in it last.
 */
export interface DestroyedEvent extends Partial<NamespaceInhabitants> {
  type: 'destroyed';
  /** The nsid it had in the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** Null: unknown. */
  namespace: NamespaceId | null;
  /** The names it had last. */
  names: LocatedName[];
}
/** Events were lost. The events before this one have made up for them. */
export interface UnifiedResyncedEvent {
  type: 'resynced';
  /**
   * Of which kinds: of names (inotify), of nsids (netlink, or names could not be asked for theirs),
   * of deaths, of links (netlink).
   */
  lost: ('names' | 'nsids' | 'deaths' | 'links')[];
  /** Whether all nsids could be listed. False: some may have caused no event. */
  complete: boolean;
}
/** Nsids cannot be listened to, or no longer. Emitted once, with `netlink: 'auto'`. */
export interface NsidsUnavailableEvent {
  type: 'nsidsUnavailable';
  /** Why: `ERR_NLINK_NETLINK_UNAVAILABLE`, `ERR_NLINK_UNSUPPORTED_KERNEL`, … */
  error: CodedError;
}
/**
 * Deaths cannot be watched any longer: `alive` and `destroyed` are as with `deaths: 'off'` from now
 * on. Emitted once, with `deaths: 'auto'`.
 */
export interface DeathsUnavailableEvent {
  type: 'deathsUnavailable';
  /** Why. */
  error: CodedError;
}
/** Links cannot be followed any longer. Emitted once; each link was emitted as removed before. */
export interface LinksUnavailableEvent {
  type: 'linksUnavailable';
  /** Why. */
  error: CodedError;
}
/** The directory itself came or went. Only with `emitDirectoryEvents`. */
export type UnifiedDirectoryEvent = {
  type: 'directoryCreated' | 'directoryDeleted';
  /** The directory, as the option spelled it. */
  path: string;
};

/** An event of a `UnifiedNamespaceWatcher`. */
export type UnifiedEvent =
  | UnifiedCreatedEvent
  | UnifiedMountedEvent
  | UnifiedUnmountedEvent
  | UnifiedDeletedEvent
  | NsidAssignedEvent
  | NamespaceFoundEvent
  | DestroyedEvent
  | UnifiedResyncedEvent
  | NsidsUnavailableEvent
  | DeathsUnavailableEvent
  | LinksUnavailableEvent
  | LinkEvent
  | UnifiedDirectoryEvent;
