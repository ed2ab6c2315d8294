/**
 * Descriptors that this process was started with (beside 0, 1 and 2), such as the pipe of a shell's
 * `<(command)`, a lock, or the sockets of systemd. Node closes them to programs at its start
 * (`uv_disable_stdio_inheritance`), so they must be distinguished from those that Node opened,
 * which are closed to programs as well. Of those beyond 15 it leaves most alone.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The numbers in `open` that were there at the start. Node takes the lowest free numbers, and the
 * first thing that it opens is an epoll instance: what lies below that is not its own. Above, its
 * own are known by their kind: event descriptors, and pipes of which it has both ends.
 * @param open every descriptor and what /proc/self/fd says of it
 */
export function inherited(open: ReadonlyMap<number, string>): number[] {
  const numbers = [...open.keys()].filter((fd) => fd > 2).sort((a, b) => a - b);
  const first = numbers.find((fd) => open.get(fd)?.startsWith('anon_inode:')) ?? Infinity;
  const later = numbers.filter((fd) => fd >= first).map((fd) => open.get(fd) as string);
  const isOwn = (target: string): boolean =>
    target.startsWith('anon_inode:') ||
    (target.startsWith('pipe:') && later.indexOf(target) !== later.lastIndexOf(target));
  return numbers.filter((fd) => fd < first || !isOwn(open.get(fd) as string));
}

/** Those of this process, before it opened files of its own; none where there is no /proc. */
export const inheritedDescriptors = (): number[] => inherited(openDescriptors());

/** Every open descriptor and what it leads to (proc_pid_fd(5)). */
function openDescriptors(): Map<number, string> {
  const open = new Map<number, string>();
  for (const fd of namesIn('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (!isSpare(Number(fd), target)) open.set(Number(fd), target);
    } catch {
      // The one that the listing itself was read through.
    }
  }
  return open;
}

/** So many descriptors Node closes to programs whatever they are. */
const CLOSED = 15;
const O_CLOEXEC = 0o2000000;

/**
 * What libuv keeps to have one left when there are no more (`emfile_fd` in `src/unix/stream.c`),
 * opened with the first stream.
 */
function isSpare(fd: number, target: string): boolean {
  if (target !== '/dev/null' || fd <= CLOSED) return false;
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
  return (parseInt(flags ?? '0', 8) & O_CLOEXEC) !== 0;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
