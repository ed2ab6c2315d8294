/**
 * Answers of `/v1/namespaces`, some seconds apart: they have what no event tells. The events on the
 * way may be behind or ahead of one, so what is there or not by one answer alone does not count: by
 * two of them in a row it does.
 */
import type { Box } from './box.ts';
import type { Boxes } from './boxes.ts';
import type { Endings } from './endings.ts';
import { takeRow } from './snapshot-replay.ts';
import { identityKey } from './wire.ts';
import type { NamespaceRow } from './wire.ts';

export class RowLooks {
  readonly #boxes: Boxes;
  readonly #endings: Endings;
  /** Rows without a box, and boxes without a row, at the last look. */
  #strangers: ReadonlySet<string> = new Set();
  #missing: ReadonlySet<Box> = new Set();

  constructor(boxes: Boxes, endings: Endings) {
    this.#boxes = boxes;
    this.#endings = endings;
  }

  get isUnsure(): boolean {
    return this.#strangers.size + this.#missing.size > 0;
  }

  forget(): void {
    this.#strangers = new Set();
    this.#missing = new Set();
  }

  take(rows: readonly NamespaceRow[], now: number): void {
    const strangers = new Set<string>();
    const seen = new Set<Box>();
    for (const row of rows) {
      const isUnready = row.name !== null && row.ready === false;
      const box = isUnready ? this.#boxes.named(row.path ?? '') : this.#find(row);
      if (box !== null) {
        seen.add(this.#update(box, row, isUnready));
        continue;
      }
      // A name comes with an event of its own.
      if (row.name !== null) continue;
      const key = row.namespace === null ? `${row.number} ${row.nsid}` : identityKey(row.namespace);
      strangers.add(key);
      if (!this.#strangers.has(key)) continue;
      const made = this.#boxes.make(row);
      takeRow(made, row);
      seen.add(made);
    }
    const missing = [...this.#boxes.all].filter(
      (box) => box.ended === null && !box.isPlaceholder && !seen.has(box),
    );
    for (const box of missing) {
      if (!this.#missing.has(box)) continue;
      const ended = { at: now, reason: 'gone' };
      this.#boxes.end(box, ended);
      this.#endings.add(box, null, ended, now);
    }
    this.#strangers = strangers;
    this.#missing = new Set(missing);
  }

  /** By an nsid alone it may be one that has it now, and the answer is older. */
  #find(row: NamespaceRow): Box | null {
    const box = this.#boxes.find(row);
    const { number = null, namespace } = row;
    const isByNsid = box !== null && (box.identity === null || namespace === null);
    const isOther = isByNsid && number !== null && box.number !== null && box.number !== number;
    return isOther ? null : box;
  }

  #update(box: Box, row: NamespaceRow, isUnready: boolean): Box {
    if (isUnready) {
      if (box.isPlaceholder) box.names = box.names.map((name) => ({ ...name, reason: row.reason ?? null }));
      this.#boxes.touch(box);
      return box;
    }
    // Its nsid comes with an event.
    const known = this.#boxes.learn(box, { ...row, nsid: null });
    takeRow(known, row);
    return known;
  }
}
