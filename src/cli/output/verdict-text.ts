/**
 * The verdict on a name that is not ready (netns/diagnosis/verdict.ts), in words: a line that says
 * why, and what to do about it. It advises to remove a file only where nothing can be mounted on
 * it, and each command that it names works as it is pasted.
 */
import { IP_DIRECTORIES } from '../../reference/directory.ts';
import { splitPath } from '../../reference/names.ts';
import { ownerText } from '../../format/owner-text.ts';
import type { MountedElsewhere, NameVerdict, Unseen } from '../../netns/diagnosis/verdict.ts';
import type { NotReadyReason } from '../../netns/identity/observe.ts';
import { shellWord } from '../../sys/shell-word.ts';
import { escaped, shown } from '../../format/escape.ts';
import { REASONS } from './reasons.ts';

/** Why, for a line of output. */
export function whyNotReady({ reason, file, mountedIn }: NameVerdict): string {
  const [first] = mountedIn;
  const more = mountedIn.length > 1 ? `, and in ${mountedIn.length - 1} more` : '';
  switch (reason) {
    case 'no-propagation':
      if (first === undefined) break;
      return `mounted in the mount namespace of ${processOf(first)}${more}, whose mounts do not propagate here`;
    case 'mounted-elsewhere':
      if (first === undefined) break;
      if (first.own)
        return `mounted in this mount namespace, but not where this path leads: on ${shown(first.mountPoint)}`;
      return `mounted only in the mount namespace of ${processOf(first)}${more}`;
    case 'pending':
      return `no namespace is mounted on it yet; its file is ${ageOf(file.age)} old`;
    case 'not-a-namespace':
      if (file.kind === 'content')
        return `a file with content (${file.size} bytes), on which no namespace is mounted`;
      if (file.kind === 'other') return 'neither a file nor a link, and no namespace is mounted on it';
      break;
    default:
  }
  return REASONS[reason];
}

/** A process, as a person finds it: `PID 4711 (sleep, docker 0123456789ab)`. */
function processOf({
  pid,
  comm,
  owner,
  mountNamespace,
}: Pick<MountedElsewhere, 'pid' | 'comm' | 'owner' | 'mountNamespace'>): string {
  if (pid === null) return `no visible process (mnt:[${mountNamespace}])`;
  const known = [...(comm === '' ? [] : [shown(comm)]), ...(owner === null ? [] : [ownerText(owner)])];
  return `PID ${pid}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

const UNSEEN: Readonly<Record<Unseen, string>> = {
  'scan-unfinished': 'the search for it took too long',
  'processes-hidden': '/proc hides processes from this user (hidepid)',
  'other-pid-namespace': 'processes outside of this PID namespace cannot be seen',
  'mounts-unreadable': 'the mounts of some processes are not readable',
  chroot: 'some mount namespaces were only visible from inside a chroot',
  'unvisited-mount-namespaces': 'there are mount namespaces without a process',
  'foreign-directory': 'the directory comes from another mount namespace, whose mounts do not propagate here',
  'remote-file-system': 'the file system may be in use on another machine',
  'layered-file-system': 'its file system is laid over another one, on whose file a namespace may be mounted',
  rights: 'only root of the machine sees mount namespaces without a process',
};
const unseenText = (unseen: Unseen): string => UNSEEN[unseen];

/** With the unit that says most. */
function ageOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** A name that is not ready. */
export interface NotReadyName {
  /** Of the name's file. */
  path: string;
  reason: NotReadyReason;
  /** Missing: nobody asked for it. */
  verdict?: NameVerdict | null;
}

/** Why, for a line of output, whether there is a verdict or not. */
export const whyOf = ({ reason, verdict }: Pick<NotReadyName, 'reason' | 'verdict'>): string =>
  verdict === undefined || verdict === null ? REASONS[reason] : whyNotReady({ ...verdict, reason });

/** Says each kind of remedy once. */
export class Remedies {
  readonly #said = new Set<string>();
  readonly #proc: string;
  readonly #ofFiles: boolean;

  /**
   * @param proc where procfs is mounted that numbers the processes
   * @param ofFiles whether to say what to do about files on which nothing is mounted as well
   */
  constructor(proc: string, { ofFiles }: { ofFiles: boolean }) {
    this.#proc = proc;
    this.#ofFiles = ofFiles;
  }

  /** What to do about it, for stderr; undefined: there is nothing to do, or it has been said. */
  next(name: NotReadyName): string | undefined {
    const { reason, verdict } = name;
    const kind = `${reason} ${verdict?.side} ${verdict?.removable}`;
    if (this.#said.has(kind) || (reason === 'not-a-namespace' && !this.#ofFiles)) return undefined;
    const remedy = remedyFor(name, this.#proc);
    if (remedy !== undefined) this.#said.add(kind);
    return remedy;
  }
}

/** What to do about a name that is not ready; undefined: there is nothing to do, or to say. */
export function remedyFor({ path, reason, verdict }: NotReadyName, proc = '/proc'): string | undefined {
  if (reason === 'no-permission')
    return 'only root can follow links to /proc/PID/ns/net of other users: sudo nlink …';
  if (verdict === undefined || verdict === null) return undefined;
  const { side, mountedIn, removable, file } = verdict;
  const [first] = mountedIn;
  if (reason === 'no-propagation' && first !== undefined)
    return side === 'host' ? shareFirst(first) : PROPAGATE;
  if (reason === 'mounted-elsewhere' && first !== undefined) return wayIn(first, side, proc);
  if (reason === 'unknown' || (reason === 'timeout' && verdict.unseen.some((unseen) => unseen !== 'rights')))
    return remedyForUnknown(verdict);
  if (reason !== 'not-a-namespace') return undefined;
  if (removable)
    return (
      `no namespace is mounted on ${shown(path)} in any mount namespace: an unmounted namespace, or an ip netns add that ` +
      `failed, left it behind; nlink delete ${shellWord(path)} removes it`
    );
  if (file.kind !== 'empty') return undefined;
  return (
    `no namespace that this user can see is mounted on ${shown(path)}; before you remove it, ask as root in the machine's first ` +
    `PID namespace: nlink explain ${shellWord(path)}`
  );
}

/** The mounts of the other side are shared, and this side does not take them. */
const PROPAGATE =
  'mounts made there do not propagate to this mount namespace: start this side with the directory and propagation ' +
  '(docker run -v /run/netns:/run/netns:rslave; Kubernetes: mountPropagation: HostToContainer; systemd: MountFlags=slave)';

const shareFirst = ({ holder }: MountedElsewhere): string =>
  `${shown(holder)} is a private mount there, so its mounts propagate nowhere: run mount --make-shared ${shellWord(holder)} there, ` +
  'then restart this side with propagation (docker run -v /run/netns:/run/netns:rslave; Kubernetes: mountPropagation: ' +
  'HostToContainer; systemd: MountFlags=slave)';

function wayIn(there: MountedElsewhere, side: NameVerdict['side'], proc: string): string {
  if (there.own)
    return (
      `the namespace is in use by ${shown(there.mountPoint)}, which is the same file: do not delete the name; where both paths are the ` +
      'same, the mount is covered by one on its directory'
    );
  const why =
    side === 'maker'
      ? 'its maker works in a mount namespace of its own, and mounts made there stay there (systemd: PrivateTmp=, PrivateMounts=, ' +
        'Protect…= of its unit; rootless Podman); create the name in the mount namespace where others use it'
      : 'mounts made there do not propagate here: either its maker works in a mount namespace of its own, or this side was started ' +
        'without propagation (docker run -v …:rslave; Kubernetes: HostToContainer; systemd: MountFlags=slave)';
  const enter =
    proc === '/proc' && there.pid !== null ? `; to see it from there: ${enterCommand(there)}` : '';
  return `the namespace is in use in the mount namespace of ${escaped(processOf(there))}: do not delete the name; ${why}${enter}`;
}

/** Who is not root needs the rights of the user namespace that owns the mount namespace. */
function enterCommand({ pid, mountPoint }: MountedElsewhere): string {
  const user = process.getuid?.() === 0 ? '' : ' --user --preserve-credentials';
  const { directory } = splitPath(mountPoint);
  const where = IP_DIRECTORIES.has(directory) ? '' : ` --directory ${shellWord(directory)}`;
  return `nsenter${user} --mount --target ${pid} nlink list${where}`;
}

function remedyForUnknown({ unseen }: NameVerdict): string {
  const has = (one: Unseen): boolean => unseen.includes(one);
  const steps: string[] = [];
  if (has('other-pid-namespace'))
    steps.push("run nlink on the host, or show it the host's processes (--proc /host/proc)");
  if (has('processes-hidden') || has('mounts-unreadable') || has('rights')) steps.push('run it as root');
  if (has('foreign-directory'))
    steps.push(
      'for mounts of the host to propagate, start this side with the directory and propagation (docker run -v ' +
        '/run/netns:/run/netns:rslave; Kubernetes: mountPropagation: HostToContainer; systemd: MountFlags=slave)',
    );
  if (has('scan-unfinished')) steps.push('try again when the machine is less busy');
  if (has('unvisited-mount-namespaces') || has('chroot'))
    steps.push('lsns -t mnt lists mount namespaces that a file or a descriptor keeps');
  const how = steps.length === 0 ? '' : `; to find out: ${steps.join('; ')}`;
  return `a namespace may be mounted on it elsewhere, so do not delete the name: ${unseen.map(unseenText).join(', ')}${how}`;
}
