/**
 * Subjects and streams:
 *
 * | subject                     | stream               | what                                |
 * | --------------------------- | -------------------- | ----------------------------------- |
 * | `nlink.head.KEY`            | `nlink-heads`        | that a host lives: head.ts          |
 * | `nlink.delta.SHARD.KEY`     | `nlink-deltas-SHARD` | what happened on it: delta.ts       |
 * | `nlink.snapshot.KEY.PART`   | `nlink-snapshots`    | all that is there: snapshot.ts      |
 * | `nlink.mark.LANE.READER`    | that of the lane     | a reader's own marker               |
 * | `nlink.ask.KEY`, `.ask.all` | none                 | asks hosts for a head and snapshot  |
 *
 * A lane is `heads`, `snapshots` or `deltas-SHARD`: one stream with its markers. Who a message is
 * of is told by its subject alone, which the server lets nobody else publish to.
 */
import { isKey } from './key.ts';

const ROOT = 'nlink';
const SHARD = /^[a-z0-9]{1,32}$/;

export const HEADS = 'heads';
export const SNAPSHOTS = 'snapshots';

/** Where nobody says another. */
export const DEFAULT_SHARD = '0';

export const isShard = (text: string): boolean => SHARD.test(text);
export const deltasLane = (shard: string): string => `deltas-${shard}`;
export const streamOf = (lane: string): string => `${ROOT}-${lane}`;

export const headSubject = (key: string): string => `${ROOT}.head.${key}`;
export const deltaSubject = (shard: string, key: string): string => `${ROOT}.delta.${shard}.${key}`;
export const snapshotSubject = (key: string, part: number | '*'): string => `${ROOT}.snapshot.${key}.${part}`;
export const markSubject = (lane: string, reader: string): string => `${ROOT}.mark.${lane}.${reader}`;
export const askSubject = (key: string): string => `${ROOT}.ask.${key}`;
export const inboxPrefix = (key: string): string => `_INBOX_${key}`;

/** What the stream of a lane keeps. */
export function subjectsOf(lane: string): string[] {
  const mark = markSubject(lane, '*');
  if (lane === HEADS) return [headSubject('*'), mark];
  if (lane === SNAPSHOTS) return [snapshotSubject('*', '*'), mark];
  return [deltaSubject(lane.slice(deltasLane('').length), '*'), mark];
}

export type ParsedSubject =
  | { kind: 'head'; key: string }
  | { kind: 'delta'; shard: string; key: string }
  | { kind: 'snapshot'; key: string; part: number }
  | { kind: 'mark'; lane: string; reader: string };

/** @returns null: it is none of ours */
export function parseSubject(subject: string): ParsedSubject | null {
  const [root, kind, one = '', two = '', ...more] = subject.split('.');
  if (root !== ROOT || more.length > 0) return null;
  if (kind === 'head' && two === '' && isKey(one)) return { kind, key: one };
  if (kind === 'delta' && isShard(one) && isKey(two)) return { kind, shard: one, key: two };
  if (kind === 'snapshot' && isKey(one) && /^\d{1,5}$/.test(two))
    return { kind, key: one, part: Number(two) };
  if (kind === 'mark' && one !== '' && isKey(two)) return { kind, lane: one, reader: two };
  return null;
}
