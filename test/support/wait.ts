/** Waiting in tests: for what tells of itself there are events, and a deadline; for the rest, asking again and again. */
import { setTimeout } from 'node:timers/promises';

/** Long enough for a slow and busy machine: reached only by a failure. */
export const DEADLINE = 30_000;

/** Waits for `condition` to hold, asking every few milliseconds: only for what has no event. */
export async function waitFor(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${DEADLINE} ms in vain for ${what}`);
    await setTimeout(5);
  }
}

/** The promise's value, or a failure that names what never came. */
export async function within<T>(what: string, promise: Promise<T>, deadline: number = DEADLINE): Promise<T> {
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
