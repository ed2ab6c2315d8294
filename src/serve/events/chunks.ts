/**
 * What is sent, as bytes that clients have in common: those who are up to date are sent the same
 * message, made once. Clients that take nothing hold no more than the few that were made lately.
 */
import type { EventRing } from './event-ring.ts';
import { eventsText, snapshotText } from './message.ts';
import type { StreamFormat } from './message.ts';
import type { Snapshot } from './view.ts';

/** Of one message. */
const MOST = { events: 1024, bytes: 262_144 };

export interface Chunk {
  /** The number of the last event in it. */
  last: number;
  bytes: Buffer;
}

/** A row of events. */
export interface NumberedEvents {
  readonly epoch: string;
  readonly ring: EventRing;
  /** The number of the last one. */
  readonly seq: number;
}

/** How snapshots and events are written. */
export interface MessageTexts {
  snapshotText: typeof snapshotText;
  eventsText: typeof eventsText;
}

export class Chunks {
  readonly feed: NumberedEvents;
  readonly #view: { snapshot(): Snapshot };
  readonly #texts: MessageTexts;
  readonly #snapshots = new Map<StreamFormat, { json: string; bytes: Buffer }>();
  /** The last chunk of each format. */
  readonly #made = new Map<StreamFormat, Chunk & { after: number }>();

  constructor(
    feed: NumberedEvents,
    view: { snapshot(): Snapshot },
    texts: MessageTexts = { snapshotText, eventsText },
  ) {
    this.feed = feed;
    this.#view = view;
    this.#texts = texts;
  }

  snapshot(format: StreamFormat): { seq: number; bytes: Buffer } {
    const { seq, json } = this.#view.snapshot();
    const made = this.#snapshots.get(format);
    if (made?.json === json) return { seq, bytes: made.bytes };
    const bytes = Buffer.from(this.#texts.snapshotText(format, this.feed.epoch, seq, json));
    this.#snapshots.set(format, { json, bytes });
    return { seq, bytes };
  }

  /**
   * The events after a number, at least one.
   * @returns null: some are no longer kept
   */
  after(seq: number, format: StreamFormat): Chunk | null {
    const { epoch, ring } = this.feed;
    const made = this.#made.get(format);
    const isWhole = made?.last === ring.last || (made !== undefined && made.last - made.after >= MOST.events);
    if (made?.after === seq && isWhole) return made;
    const events = ring.after(seq, MOST);
    if (events === null) return null;
    const bytes = Buffer.from(this.#texts.eventsText(format, epoch, seq + 1, events));
    const chunk = { after: seq, last: seq + events.length, bytes };
    this.#made.set(format, chunk);
    return chunk;
  }
}
