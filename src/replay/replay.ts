/**
 * What a snapshot and the events after it come to. Each event says how something is, so one told
 * twice does no harm. A snapshot may come at any time, and stands for all before it.
 *
 * | what comes                     | the box                             | greyed               |
 * | ------------------------------ | ----------------------------------- | -------------------- |
 * | snapshot                       | is as it says                       | whoever is not in it |
 * | `created`, `mounted`           | has the name, whose own box goes    |                      |
 * | - not ready                    | the name has a box of its own       |                      |
 * | `unmounted`                    | loses the name: a box of its own    | as below             |
 * | `deleted`                      | loses the name                      | a name's own box     |
 * | - the last one; it lives       | lingers                             |                      |
 * | - the last one; it does not    |                                     | it                   |
 * | - the last one; nobody knows   | stays with an nsid or a number      | it, if it has none   |
 * | `nsidAssigned`                 | has it, and nobody else             |                      |
 * | `found`                        | is there                            |                      |
 * | `destroyed`                    |                                     | it, with its links   |
 * | `linkAdded`, `linkChanged`     | has the link as it is               |                      |
 * | `linkMoved`                    | has the link                        |                      |
 * | `linkRemoved`                  |                                     | the link             |
 * | `resynced`                     | as it is: said                      |                      |
 * | `…Unavailable`                 | asks for a snapshot                 |                      |
 * | rows of `/v1/namespaces`       | has what no event tells: processes, |                      |
 * |                                | owner, lingering, `linksState`      |                      |
 * | - one that has no box, twice   | is there                            |                      |
 * | - one that is not there, twice |                                     | it                   |
 *
 * What is greyed goes after ten seconds, unless it is back.
 */
import { Boxes } from './boxes.ts';
import { Endings } from './endings.ts';
import { EventReplay } from './event-replay.ts';
import type { PageEvent, PageModel } from './replay-types.ts';
import { RowLooks } from './row-looks.ts';
import { applySnapshot } from './snapshot-replay.ts';
import type { NamespaceRow, WireEvent, WireSnapshot } from './wire.ts';

/** Of the time line. */
const MOST_EVENTS = 300;

export class Replay {
  readonly #boxes = new Boxes();
  readonly #endings = new Endings();
  readonly #events = new EventReplay(this.#boxes, this.#endings);
  readonly #looks = new RowLooks(this.#boxes, this.#endings);
  #epoch = '';
  #timeline: readonly PageEvent[] = [];
  #unavailable: readonly string[] = [];
  #resynced: PageModel['resynced'] = null;
  #isSnapshotNeeded = false;
  #revision = 0;
  #model: PageModel = this.#made();

  /** @param now milliseconds since 1970, as in all that follows */
  snapshot(snapshot: WireSnapshot, now: number): void {
    const isSameServer = snapshot.epoch === this.#epoch;
    if (!isSameServer) this.#timeline = [];
    applySnapshot(this.#boxes, this.#endings, snapshot, isSameServer, now);
    this.#epoch = snapshot.epoch;
    this.#unavailable = snapshot.unavailable;
    this.#isSnapshotNeeded = false;
    this.#looks.forget();
    this.#publish();
  }

  /** @param last the number of the last of them */
  events(events: readonly WireEvent[], last: number, now: number): void {
    const told = events.map((event, at) => this.#event(event, last - events.length + 1 + at, now));
    // After a snapshot some may be told once more.
    const newest = this.#timeline.at(-1)?.seq ?? 0;
    this.#timeline = [...this.#timeline, ...told.filter(({ seq }) => seq > newest)].slice(-MOST_EVENTS);
    this.#publish();
  }

  /** An answer of `/v1/namespaces`, which the events may not have reached yet, or have passed. */
  rows(rows: readonly NamespaceRow[], now: number): void {
    this.#looks.take(rows, now);
    this.#publish();
  }

  /** What ended long ago goes. @returns whether anything did */
  tick(now: number): boolean {
    let hasGone = false;
    for (const { box, link, ended } of this.#endings.take(now)) {
      if (link === null) {
        if (box.ended !== ended) continue;
        this.#boxes.remove(box);
      } else {
        const known = box.links.get(link);
        // Those of one that has ended go with it.
        if (known?.ended !== ended || box.ended !== null) continue;
        this.#boxes.links.drop(box, link);
        this.#boxes.touch(box);
      }
      hasGone = true;
    }
    if (hasGone) this.#publish();
    return hasGone;
  }

  /** When {@link tick} is due; null: nothing has ended. */
  get due(): number | null {
    return this.#endings.next;
  }

  /** Whether only another snapshot can tell what is there. */
  get isSnapshotNeeded(): boolean {
    return this.#isSnapshotNeeded;
  }

  /** Of the server; empty: nothing came yet. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Whether the last rows and the boxes differ, which one answer alone does not prove. */
  get isUnsure(): boolean {
    return this.#looks.isUnsure;
  }

  get model(): PageModel {
    return this.#model;
  }

  #event(event: WireEvent, seq: number, now: number): PageEvent {
    const { type, time } = event;
    const at = Date.parse(time);
    if (type === 'resynced') this.#resynced = { at, lost: event.lost ?? [] };
    if (type.endsWith('Unavailable')) {
      const part = type.slice(0, -'Unavailable'.length);
      // One that came with the snapshot is known by it.
      this.#isSnapshotNeeded ||= !this.#unavailable.includes(part);
      this.#unavailable = [...new Set([...this.#unavailable, part])];
    }
    return { seq, at, type, ...this.#events.apply(event, at, now) };
  }

  #publish(): void {
    this.#boxes.publish();
    this.#revision++;
    this.#model = this.#made();
  }

  #made(): PageModel {
    return {
      namespaces: this.#boxes.namespaces,
      events: this.#timeline,
      unavailable: this.#unavailable,
      resynced: this.#resynced,
      revision: this.#revision,
    };
  }
}
