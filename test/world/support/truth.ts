/**
 * What is there, read without nlink: /proc, ip(8) and nsenter(1), with which what nlink tells is
 * compared.
 */
import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { output } from './programs.ts';

/**
 * The inode of the network namespace that a process is in, as in `net:[4026531840]`
 * (namespaces(7)).
 */
export function namespaceOf(pid: number | string): string {
  return readlinkSync(`/proc/${pid}/ns/net`).replace(/^net:\[(\d+)\]$/u, '$1');
}

/** Whether something is mounted there, as this process sees it. */
export function isMounted(path: string): boolean {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.some((line) => line.split(' ')[4] === path && line.includes(' - nsfs '));
}

/** Whether a process is in the network namespace of this inode. */
export function hasProcess(inode: string): boolean {
  return processes().some((pid) => {
    try {
      return namespaceOf(pid) === inode;
    } catch {
      return false;
    }
  });
}

/**
 * The permissions of the file, as `stat -c %a` prints them, without what is mounted on it: looked
 * at in a mount namespace of its own.
 */
export function modeOf(path: string): Promise<string> {
  const look = 'while umount "$1" 2>/dev/null; do :; done; stat -c %a "$1"';
  return output('unshare', '-m', '--propagation', 'private', 'sh', '-c', look, 'sh', path);
}

/**
 * The id that the namespace of this process has here: that of the near end of its veth, which the
 * other end names by number (ip-link(8): `eth0@if7` inside, `7: …link-netnsid 0` outside;
 * `link-netns NAME` where ip knows the name). Null: no such device, or no id.
 */
export async function nsidByVeth(pid: number | string): Promise<number | null> {
  const inside = await output('nsenter', '-t', String(pid), '-n', 'ip', '-o', 'link');
  for (const [, peer] of inside.matchAll(/@if(\d+): /gu)) {
    const outside = await output('ip', '-o', 'link');
    const near = outside.split('\n').find((line) => line.startsWith(`${peer}: `)) ?? '';
    const [, id, name] = /link-netns(?:id (\d+)| (\S+))/u.exec(near) ?? [];
    if (id !== undefined) return Number(id);
    if (name !== undefined) return await nsidByName(name);
  }
  return null;
}

/** As `ip netns list-id` has it: `nsid 0 (iproute2 netns name: blue)`. */
export async function nsidByName(name: string): Promise<number | null> {
  const lines = (await output('ip', 'netns', 'list-id')).split('\n');
  const id = lines.find((line) => line.endsWith(` netns name: ${name})`));
  return id === undefined ? null : Number(/^nsid (\d+)/u.exec(id)?.[1]);
}

/** All ids that are assigned here, as `ip netns list-id` prints them. */
export async function nsids(): Promise<number[]> {
  const text = await output('ip', 'netns', 'list-id');
  return [...text.matchAll(/^nsid (\d+)/gmu)].map(([, id]) => Number(id)).sort((a, b) => a - b);
}

/** The devices here whose other end is in another namespace. */
export async function nearEnds(): Promise<string[]> {
  const text = await output('ip', '-o', 'link');
  return [...text.matchAll(/^\d+: ([^:@]+)@if\d+:.*link-netns/gmu)].map(([, name]) => name ?? '');
}

/**
 * The processes in whose mount namespaces a namespace is mounted there (proc_pid_mountinfo(5)); a
 * path may mean another place in each.
 */
export function mountedFor(path: string): number[] {
  const mounted = processes().filter((pid) => {
    try {
      const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
      return lines.some((line) => line.split(' ')[4] === path && line.includes(' - nsfs '));
    } catch {
      return false;
    }
  });
  return mounted.map(Number);
}

/** All process ids here, those of zombies too. */
export function processes(): string[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/u.test(entry));
}

/** Those whose ancestor a process is, by ps(1), with their programs. */
export async function descendants(pid: number): Promise<{ pid: number; program: string }[]> {
  const lines = (await output('ps', '-eo', 'pid=,ppid=,comm=')).split('\n');
  const all = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(line) ?? []);
  const below = new Set([String(pid)]);
  // A child may have a lower number than its parent.
  for (let before = 0; before < below.size;) {
    before = below.size;
    for (const [, child = '', parent = ''] of all) if (below.has(parent)) below.add(child);
  }
  return all
    .filter(([, child = '']) => below.has(child) && child !== String(pid))
    .map(([, child, , program = '']) => ({ pid: Number(child), program }));
}
