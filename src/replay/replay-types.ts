/**
 * What the page knows: the namespaces and links of a snapshot, as the events after it left them,
 * and what ended a moment ago. Types only. Texts are as they are: whoever shows one escapes it
 * (format/escape.ts).
 */
import type { LinksState, PeerState } from '../watch/links/link-types.ts';

export type { LinksState, PeerState };

/** As `/v1/` has it: whole numbers of 64 bits are decimal texts. */
export interface Identity {
  /** That the kernel gives it, since Linux 6.18; null: before. */
  id: string | null;
  /** Of nsfs. */
  dev: string;
  /** `net:[INODE]`; used again. */
  ino: string;
  /** When its inode was made, in nanoseconds since 1970, so far as the kernel tells. */
  since: string;
}

/** Whose a namespace is: a container, a service. */
export interface Owner {
  /** `docker`, `podman`, `systemd`…: docs/containers.md. */
  kind: string;
  /** What it is called. */
  name: string;
  /** Null: it has none. */
  id: string | null;
}

/** A name of a namespace, or one without. */
export interface PageName {
  /** A byte that is not UTF-8 is a lone surrogate, U+DC80 to U+DCFF. */
  name: string;
  /** Of the name, with its directory. */
  path: string;
  /** In which it is. */
  directory: string;
  /** False: no namespace is behind it. */
  ready: boolean;
  /** Why it is not ready. */
  reason: string | null;
}

/** How and when it ended; it is shown for a while. */
export interface Ended {
  /** By the clock of the server, in milliseconds since 1970. */
  at: number;
  /** In a word: `destroyed`, `deleted`, `removed`. */
  reason: string;
}

/** A namespace, or a name without one. */
export interface PageNamespace {
  /**
   * The same for one namespace for as long as it is shown, and after a restart of the server where
   * its identity is known: `id:5120`, `own`; for a name without a namespace `name:PATH`.
   */
  readonly key: string;
  /** What `nlink links` calls it. */
  readonly label: string;
  /** The same, escaped and quoted as it is printed. */
  readonly shown: string;
  /** Empty: it has none. */
  readonly names: readonly PageName[];
  /** Whether the server is in it. */
  readonly own: boolean;
  /** Whether it lives without a name, having had one. */
  readonly lingering: boolean;
  /** The server's own number of it. */
  readonly number: number | null;
  /** In the network namespace of the server. */
  readonly nsid: number | null;
  /** Null: not known, or a name without a namespace. */
  readonly identity: Identity | null;
  /** Whose processes are in it. */
  readonly owner: Owner | null;
  /** The first of them. */
  readonly pids: readonly number[];
  /** How many there are; null: unknown. */
  readonly processes: number | null;
  /** Whether it has no interface but `lo`. */
  readonly loOnly: boolean | null;
  /** Null: links are not followed. */
  readonly linksState: LinksState | null;
  /** By the key of a link, in the order of their indexes. The same map all the time. */
  readonly links: ReadonlyMap<string, PageLink>;
  /** Null: it is there. */
  readonly ended: Ended | null;
}

/** What a link leads to. */
export interface PagePeer {
  /** That of its namespace; null: no box has it. */
  readonly namespace: string | null;
  /** What its namespace is called. */
  readonly label: string;
  /** The same, escaped and quoted as it is printed. */
  readonly shown: string;
  /** Null: not known. */
  readonly ifindex: number | null;
  /** Null: not known. */
  readonly name: string | null;
}

/** An interface of a namespace. */
export interface PageLink {
  /** The same for as long as it stays in its namespace: of that, and its index or else its name. */
  readonly key: string;
  /** {@link PageNamespace.key}. */
  readonly namespace: string;
  /** Null: not known. */
  readonly ifindex: number | null;
  /** As `ip link` has it. */
  readonly name: string;
  /** `veth`, `vlan`…; null: none, as of `lo`, or not known. */
  readonly kind: string | null;
  /** `up`, `down`…, as `ip link` has it. */
  readonly state: string | null;
  /** Whether it is set up. */
  readonly up: boolean | null;
  /** In bytes. */
  readonly mtu: number | null;
  /** Of the link layer. */
  readonly address: string | null;
  /** Its other names. */
  readonly altNames: readonly string[];
  /** A text that somebody gave it. */
  readonly alias: string | null;
  /** Its index in the same namespace. */
  readonly master: number | null;
  /** What it is to its master. */
  readonly slaveKind: string | null;
  /** What it leads to; null: nothing, or not known. */
  readonly peer: PagePeer | null;
  /** What is known of that. */
  readonly peerState: PeerState | null;
  /** What is particular to its kind. */
  readonly details: Readonly<Record<string, unknown>> | null;
  /** Null: it is there. */
  readonly ended: Ended | null;
}

/** One line of the time line. */
export interface PageEvent {
  /** Of the server; grows by one with each event. */
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  /** What it is about; null: no box. */
  readonly namespace: string | null;
  /** {@link PageLink.key}; null: it is about a namespace. */
  readonly link: string | null;
  /** In a few words: `blue deleted`, `blue:eth0 paired with (this namespace):veth1`. Escaped. */
  readonly text: string;
}

/**
 * What is shown. A new object for each change; each namespace and link in it that is the same is
 * the same object. Only the maps are changed in place, so that an event costs nothing of what it is
 * not about.
 */
export interface PageModel {
  /** The same map all the time. */
  readonly namespaces: ReadonlyMap<string, PageNamespace>;
  /** The newest last, no more than some hundreds. */
  readonly events: readonly PageEvent[];
  /** Of what the server knows nothing: `nsids`, `deaths`, `processes`, `links`. */
  readonly unavailable: readonly string[];
  /** When events were lost last, and of what. */
  readonly resynced: { readonly at: number; readonly lost: readonly string[] } | null;
  readonly revision: number;
}

/** Counters of a link, as `/v1/namespaces/WORD` has them: bytes, packets, since it was made. */
export interface LinkCounters {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}
