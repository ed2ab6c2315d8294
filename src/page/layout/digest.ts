/** Some seconds of events in one sentence, for who does not see them. */
import type { PageEvent } from '../../replay/replay-types.ts';

/** So many are told each; more by their number alone. */
const MOST_TOLD = 3;

/** @param events those that were not told yet; '': none */
export function digest(events: readonly PageEvent[]): string {
  if (events.length === 0) return '';
  const told = events.slice(-MOST_TOLD).map(({ text }) => text);
  if (events.length <= MOST_TOLD) return told.join('; ');
  return `${events.length} changes: ${told.join('; ')} …`;
}
