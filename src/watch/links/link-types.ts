/** What is told of network interfaces (links) and of what they are connected to. Types only. */
import type { LinkDetails, LinkOperState } from '../../netlink/link-message.ts';
import type { LocatedName } from '../../netns/names/entry.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { ProcessOwner } from '../../netns/processes/process-owner.ts';

/**
 * What is known of where a link leads.
 *
 * - `paired`: a veth or netkit, and the kernel says of both ends that they belong together
 * - `unpaired`: its other end is not there: not yet, or no more
 * - `one-sided`: it only points to another interface (the lower device of a vlan, macvlan, vxlan),
 *   or to the namespace in which it sends (a tunnel)
 * - `closed`: it leads to a namespace that may not be looked into; its name there is not known
 * - `unknown`: the kernel does not tell (ipvtap, wireguard, geneve), and its making was not seen
 */
export type PeerState = 'paired' | 'unpaired' | 'one-sided' | 'closed' | 'unknown';

/** The namespace of a link, by all that tells which one it is. */
export interface LinkNamespace {
  /** Null: unknown, as of one that is only known by a link. */
  namespace: NamespaceId | null;
  /** As {@link InventoryEntry.number}. */
  number: number | null;
  /** In the observer's namespace; null: none, or unknown. */
  nsid: number | null;
  /** May be empty. */
  names: readonly LocatedName[];
  /** Whether the watcher itself is in it. */
  own: boolean;
  /** Whose it is; null: unknown. Only with `unnamed`. */
  owner: ProcessOwner | null;
  /** Processes in it, as of the last look; only with `unnamed`. */
  pids: readonly number[];
}

/** One end of a link. */
export interface LinkEnd {
  /** The namespace that it is in. */
  netns: LinkNamespace;
  /** Its index there. */
  ifindex: number;
  /** Its name there. */
  name: string;
}

/** What a link leads to. */
export interface LinkPeer {
  /** The namespace that it leads to. */
  netns: LinkNamespace;
  /** Null: it leads to the namespace, and to no interface in it (a tunnel that is not bound). */
  ifindex: number | null;
  /** Null as `ifindex`, or since one may not look there. */
  name: string | null;
}

/** A network interface. */
export interface Link {
  /** Its index, from 1. Only tells links of one namespace apart, and is used again. */
  ifindex: number;
  /** `IFLA_IFNAME`: at most 15 bytes. */
  name: string;
  /** `IFLA_ALT_IFNAME`: at most 127 bytes each. Of a link that is down they may be minutes old. */
  altNames: readonly string[];
  /** `IFLA_IFALIAS`, as `ip link set alias` gives it; null: none. Old as {@link altNames}. */
  alias: string | null;
  /** `veth`, `bridge`, `vlan`, … as `ip link add type` calls it; null: a real device, or `lo`. */
  kind: string | null;
  /** What it is to its master: `bridge`, `bond`, …; null: it has none, or not known. */
  slaveKind: string | null;
  /** Its operational state (RFC 2863). `unknown` is that of `lo`, and of kinds that do not say. */
  state: LinkOperState;
  /** Whether it is set up (`IFF_UP`). */
  up: boolean;
  /** `IFF_*`, netdevice(7). */
  flags: number;
  /** In bytes. */
  mtu: number;
  /** `02:00:00:00:00:01`; null: none. */
  address: string | null;
  /** The ifindex of the bridge, bond or VRF that it is a port of, in the same namespace. */
  master: number | null;
  /** What is particular to its kind; null: nothing that nlink reads. */
  details: LinkDetails | null;
  /** What it leads to; null: nothing, or unknown. */
  peer: LinkPeer | null;
  /** Null: its kind leads nowhere (`lo`, dummy, bridge, a real device). */
  peerState: PeerState | null;
}

/** What can change of a link. */
export type LinkField = Exclude<keyof Link, 'ifindex'>;

/**
 * How the links of a namespace are known.
 *
 * - `pending`: they are about to be read
 * - `live`: each change is told at once
 * - `approximate`: more happened than could be told: they are read at intervals for the moment
 * - `limited`: only by `/proc`: `name`, and where that is known `ifindex`; read at intervals
 * - `closed`: they may not be looked at; or the namespace is dead, and its name still there
 */
export type LinksState = 'pending' | 'live' | 'approximate' | 'limited' | 'closed';

/** A link is there. */
export interface LinkAddedEvent {
  type: 'linkAdded';
  /** The namespace that it is in. */
  netns: LinkNamespace;
  /** As it is. */
  link: Link;
}
/** Something of a link is different. */
export interface LinkChangedEvent {
  type: 'linkChanged';
  /** The namespace that it is in. */
  netns: LinkNamespace;
  /** As it is now. */
  link: Link;
  /** What is different. At least one. */
  changed: readonly LinkField[];
}
/** A link moved to another namespace. */
export interface LinkMovedEvent {
  type: 'linkMoved';
  /** Where it was, and how it was called there. */
  from: LinkEnd;
  /** Where it is. */
  to: LinkEnd;
  /** As it is now. */
  link: Link;
}
/** A link is gone, or moved to a namespace that is not followed. */
export interface LinkRemovedEvent {
  type: 'linkRemoved';
  /** The namespace that it was in. */
  netns: LinkNamespace;
  /** As it was last. */
  link: Link;
}

/** What is told of links. */
export type LinkEvent = LinkAddedEvent | LinkChangedEvent | LinkMovedEvent | LinkRemovedEvent;

/** Which links are told of. */
export interface LinkOptions {
  /** Kinds that are left out, such as `dummy`. */
  excludeKinds?: readonly string[] | undefined;
  /** Names that are left out: patterns as in the shell (`*`, `?`, `[…]`). */
  excludeNames?: readonly string[] | undefined;
  /**
   * Whether to tell of the devices that tunnel modules put into every namespace (`gre0`, `tunl0`,
   * `sit0`, …) while they are down. Default false.
   */
  fallbackTunnels?: boolean | undefined;
  /**
   * Whether to look from the observer's own namespace, for those who have CAP_NET_ADMIN (and
   * CAP_NET_BROADCAST) and not CAP_SYS_ADMIN. Only namespaces that have an nsid there are seen.
   * **It leaves something behind**: the kernel gives an nsid to each namespace that a link leads
   * to, in the table of the own namespace, which is announced to everybody who listens to nsids,
   * and stays as long as that namespace lives. Default false.
   */
  ownTable?: boolean | undefined;
}

/** What tells which namespace is meant: an entry of the inventory, or the `netns` of a link. */
export interface LinkReference {
  /** As {@link InventoryEntry.number}. */
  number?: number | null;
  /** Whether it is the observer's own. */
  own: boolean;
  /** In the observer's namespace; null: none, or unknown. */
  nsid: number | null;
}

/** An address of a link. */
export interface LinkAddress {
  /** `192.0.2.1` or `2001:db8::1`. */
  address: string;
  /** 0 to 32, or to 128. */
  prefixLength: number;
}
