/**
 * What is known of the host behind a server, for the heads that are made of it here. The reader has
 * it as well, so that here it is objects only while something happens, and packed otherwise.
 */
import { Replay } from '../../core.ts';
import type { PageModel, WireEvent, WireSnapshot } from '../../core.ts';
import type { Delta } from '../../wire/delta.ts';
import { isEvent } from '../../wire/delta.ts';
import { UNREACHED } from '../../wire/head.ts';
import type { Head, HeadCounts } from '../../wire/head.ts';
import { malformed, packed, parsed, unpacked } from '../../wire/payload.ts';
import type { Snapshot } from '../../wire/snapshot.ts';
import type { Endpoint } from './http-hosts.ts';

/** As often as a server sends pings. */
export const INTERVAL = 15_000;
const CURSOR = /^([0-9a-f]{16}):(0|[1-9]\d{0,15})$/;
/** A clock that is further off tells nothing, and with it there may be no date at all. */
const MOST_SKEW = 100 * 365 * 86_400_000;
/** Parts that can be unavailable are few, with short names. */
const MOST_UNAVAILABLE = { parts: 16, characters: 64 };

/** Characters of events after a snapshot, or twice its bytes where that is more. */
const MOST_AFTER = 64 * 1024;

/** All that is there, in a tenth of the room that its objects take. */
interface Kept {
  /** A snapshot, as it is told. */
  body: Buffer;
  /** What came after it, each with the number of its last event. */
  after: { json: string; seq: number }[];
  size: number;
}

export class HostPicture {
  #skew = 0;
  readonly #endpoint: Endpoint;
  /** Null: nothing has come since the last head, and {@link #kept} tells all. */
  #replay: Replay | null = null;
  /** Null: too much has happened since. */
  #kept: Kept | null = null;
  #epoch = '';
  /** The number of the last event. */
  #seq = 0;
  /** The last one that was made. */
  #head: Head | null = null;
  #isCounted = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** @param skew milliseconds that its clock is ahead */
  setSkew(skew: number): void {
    this.#skew = Math.abs(skew) > MOST_SKEW ? 0 : skew;
  }

  /** @throws FleetError `ERR_FLEET_MALFORMED`, as below */
  snapshot(id: string, json: string, now: number): Snapshot {
    const { epoch, seq } = cursorOf(id);
    const fields = parsed(json) as unknown as WireSnapshot;
    if (!Array.isArray(fields.namespaces) || !Array.isArray(fields.links) || fields.epoch !== epoch)
      throw malformed('a snapshot: namespaces and links');
    // The replay does not look at these, and heads have them.
    if (!Array.isArray(fields.unavailable) || !fields.unavailable.every(isPart))
      throw malformed('unavailable: names of parts');
    const replay = new Replay();
    guarded(() => replay.snapshot(fields, now));
    const body = packed(json);
    this.#replay = replay;
    this.#kept = { body, after: [], size: 0 };
    this.#epoch = epoch;
    this.#seq = seq;
    this.#isCounted = false;
    return { epoch, seq, resync: null, body };
  }

  events(id: string, json: string, now: number): Delta {
    const { epoch, seq } = cursorOf(id);
    const events = JSON.parse(json) as unknown;
    if (!Array.isArray(events) || events.length === 0 || !events.every(isEvent)) throw malformed('events');
    if (epoch !== this.#epoch || events.length > seq) throw malformed('events after a snapshot');
    guarded(() => apply(this.#opened(now), events as WireEvent[], seq, now));
    this.#keep(json, seq);
    this.#seq = seq;
    this.#isCounted = false;
    return { epoch, first: seq - events.length + 1, events: events as WireEvent[] };
  }

  /** @returns null: nothing has come of it yet */
  makeHead(now: number): Head | null {
    if (this.#epoch === '') return null;
    if (this.#isCounted && this.#head !== null) {
      // Nothing has come since: what is packed is enough, where there is such.
      if (this.#kept !== null) this.#replay = null;
      const { counts, unavailable } = this.#head;
      return (this.#head = this.#headOf(this.#epoch, now, counts, unavailable));
    }
    const replay = this.#opened(now);
    replay.tick(now);
    const { model } = replay;
    this.#isCounted = true;
    return (this.#head = this.#headOf(this.#epoch, now, countsOf(model), model.unavailable));
  }

  #opened(now: number): Replay {
    if (this.#replay !== null) return this.#replay;
    const replay = new Replay();
    if (this.#kept !== null) {
      replay.snapshot(JSON.parse(unpacked(this.#kept.body)) as WireSnapshot, now);
      for (const { json, seq } of this.#kept.after) apply(replay, JSON.parse(json) as WireEvent[], seq, now);
    }
    return (this.#replay = replay);
  }

  #keep(json: string, seq: number): void {
    const kept = this.#kept;
    if (kept === null) return;
    kept.after.push({ json, seq });
    kept.size += json.length;
    if (kept.size > Math.max(MOST_AFTER, 2 * kept.body.length)) this.#kept = null;
  }

  unreached(now: number): Head {
    return this.#headOf(UNREACHED, now, { namespaces: 0, names: 0, links: null }, []);
  }

  #headOf(epoch: string, now: number, counts: HeadCounts, unavailable: readonly string[]): Head {
    const { name, target } = this.#endpoint;
    return {
      epoch,
      seq: this.#seq,
      interval: INTERVAL,
      time: new Date(now + this.#skew).toISOString(),
      name,
      shard: '',
      counts,
      // Of these its stream says nothing.
      versions: { nlink: '', node: '', kernel: '' },
      target,
      unavailable: unavailable.filter(isPart).slice(0, MOST_UNAVAILABLE.parts),
      bye: false,
    };
  }
}

function apply(replay: Replay, events: readonly WireEvent[], seq: number, now: number): void {
  replay.events(events, seq, now);
  replay.tick(now);
}

/** @param model without those that have ended */
function countsOf({ namespaces, unavailable }: PageModel): HeadCounts {
  const counts = { namespaces: 0, names: 0, links: 0 };
  for (const { names, links, ended, key } of namespaces.values()) {
    if (ended !== null) continue;
    // A name without a namespace has a box of its own.
    if (!key.startsWith('name:')) counts.namespaces++;
    counts.names += names.length;
    for (const link of links.values()) if (link.ended === null) counts.links++;
  }
  return { ...counts, links: unavailable.includes('links') ? null : counts.links };
}

const isPart = (part: unknown): boolean =>
  typeof part === 'string' && part.length <= MOST_UNAVAILABLE.characters;

function cursorOf(id: string): { epoch: string; seq: number } {
  const [, epoch, seq] = CURSOR.exec(id) ?? [];
  if (epoch === undefined || !Number.isSafeInteger(Number(seq))) throw malformed('an id: EPOCH:SEQ');
  return { epoch, seq: Number(seq) };
}

/** Fields are not checked one by one: what does not hold together shows when it is put together. */
function guarded(apply: () => void): void {
  try {
    apply();
  } catch (error) {
    throw malformed('namespaces and links of nlink serve', error);
  }
}
