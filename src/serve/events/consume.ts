/** Takes the events of a watcher, as their one consumer: all that are there, then tells so once. */

export interface EventSource<E> {
  recv(): Promise<E | undefined>;
  tryRecv(): E | undefined;
}

/**
 * Done when the watcher has stopped. Nothing waits for the consumers of events, so that no client
 * holds up the watcher.
 * @param batch after all events that were there
 * @throws what ended the watcher
 */
export async function consume<E>(
  source: EventSource<E>,
  take: (event: E) => void,
  batch: () => void,
): Promise<void> {
  for (let first = await source.recv(); first !== undefined; first = await source.recv()) {
    take(first);
    for (let next = source.tryRecv(); next !== undefined; next = source.tryRecv()) take(next);
    batch();
  }
}
