/** Takes the events of a watcher, as their one consumer: all that are there, then tells so once. */
import type { UnifiedEvent } from '../../watch/unified/unified-events.ts';

export interface EventSource {
  recv(): Promise<UnifiedEvent | undefined>;
  tryRecv(): UnifiedEvent | undefined;
}

/**
 * Done when the watcher has stopped. Nothing waits for the consumers of events, so that no client
 * holds up the watcher.
 * @param batch after all events that were there
 * @throws what ended the watcher
 */
export async function consume(
  source: EventSource,
  take: (event: UnifiedEvent) => void,
  batch: () => void,
): Promise<void> {
  for (let first = await source.recv(); first !== undefined; first = await source.recv()) {
    take(first);
    for (let next = source.tryRecv(); next !== undefined; next = source.tryRecv()) take(next);
    batch();
  }
}
