/**
 * What one can know of a host by what is kept of it: a reader that starts now, in its simplest form.
 * It applies the last whole snapshot, and the deltas after it without a gap.
 */
import type { UnifiedEvent } from '../../src/core.ts';
import { decodeDelta } from '../../src/wire/delta.ts';
import { decodeHead } from '../../src/wire/head.ts';
import type { Head } from '../../src/wire/head.ts';
import { unpacked } from '../../src/wire/payload.ts';
import { decodePart, SnapshotParts } from '../../src/wire/snapshot.ts';
import type { Snapshot } from '../../src/wire/snapshot.ts';
import type { Delta } from '../../src/wire/delta.ts';

export interface Kept {
  head: Head | null;
  snapshot: Snapshot | null;
  deltas: Delta[];
}

/** @param parts in the order in which they came */
export const keptOf = (
  head: Uint8Array | null,
  parts: readonly Uint8Array[],
  deltas: readonly Uint8Array[],
): Kept => {
  const together = new SnapshotParts();
  let snapshot: Snapshot | null = null;
  for (const part of parts) snapshot = together.add(decodePart(part)) ?? snapshot;
  return { head: head === null ? null : decodeHead(head), snapshot, deltas: deltas.map(decodeDelta) };
};

/**
 * The names of a host, sorted.
 * @returns null: events are lacking, or there is no snapshot of this epoch
 */
export function namesOf({ head, snapshot, deltas }: Kept): string[] | null {
  if (head === null || snapshot?.epoch !== head.epoch) return null;
  const rows = (JSON.parse(unpacked(snapshot.body)) as { namespaces: { name: string | null }[] }).namespaces;
  const names = new Set(rows.flatMap(({ name }) => (name === null ? [] : [name])));
  let seq = snapshot.seq;
  for (const { epoch, first, events } of deltas) {
    if (epoch !== head.epoch) continue;
    for (const [at, event] of events.entries()) {
      if (first + at <= seq) continue;
      if (first + at > seq + 1) return null;
      seq++;
      apply(names, event as unknown as UnifiedEvent);
    }
  }
  return seq < head.seq ? null : [...names].sort();
}

function apply(names: Set<string>, event: UnifiedEvent): void {
  if (event.type === 'created') names.add(event.name);
  if (event.type === 'deleted') names.delete(event.name);
}
