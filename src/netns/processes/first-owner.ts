/**
 * Whose a namespace is, by the processes in it: their container or service (process-owner.ts), or
 * else the sandbox that it was made for (sandbox-owner.ts), or else where that was started: a login
 * or another scope, which has the user's other programs too.
 */
import { processOwner } from './process-owner.ts';
import type { ProcessOwner, ProcessOwnerKind } from './process-owner.ts';
import { sandboxOwner } from './sandbox-owner.ts';

/** Not whose a process is, but where it was started. */
export const STARTED_IN: ReadonlySet<ProcessOwnerKind> = new Set(['scope', 'session']);

/**
 * Where none of so many has an owner, as on a host without a service manager, the others are not
 * asked.
 */
const MOST = 64;

/** The owner of the first of these processes that has one; null: none has, or is known. */
export function firstOwner(pids: readonly number[], proc = '/proc'): ProcessOwner | null {
  for (const pid of pids.slice(0, MOST)) {
    const owner = processOwner(pid, proc);
    if (owner !== null && !STARTED_IN.has(owner.kind)) return owner;
    const found = sandboxOwner(pid, proc) ?? owner;
    if (found !== null) return found;
  }
  return null;
}
