/**
 * The verdict on a name that cannot be entered: why not, what shows it, which side would have to
 * change, and whether the file may be removed. A decision without I/O over what name-diagnosis.ts
 * gathered. It claims only what the evidence carries:
 *
 * | a namespace is mounted on the name | reason | side |
 * | --- | --- | --- |
 * | in the machine's, this is another one | `no-propagation` | `here`, `host` if private there |
 * | in another one, and this is that of the machine | `mounted-elsewhere` | `maker` |
 * | in one that gets this one's mounts, and gives none back | `mounted-elsewhere` | `maker` |
 * | in another, and the machine has the directory without it | `mounted-elsewhere` | `maker` |
 * | in one that gets others' mounts and gives none here | `mounted-elsewhere` | `maker` |
 * | in an older one, not arriving here | `no-propagation` | `here`, `host` if private there |
 * | in a newer one, whose mounts do not arrive here | `mounted-elsewhere` | `maker` |
 * | in another one, and neither is known to be the older | `mounted-elsewhere` | null |
 * | nowhere that was seen, and not all was seen | `unknown` | null |
 * | nowhere, and the file was made a moment ago | `pending` | null |
 * | nowhere | `not-a-namespace` | null |
 *
 * The mode of the file is no evidence: each maker has its own.
 */
import type { ForeignMount, ScanGaps } from '../mounts/foreign-mounts-found.ts';
import { relationOf } from '../mounts/mount-relation.ts';
import type { Ties } from '../mounts/mount-relation.ts';
import type { NotReadyReason } from '../identity/observe.ts';
import type { ProcessOwner } from '../processes/process-owner.ts';

/** Where a namespace is mounted on a name instead of here. */
export interface MountedElsewhere {
  /**
   * A process, or thread, in that mount namespace, as /proc numbers it: the way in is `nsenter
   * --mount --target PID`. Null: a mount or a descriptor keeps it, and no process is in it.
   */
  pid: number | null;
  /**
   * The name of its program, at most 15 bytes; empty where there is none, or it has ended
   * meanwhile.
   */
  comm: string;
  /** The container or unit that it belongs to, by its control group; null: none, or unknown. */
  owner: ProcessOwner | null;
  /** Inode of the mount namespace, as in `mnt:[4026531832]`; null where this user may not know. */
  mountNamespace: bigint | null;
  /** Whether that is the mount namespace of the machine's first process. */
  host: boolean;
  /**
   * Whether that is this process's own, in which another path leads to the mount, or none (it is
   * covered).
   */
  own: boolean;
  /** Where it is mounted, as that process sees it. */
  mountPoint: string;
  /** The mount there that holds the name: its mount point. */
  holder: string;
  /** What is mounted: `net:[4026532178]`. */
  namespace: string;
}

/** Something that could not be looked at, and where a namespace may be mounted on the name. */
export type Unseen =
  /** The search took too long. */
  | 'scan-unfinished'
  /** /proc hides processes of other users (`hidepid`). */
  | 'processes-hidden'
  /** Processes outside of this PID namespace. */
  | 'other-pid-namespace'
  /** Mounts of processes that may not be read. */
  | 'mounts-unreadable'
  /** What lies above a chroot. */
  | 'chroot'
  /** Mount namespaces that a mount or a descriptor keeps, and no process is in. */
  | 'unvisited-mount-namespaces'
  /**
   * The directory is part of a file system of another mount namespace, whose mounts do not arrive.
   */
  | 'foreign-directory'
  /** The file system may be in use on another machine. */
  | 'remote-file-system'
  /**
   * The file system is laid over another one (overlayfs), on whose file a namespace may be mounted.
   */
  | 'layered-file-system'
  /** Mount namespaces without a process, for which only root of the machine can look. */
  | 'rights';

/** The file of a name on which nothing is mounted here. */
export interface NameFile {
  /** `other`: neither a regular file nor a symbolic link. */
  kind: 'empty' | 'content' | 'symlink' | 'other';
  /** Permissions, as chmod(1) has them. */
  mode: number;
  /** In bytes. */
  size: number;
  /** For how long it has been as it is, in milliseconds. */
  age: number;
}

/** Why a name cannot be entered, and what shows it. */
export interface NameVerdict {
  /** Why, in a word. */
  reason: NotReadyReason;
  /** What there is in its place. */
  file: NameFile;
  /**
   * The mounts on the name in other mount namespaces, that of the machine first. Empty: none was
   * seen.
   */
  mountedIn: MountedElsewhere[];
  /** What could not be looked at. Empty: all mount namespaces that a process is in were. */
  unseen: Unseen[];
  /**
   * Which side would have to change. `here`: this process's mount namespace. `maker`: whoever made
   * the name, in a mount namespace of its own. `host`: the mount there has to be shared first.
   * Null: neither, or unknown.
   */
  side: 'here' | 'maker' | 'host' | null;
  /**
   * Whether it is shown that nothing is mounted on the name in any mount namespace, so that
   * removing the file ends nothing.
   */
  removable: boolean;
}

/** What a verdict is made of. */
export interface NameFacts {
  file: NameFile;
  /** The mounts on the name that were there before and after nothing was found here. */
  elsewhere: readonly ForeignMount[];
  masters: ReadonlyMap<number, number>;
  gaps: ScanGaps;
  /** How the directory is mounted here. */
  here: Ties & {
    /** Whether this is the mount namespace of the machine's first process. */
    host: boolean;
    /** As {@link ForeignMount.age}. */
    age: bigint | null;
    /** As a container has it of its host (mount-relation.ts). */
    privatePart: boolean;
    remote: boolean;
    /** It is laid over another file system. */
    layered: boolean;
  };
  hostSeen: boolean;
  /**
   * Whether the machine's mount namespace has the file system of the directory, so that its own
   * names are seen there.
   */
  hostLacks: boolean;
}

/**
 * So long a file is likely to be one that a namespace is about to be mounted on, in milliseconds.
 * Docker takes up to 1.7 s.
 */
export const MAKING = 10_000;

type Decision = Pick<NameVerdict, 'reason' | 'side'>;

/** The verdict, without what only a look at the processes shows. */
export function judge(facts: NameFacts): Omit<NameVerdict, 'mountedIn'> {
  const { file, elsewhere } = facts;
  const unseen = unseenOf(facts);
  const [first] = inOrder(elsewhere);
  const decision = first === undefined ? decideUnmounted(file, unseen) : decide(first, facts);
  // Whose directory it is a part of may count on the file, mounted or not.
  const shown = unseen.length === 0 && facts.gaps.unvisited !== null && !facts.here.privatePart;
  return {
    ...decision,
    file,
    unseen,
    removable: decision.reason === 'not-a-namespace' && file.kind === 'empty' && shown,
  };
}

const rank = ({ host, age }: ForeignMount): bigint => (host ? -1n : (age ?? 1n << 64n));

/** That of the machine first, then the oldest. */
export function inOrder(mounts: readonly ForeignMount[]): ForeignMount[] {
  return [...mounts].sort((a, b) =>
    rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : (a.pid ?? Infinity) - (b.pid ?? Infinity) || 0,
  );
}

function decide(there: ForeignMount, { here, masters, hostLacks }: NameFacts): Decision {
  if (there.own) return { reason: 'mounted-elsewhere', side: null };
  const blamed: Decision = { reason: 'no-propagation', side: there.shared === null ? 'host' : 'here' };
  const made: Decision = { reason: 'mounted-elsewhere', side: 'maker' };
  const relation = relationOf(here, there, masters);
  // It would have arrived if it had been made since the two were tied: nothing here can be changed
  // to bring it.
  if (relation === 'arrives') return { reason: 'mounted-elsewhere', side: null };
  if (there.host) return blamed;
  // Here mounts are made for others, or arrive from where they are made; and there they were not
  // made.
  if (here.host || relation === 'departs' || here.master !== null || hostLacks) return made;
  if (here.age === null || there.age === null) return { reason: 'mounted-elsewhere', side: null };
  return there.age < here.age ? blamed : made;
}

function decideUnmounted({ kind, age }: NameFile, unseen: readonly Unseen[]): Decision {
  if (kind !== 'empty') return { reason: 'not-a-namespace', side: null };
  if (unseen.length > 0) return { reason: 'unknown', side: null };
  return { reason: age < MAKING ? 'pending' : 'not-a-namespace', side: null };
}

function unseenOf({ gaps, here, hostSeen }: NameFacts): Unseen[] {
  const all: [Unseen, boolean][] = [
    ['scan-unfinished', gaps.unfinished],
    ['processes-hidden', gaps.hidden],
    ['other-pid-namespace', gaps.outside],
    ['mounts-unreadable', gaps.unreadable > 0],
    ['chroot', gaps.partial > 0],
    ['unvisited-mount-namespaces', gaps.unvisited !== null && gaps.unvisited.length > 0],
    ['foreign-directory', here.privatePart && !hostSeen],
    ['remote-file-system', here.remote],
    ['layered-file-system', here.layered],
    ['rights', gaps.unvisited === null && gaps.lookedForAll],
  ];
  return all.filter(([, isSo]) => isSo).map(([unseen]) => unseen);
}

/**
 * The reason to tell of a name that was waited for: what may still be in the making has taken too
 * long.
 */
export function reasonAfterWait({ reason, file, unseen }: NameVerdict): NotReadyReason {
  const inTheMaking =
    reason === 'pending' ||
    (reason === 'not-a-namespace' && file.kind === 'empty') ||
    // Were its directory one whose mounts do not arrive, waiting longer would not help.
    (reason === 'unknown' && !unseen.includes('foreign-directory'));
  return inTheMaking ? 'timeout' : reason;
}
