/**
 * Waiting in tests: for what tells of itself there are events, and a deadline; for the rest, asking
 * again and again.
 */
import { setTimeout } from 'node:timers/promises';

/** How many times longer than usual to wait, on a machine that is emulated (scripts/kernels/). */
const PATIENCE = Number(process.env['NLINK_TEST_PATIENCE'] ?? 1);

/** Long enough for a slow and busy machine: reached only by a failure. */
export const DEADLINE: number = 30_000 * PATIENCE;

/** Waits for `condition` to hold, asking every few milliseconds: only for what has no event. */
export async function waitFor(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${DEADLINE} ms in vain for ${what}`);
    await setTimeout(5);
  }
}

/**
 * The promise's value, or a failure that names what never came; a deadline of the caller's own is
 * longer by `PATIENCE`, too.
 */
export async function within<T>(what: string, promise: Promise<T>, usual?: number): Promise<T> {
  const deadline = usual === undefined ? DEADLINE : usual * PATIENCE;
  const timer = new AbortController();
  const late = setTimeout(deadline, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${deadline} ms in vain for ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
