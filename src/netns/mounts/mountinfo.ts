/**
 * The codec of /proc/PID/mountinfo (proc_pid_mountinfo(5), `show_mountinfo` in
 * `fs/proc_namespace.c`) and two questions to the tree of mounts: which one holds a path, and where
 * in its file system the path lies. Pure. Paths are strings as `decodeName` makes them, since they
 * are bytes.
 */
import { NlinkError } from '../../errors.ts';
import { decodeName } from '../../reference/names.ts';

/** One mount of a mount namespace, as seen from the root directory of a process. */
export interface Mount {
  /** Unique among the living mounts of the machine, used again later. */
  id: number;
  /** The mount it stands on; one that is not listed for the mount at the process's root. */
  parent: number;
  /** Major and minor number of the file system: `0:25`. */
  device: string;
  /**
   * The directory of the file system that is mounted, or what else it is: `/`, `/netns`,
   * `net:[4026531840]`.
   */
  root: string;
  mountPoint: string;
  /**
   * The peer group: mounts made here appear on its members, and theirs here. Null for a mount that
   * is not shared.
   */
  shared: number | null;
  /** The peer group whose mounts appear here. Null for a mount that is no slave. */
  master: number | null;
  type: string;
}

/**
 * Parses the file.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function parseMountinfo(bytes: Buffer): Mount[] {
  // One character a byte: fields are cut at ASCII characters, and decoded one by one.
  const lines = bytes.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(parseLine);
}

/** `id parent major:minor root mountPoint options [tag[:value] …] - type source superOptions` */
function parseLine(line: string): Mount {
  const fields = line.split(' ');
  const [id, parent, device, root, mountPoint] = fields;
  const end = fields.indexOf('-', 6);
  const type = fields[end + 1];
  if (
    end < 0 ||
    type === undefined ||
    !isNumber(id) ||
    !isNumber(parent) ||
    !/^\d+:\d+$/.test(device ?? '')
  ) {
    throw new NlinkError('ERR_NLINK_MALFORMED', `not a line of mountinfo: ${JSON.stringify(line)}`);
  }
  const tags = fields.slice(6, end);
  return {
    id: Number(id),
    parent: Number(parent),
    device: device ?? '',
    root: unescape(root ?? ''),
    mountPoint: unescape(mountPoint ?? ''),
    shared: group(tags, 'shared:'),
    master: group(tags, 'master:'),
    type: unescape(type),
  };
}

const isNumber = (field: string | undefined): boolean => field !== undefined && /^\d+$/.test(field);

function group(tags: string[], name: string): number | null {
  const tag = tags.find((tag) => tag.startsWith(name));
  return tag === undefined ? null : Number(tag.slice(name.length));
}

/** Space, tab, newline and backslash stand as `\` and three octal digits. */
function unescape(field: string): string {
  const bytes = field.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  );
  return decodeName(Buffer.from(bytes, 'latin1'));
}

/**
 * The mount that holds an absolute path without symbolic links: the one that the kernel ends up in
 * when it walks the path, so a mount that another one covers is never it. Null where it lies
 * outside what is listed (chroot(2)).
 */
export function mountHolding(mounts: readonly Mount[], path: string): Mount | null {
  const ids = new Set(mounts.map((mount) => mount.id));
  const onTheWay = mounts.filter((mount) => covers(mount.mountPoint, path));
  let holder = nearest(onTheWay.filter((mount) => !ids.has(mount.parent)));
  // Bounded: a table that was read while it changed may hold a circle.
  for (let left = onTheWay.length; holder !== null && left > 0; left--) {
    const { id } = holder;
    const next = nearest(onTheWay.filter((mount) => mount.parent === id && mount.id !== id));
    if (next === null) return holder;
    holder = next;
  }
  return holder;
}

/** The one that a walk from above comes to first. */
function nearest(mounts: readonly Mount[]): Mount | null {
  let first: Mount | null = null;
  for (const mount of mounts) {
    if (first === null || mount.mountPoint.length <= first.mountPoint.length) first = mount;
  }
  return first;
}

/**
 * Where in its file system the mount has `path`, which it holds: the same in every mount namespace.
 */
export function pathInFileSystem(mount: Mount, path: string): string {
  const rest = mount.mountPoint === '/' ? path : path.slice(mount.mountPoint.length);
  if (mount.root === '/') return rest === '' ? '/' : rest;
  return rest === '/' ? mount.root : mount.root + rest;
}

const covers = (directory: string, path: string): boolean =>
  path.startsWith(directory) &&
  (directory === '/' || path.length === directory.length || path[directory.length] === '/');
