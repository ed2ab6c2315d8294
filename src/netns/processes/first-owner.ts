/** Whose a namespace is, by the processes in it (process-owner.ts). */
import { processOwner } from './process-owner.ts';
import type { ProcessOwner } from './process-owner.ts';

/**
 * Where none of so many has an owner, as on a host without a service manager, the others are not
 * asked.
 */
const MOST = 64;

/** The owner of the first of these processes that has one; null: none has, or is known. */
export function firstOwner(pids: readonly number[], proc = '/proc'): ProcessOwner | null {
  for (const pid of pids.slice(0, MOST)) {
    const owner = processOwner(pid, proc);
    if (owner !== null) return owner;
  }
  return null;
}
