/**
 * What could not be looked at when processes were counted (netns/processes/process-scan.ts), in
 * words. Where it is said: the command's to know.
 */
import type { UnseenProcesses } from '../../netns/processes/process-scan.ts';
import { shown } from '../../format/escape.ts';

/**
 * A clause for each kind, with semicolons between; empty where nothing is unseen.
 * @param proc where processes were looked for
 */
export function unseenProcesses({ processes, hidden, outside }: UnseenProcesses, proc: string): string {
  const clauses: string[] = [];
  if (processes > 0) {
    const some = processes === 1 ? 'one process' : `${processes} processes`;
    clauses.push(`this user may not inspect ${some} (root may, with all their capabilities)`);
  }
  if (hidden) clauses.push(`${shown(proc)} hides processes of others from this user (hidepid)`);
  if (outside) {
    const remedy = proc === '/proc' ? ", unless --proc names the host's, where that is mounted" : '';
    clauses.push(`processes outside the PID namespace of ${shown(proc)} are not visible${remedy}`);
  }
  return clauses.join('; ');
}

/**
 * How many there are, as far as one knows: `3+` where there may be more, `-` where nobody looked.
 */
export function countOf(processes: number | null, complete: boolean | null): string {
  if (complete === null || (processes === null && complete)) return '-';
  return complete ? String(processes) : `${processes ?? 0}+`;
}
