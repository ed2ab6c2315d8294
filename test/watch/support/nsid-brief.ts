/** Events of ids in few words, one by one and many at once. */
import type { NamespaceIdEvent } from '../../../src/watch/ids/nsid-events.ts';

/**
 * An event in few words: `new 5`, `del 5`, `new 5 in 3` (of the namespace with the id 3), `resynced
 * (overflow)`.
 */
export function brief(event: NamespaceIdEvent): string {
  if (event.type === 'resynced') return `resynced (${event.reason})`;
  const where = event.origin === undefined ? '' : ` in ${event.origin}`;
  return `${event.type === 'newNsid' ? 'new' : 'del'} ${event.nsid}${where}`;
}

/** Numbers that follow each other. */
export const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => first + at);

/**
 * Events in brief in the order of their ids, and those that follow each other as one: `new 0-299`.
 */
export function summary(told: readonly string[]): string[] {
  const runs: { type: string; first: number; last: number }[] = [];
  const events = told
    .map((line) => line.split(' '))
    .map(([type = '', nsid]) => ({ type, nsid: Number(nsid) }));
  for (const { type, nsid } of events.sort((a, b) => a.nsid - b.nsid)) {
    const run = runs.findLast((one) => one.type === type);
    if (run?.last === nsid - 1) run.last = nsid;
    else runs.push({ type, first: nsid, last: nsid });
  }
  return runs.map(({ type, first, last }) =>
    first === last ? `${type} ${first}` : `${type} ${first}-${last}`,
  );
}
