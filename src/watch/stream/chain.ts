/**
 * Values that may be promises. The kernel answers a netlink request within send(2), so an answer is
 * almost always there at once (`Requester`), and then nothing waits for a turn of the event loop.
 */

/** A value that is there at once, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value: at once if it is there. */
export function chain<T, U>(value: MaybePromise<T>, proceed: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(proceed) : proceed(value);
}

/** Asks; what that throws, or rejects with, goes to `onError`, whose value stands in. */
export function attempt<T>(ask: () => MaybePromise<T>, onError: (error: unknown) => T): MaybePromise<T> {
  try {
    const value = ask();
    return value instanceof Promise ? value.catch(onError) : value;
  } catch (error) {
    return onError(error);
  }
}

/** As many items at a time, in order. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}

/** Takes one step for each item, in order; each waits for the one before. */
export function inTurn<T>(
  items: readonly T[],
  step: (item: T) => MaybePromise<void>,
  from = 0,
): MaybePromise<void> {
  for (let at = from; at < items.length; at++) {
    const done = step(items[at] as T);
    if (done instanceof Promise) return done.then(() => inTurn(items, step, at + 1));
  }
}

/** Lets the event loop go round. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
