/**
 * Closes a poll handle of Deno when nothing can call it any more (notes/deno-bun.md). There a
 * thread waits for the descriptor and has the callback run by the event loop, while closing frees
 * at once what the callback needs. So it is stopped first, after which the thread looks once more
 * within 10 ms and ends; two timers lie between that and the closing, for a callback that was on
 * its way by then and an event loop that was held up.
 */
interface Handle {
  stop(): void;
  unref(): void;
  close(): void;
}

/**
 * In milliseconds; the second is of another turn of the event loop than the first, in whatever
 * order things came due.
 */
const WAITS: readonly number[] = [1000, 100];

/** What is not referred to is collected, and thereby closed. */
const retired = new Set<Handle>();

/** Stops the handle now and closes it in a while, unless the process ends before. */
export function retire(handle: Handle, waits: readonly number[] = WAITS): void {
  handle.stop();
  handle.unref();
  retired.add(handle);
  wait(handle, waits);
}

function wait(handle: Handle, [first, ...rest]: readonly number[]): void {
  if (first === undefined) {
    retired.delete(handle);
    handle.close();
  } else setTimeout(() => wait(handle, rest), first).unref();
}
