/**
 * What takes several steps, done while the programs that watch get no turn. `ip netns add` makes a
 * file and then mounts a namespace on it, `ip netns del` unmounts and then unlinks: a program that
 * was awake while ip stood still in between would tell of the first step alone.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ip as ipNow } from './netns.ts';
import { waitFor } from './wait.ts';

type Child = Pick<ChildProcess, 'pid' | 'kill'> & { once(event: 'exit', listener: () => void): unknown };

const watching = new Set<Child>();

/** From now on it stands {@link still}, until it ends. */
export function standing(child: Child): void {
  watching.add(child);
  child.once('exit', () => watching.delete(child));
}

/** Whether it is stopped, or has ended: proc_pid_stat(5). */
function stands({ pid }: Child): boolean {
  try {
    return /\) [TZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

/**
 * Does something while they stand: what the kernel tells of it waits for them (SIGSTOP in
 * signal(7)), and then they meet all of it at once.
 */
export async function still<T>(act: () => T | Promise<T>): Promise<T> {
  const stopped = [...watching];
  for (const child of stopped) child.kill('SIGSTOP');
  try {
    await waitFor('the programs to stand still', () => stopped.every(stands));
    return await act();
  } finally {
    for (const child of stopped) child.kill('SIGCONT');
  }
}

/** As `ip` of netns.ts. */
export const ip = (...words: string[]): Promise<string> => still(() => ipNow(...words));
