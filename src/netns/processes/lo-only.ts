/**
 * Whether a network namespace has no interface that leads anywhere: only `lo`, which each has from
 * birth. That is so in most sandboxes (unshare(2), `PrivateNetwork=` in systemd.exec(5)), which
 * want no network at all. /proc/PID/net/dev tells it (proc_pid_net(5)), which every user may read.
 *
 * Tunnel modules put a device of their own into every namespace, down, until
 * `net.core.fb_tunnels_only_for_init_net` says otherwise: one that never had a packet or an error
 * counts for nothing.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { DEFAULT_PROC } from './procfs.ts';

/** Two lines of titles, `lo`, and all of {@link FALLBACK_TUNNELS}: about 1,500 bytes. */
const SIZE = 4096;
const TITLES = 2;
/** What the modules of tunnels put into every namespace. */
export const FALLBACK_TUNNELS: ReadonlySet<string> = new Set(
  'tunl0 sit0 gre0 gretap0 erspan0 ip_vti0 ip6_vti0 ip6tnl0 ip6gre0'.split(' '),
);
const LINE = /^\s*([^\s:]+):((?:\s*\d+)+)\s*$/;

/**
 * Asks by a process or thread in the namespace; whether it was still there is the caller's to know.
 * @param proc where the procfs is mounted
 * @returns null: it has ended, or may not be looked at
 */
export function loOnly(pid: number, proc: string = DEFAULT_PROC): boolean | null {
  const text = beginningOf(`${proc}/${pid}/net/dev`);
  return text === null ? null : tellsOfLoOnly(text);
}

/** The same of what the file says; what is no such file is not known. */
export function tellsOfLoOnly(text: string): boolean | null {
  const lines = text.split('\n').slice(TITLES);
  let found = false;
  for (const line of lines) {
    if (line === '') continue;
    const [, name, counters = ''] = LINE.exec(line) ?? [];
    // What is cut off is one more than there can be without any that counts.
    if (name === undefined) return found ? false : null;
    if (name === 'lo') found = true;
    else if (!FALLBACK_TUNNELS.has(name) || /[1-9]/.test(counters)) return false;
  }
  return found ? true : null;
}

/** Closed at once: while it is open the namespace lives. */
function beginningOf(path: string): string | null {
  const bytes = Buffer.allocUnsafe(SIZE);
  try {
    const fd = openSync(path, 'r');
    try {
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, SIZE, null));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
