/**
 * Which sandbox a process is in, of the programs that give it a network namespace and no control
 * group of its own: firejail(1) and bwrap(1). Both leave a process outside of the namespace, which
 * waits for its child inside: `firejail` (outside), `firejail`, the program; `bwrap` (outside),
 * with a PID namespace `bwrap`, the program. So whoever is in the namespace has it above him.
 *
 * By the names of processes (proc_pid_comm(5)), which every user may read, and each process may
 * change: good for a person to read, and not to be relied on.
 */
import { statSync } from 'node:fs';
import { readSmall } from './proc.ts';
import type { ProcessOwner, ProcessOwnerKind } from './process-owner.ts';

const PROGRAMS: Readonly<Record<string, ProcessOwnerKind>> = { firejail: 'firejail', bwrap: 'bubblewrap' };
/** So many processes are looked at on the way up; they are not all of one moment. */
const MOST = 32;

/** The sandbox that made or entered the namespace of a process; null: none did, or it has ended. */
export function sandboxOwner(pid: number, proc = '/proc'): ProcessOwner | null {
  const inside = namespaceOf(pid, proc);
  let found: ProcessOwner | null = null;
  if (inside === null) return null;
  for (let at = pid, step = 0; at > 0 && step < MOST; step++) {
    const process = read(at, proc);
    if (process === null) return null;
    const kind = Object.hasOwn(PROGRAMS, process.comm) ? PROGRAMS[process.comm] : undefined;
    if (kind !== undefined) found = { kind, name: String(at), id: String(at) };
    // The first that is outside is the sandbox's own, or there is none.
    if (namespaceOf(at, proc) !== inside) return kind === undefined ? null : found;
    at = process.parent;
  }
  return null;
}

/** The number of `net/dev`, as of process-look.ts; null: it is in none, or may not be looked at. */
function namespaceOf(pid: number, proc: string): number | null {
  try {
    return statSync(`${proc}/${pid}/net/dev`).ino;
  } catch {
    return null;
  }
}

function read(pid: number, proc: string): { comm: string; parent: number } | null {
  const stat = readSmall(`${proc}/${pid}/stat`)?.toString('latin1') ?? '';
  // The name may hold anything, brackets too.
  const [, comm, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
  return comm === undefined ? null : { comm, parent: Number(parent) };
}
