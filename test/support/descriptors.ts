/** Finds descriptors that were opened and not closed (proc_pid_fd(5)), and lets few be opened. */
import { strict as assert } from 'node:assert';
import { readdirSync, readlinkSync } from 'node:fs';
import { check } from '../../src/sys/errno.ts';
import { bind } from '../../src/sys/library.ts';

/** Every open descriptor of this process and what it leads to. */
export function openDescriptors(): Map<string, string> {
  const open = new Map<string, string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      open.set(fd, readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // The one that the listing itself was read through.
    }
  }
  return open;
}

/** How often it is looked whether what is open stays so, a millisecond apart. */
const LOOKS = 50;

/**
 * What is open that was not `before`, and stays open: threads of Node open files for a moment when
 * they like, as malloc(3) does to learn the number of processors.
 */
export function openedSince(before: ReadonlyMap<string, string>): [fd: string, target: string][] {
  const opened = (): [string, string][] => [...openDescriptors()].filter(([fd, to]) => before.get(fd) !== to);
  const still = new Int32Array(new SharedArrayBuffer(4));
  let left = opened();
  for (let look = 1; left.length > 0 && look < LOOKS; look++) {
    Atomics.wait(still, 0, 0, 1);
    left = opened();
  }
  return left;
}

/**
 * Runs `body` and fails if it leaves a descriptor open. What Node opens once for itself (its first
 * use of a feature) must have been opened before.
 */
export async function withoutLeak(body: () => void | Promise<void>): Promise<void> {
  const before = openDescriptors();
  await body();
  assert.deepEqual(openedSince(before), [], 'descriptors left open');
}

/**
 * Runs `body` with so many descriptors left to be opened (RLIMIT_NOFILE of setrlimit(2)); it must
 * not wait for anything.
 */
export async function withDescriptorsLeft(left: number, body: () => Promise<void>): Promise<void> {
  const RLIMIT_NOFILE = 7;
  const before = new BigUint64Array(2);
  check(bind('int getrlimit(int resource, void *limit)')(RLIMIT_NOFILE, before), 'getrlimit');
  const set = bind('int setrlimit(int resource, const void *limit)');
  // The numbers below the limit are what counts, not how many are open.
  const open = new Set([...openDescriptors().keys()].map(Number));
  let limit = 0;
  for (let free = 0; free < left || open.has(limit); limit++) if (!open.has(limit)) free++;
  check(set(RLIMIT_NOFILE, BigUint64Array.of(BigInt(limit), before[1] as bigint)), 'setrlimit');
  try {
    await body();
  } finally {
    check(set(RLIMIT_NOFILE, before), 'setrlimit');
  }
}
