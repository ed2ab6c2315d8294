/**
 * Where a client is in the row of events: `EPOCH:SEQ`, as `Last-Event-ID` and `?since=` have it.
 * The epoch is drawn at random at each start, so that a number of an earlier server counts for
 * nothing.
 */

/** As long as anything that was ever given out. */
const CURSOR = /^([0-9a-f]{16}):(0|[1-9]\d{0,15})$/;

export interface Cursor {
  epoch: string;
  seq: number;
}

export const cursorText = ({ epoch, seq }: Cursor): string => `${epoch}:${seq}`;

/** Null: it is none. */
export function cursorOf(text: string): Cursor | null {
  const [, epoch, seq] = CURSOR.exec(text) ?? [];
  return epoch === undefined || seq === undefined ? null : { epoch, seq: Number(seq) };
}
