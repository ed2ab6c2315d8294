/**
 * What several questions to /proc (proc(5)) have in common: the processes or threads that it lists,
 * what its refusals mean, small files of it, and turns of the event loop between thousands of
 * looks.
 */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { cPath } from '../../reference/names.ts';
import { errno } from '../../sys/errno.ts';
import type { System } from '../../sys/system.ts';

/** The first pid namespace, the same on every kernel since 3.8 (PROC_PID_INIT_INO). */
export const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * The numbers that a directory of /proc lists (processes, threads, descriptors), ascending; or
 * `-errno`.
 */
export function listNumbers(system: Pick<System, 'readDirectory'>, path: string): number[] | number {
  const names = system.readDirectory(cPath(path));
  if (typeof names === 'number') return names;
  return names
    .map((name) => name.toString('latin1'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * A process that has ended, and one that has only its parent to wait for: it is in no namespace and
 * holds nothing.
 */
export const hasEnded = (result: number): boolean => result === -errno.ENOENT || result === -errno.ESRCH;

/** EPERM: /proc is mounted with hidepid=1. */
export const isDenied = (result: number): boolean => result === -errno.EACCES || result === -errno.EPERM;

/** A small file of /proc; null: it is gone or may not be read. */
export function readSmall(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** PF_KTHREAD of `linux/sched.h`, in the ninth field of /proc/PID/stat (proc_pid_stat(5)). */
const KERNEL_THREAD = 0x00200000;

/**
 * The fields of /proc/PID/stat from the third on; the name before them may hold anything, brackets
 * too.
 */
function fieldsOf(stat: Buffer): string[] {
  const text = stat.toString('latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Whether it is a thread of the kernel. @param stat its /proc/PID/stat */
export const isKernelThread = (stat: Buffer): boolean => (Number(fieldsOf(stat)[6]) & KERNEL_THREAD) !== 0;

/**
 * Whether a process that may not be looked into may hold anything: not if it has ended, and not if
 * it is a thread of the kernel, which is in the first network namespace and has no descriptors.
 * Every user may read that.
 * @param proc where the procfs is mounted that shows it
 */
export function mayHold(pid: number, proc = '/proc'): boolean {
  let stat: Buffer;
  try {
    stat = readFileSync(`${proc}/${pid}/stat`);
  } catch (error) {
    // With hidepid=1 not even that may be read.
    return isDenied((error as NodeJS.ErrnoException).errno ?? 0);
  }
  const fields = fieldsOf(stat);
  const [state, threads] = [fields[0], Number(fields[17])];
  return !isKernelThread(stat) && !(state === 'Z' && threads <= 1) && state !== 'X';
}

/** How many looks are made in one turn of the event loop: a millisecond or two. */
const LOOKS_A_TURN = 256;

/** Lets the event loop go on now and then. */
export class EventLoopYield {
  #looks = 0;

  /** To be awaited before each look; mostly there is nothing to wait for. */
  next(): Promise<void> | undefined {
    return ++this.#looks % LOOKS_A_TURN === 0 ? setImmediate() : undefined;
  }
}
