/**
 * One server, followed for ever: its stream of events, begun anew by the cursor whenever it ends.
 * What it tells is turned into what agents send: a snapshot, deltas, and a head on each sign of
 * life that does not belong to an event.
 *
 * | state   | means              | on                                | next    | done             |
 * | ------- | ------------------ | --------------------------------- | ------- | ---------------- |
 * | asking  | nothing has come   | a snapshot                        | live    | told, and a head |
 * |         |                    | events, a ping                    | live    | told; a head     |
 * |         |                    | opened with a cursor, then 300 ms | live    | a head           |
 * |         |                    | no answer for 10 s                | waiting | said             |
 * | live    | what was told is   | a snapshot                        | live    | told, and a head |
 * |         | so                 | events                            | live    | told             |
 * |         |                    | a ping                            | live    | a head           |
 * |         |                    | nothing for 35 s, or no whole     | asking  | said             |
 * |         |                    | message for 5 minutes             |         |                  |
 * | waiting | not connected      | the pause is over                 | asking  | asked by cursor  |
 * | any     |                    | refused, cut off                  | waiting | said             |
 * |         |                    | `busy`                            | waiting | said             |
 * |         |                    | `end`, stopped                    | waiting | a head: goodbye  |
 * |         |                    | what is not right                 | waiting | malformed, and   |
 * |         |                    |                                   |         | cursor forgotten |
 * |         |                    | asked for a snapshot              | asking  | cursor forgotten |
 * |         |                    | stop                              | stopped | closed           |
 *
 * Pauses are 1 s, and twice as long each time nothing came, up to 15 s; 30 s after a refusal; what
 * the server says where it is busy. Some of each is left to chance, so that not all come at once.
 */
import type { Clock } from '../../core.ts';
import type { Head } from '../../wire/head.ts';
import type { TransportTarget } from '../transport.ts';
import type { Endpoint } from './http-hosts.ts';
import { HostPicture, INTERVAL } from './host-picture.ts';
import type { OpenStream, StreamFault } from './open-stream.ts';
import { SseReader } from './sse-reader.ts';
import type { SseMessage } from './sse-reader.ts';

/** Of one message: as much as a reader takes of a snapshot. */
const MOST_BYTES = 64 * 1024 * 1024;
const ANSWER_TIME = 10_000;
/** Two pings, and some. */
const SILENCE = 35_000;
/** Of one message, while bytes of it come: the longest one takes that over 2 Mbit/s. */
const SLOWEST = 300_000;
/** After it has opened: a busy server, or what was missed, would have been told by then. */
const SETTLING = 300;
const SHORTEST = 1000;
const LONGEST = 15_000;
const REFUSED = 30_000;
const LONGEST_BUSY = 120_000;
/** Between two snapshots that are asked for. */
const ASKING = 5000;

export interface HostStreamParts {
  endpoint: Endpoint;
  target: Pick<TransportTarget, 'head' | 'delta' | 'snapshot' | 'malformed'>;
  open: OpenStream;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  /** Milliseconds since 1970. */
  date: () => number;
  /** The last head that was told of this host, when it was asked in another way. */
  told?: Head | null;
  /** It is live (null), or why it is not. Called again where that is another reason. */
  onState: (fault: StreamFault | null) => void;
}

export class HostStream {
  readonly #parts: HostStreamParts;
  #state: 'asking' | 'live' | 'waiting' | 'stopped' = 'waiting';
  #picture: HostPicture;
  /** `EPOCH:SEQ` of the last message; null: nothing is known. */
  #cursor: string | null = null;
  #close: () => void = () => {};
  /** Forgets what is waited for: an answer, the next message, the next attempt. */
  #cancel: () => void = () => {};
  #cancelAsk: (() => void) | null = null;
  /** The last head. */
  #told: Head | null;
  #askedAt = -Infinity;
  /** When anything came last, and a whole message. */
  #bytesAt = 0;
  #messageAt = 0;
  #failures = 0;

  constructor(parts: HostStreamParts) {
    this.#parts = parts;
    this.#picture = new HostPicture(parts.endpoint);
    this.#told = parts.told ?? null;
  }

  get endpoint(): Endpoint {
    return this.#parts.endpoint;
  }

  get told(): Head | null {
    return this.#told;
  }

  start(): void {
    this.#open();
  }

  /** @param isForGood whether the host is followed no more, and that is told */
  stop(isForGood = false): void {
    if (this.#state === 'stopped') return;
    const last = this.#told === null ? null : (this.#picture.makeHead(this.#parts.date()) ?? this.#told);
    if (isForGood && last !== null) this.#tell({ ...last, bye: true }, 0);
    this.#state = 'stopped';
    this.#end();
    this.#cancelAsk?.();
  }

  /** A snapshot is told as soon as it can be had. */
  ask(): void {
    if (this.#state === 'stopped' || this.#cancelAsk !== null) return;
    const { clock } = this.#parts;
    const again = (): void => {
      this.#cancelAsk = null;
      this.#askedAt = clock.now();
      this.#cursor = null;
      if (this.#state !== 'waiting') this.#open();
    };
    const wait = this.#askedAt + ASKING - clock.now();
    if (wait <= 0) again();
    else this.#cancelAsk = clock.after(wait, again);
  }

  /** That it is known, though nothing of it is: it could not be reached yet. */
  tellUnreached(): void {
    if (this.#told === null) this.#tell(this.#picture.unreached(this.#parts.date()), 4 * INTERVAL);
  }

  #open(): void {
    this.#end();
    this.#state = 'asking';
    const { open, endpoint } = this.#parts;
    const since = this.#cursor;
    const reader = new SseReader(MOST_BYTES, (message) => this.#take(message));
    this.#await(ANSWER_TIME, () => this.#fail({ kind: 'silent', message: 'no answer for 10 s' }));
    this.#close = open(endpoint, since, {
      opened: (date) => {
        this.#picture.setSkew(date === null ? 0 : date - this.#parts.date());
        this.#messageAt = this.#parts.clock.now();
        this.#await(SILENCE, this.#silent);
        if (since !== null) this.#await(SETTLING, () => this.#heard());
      },
      chunk: (bytes) => {
        this.#bytesAt = this.#parts.clock.now();
        this.#read(() => reader.push(bytes));
      },
      failed: (fault) => this.#fail(fault),
    });
  }

  #end(): void {
    this.#cancel();
    this.#close();
    this.#close = () => {};
  }

  #await(milliseconds: number, callback: () => void): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(milliseconds, callback);
  }

  /** Whatever a server sends ends nothing but its own stream. */
  #read(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#cursor = null;
      this.#parts.target.malformed(this.#parts.endpoint.key, error as Error);
      // That of JSON.parse() repeats some of what came.
      const message = error instanceof SyntaxError ? 'expected JSON' : (error as Error).message;
      this.#fail({ kind: 'malformed', message });
    }
  }

  #take({ type, id, data }: SseMessage): void {
    if (this.#state !== 'asking' && this.#state !== 'live') return;
    this.#messageAt = this.#parts.clock.now();
    const { endpoint, target } = this.#parts;
    switch (type) {
      case 'snapshot': {
        const snapshot = this.#picture.snapshot(id, data, this.#parts.date());
        this.#cursor = id;
        target.snapshot(endpoint.key, snapshot);
        return this.#heard();
      }
      case 'events': {
        const delta = this.#picture.events(id, data, this.#parts.date());
        this.#cursor = id;
        target.delta(endpoint.key, delta);
        // It says of itself that the host lives, but not how many there are.
        return this.#state === 'live' ? this.#await(SILENCE, this.#silent) : this.#heard();
      }
      case 'ping':
        // Without a cursor nothing is known that could be so.
        return this.#cursor === null ? this.#await(SILENCE, this.#silent) : this.#heard();
      case 'busy':
        return this.#fail({ kind: 'busy', message: 'it serves as many clients as it may' }, retryOf(data));
      case 'end':
        if (data.includes('"stopped"')) this.#tellHead({ bye: true });
        return this.#fail({ kind: 'ended', message: 'it has ended' });
    }
  }

  #heard(): void {
    this.#failures = 0;
    this.#await(SILENCE, this.#silent);
    const wasLive = this.#state === 'live';
    this.#state = 'live';
    this.#tellHead();
    if (!wasLive) this.#parts.onState(null);
  }

  readonly #silent = (): void => {
    const now = this.#parts.clock.now();
    // A snapshot that is on its way for long.
    const rest = this.#bytesAt + SILENCE - now;
    if (rest > 0 && now - this.#messageAt < SLOWEST) return this.#await(rest, this.#silent);
    const what = rest > 0 ? 'no message came to its end for 5 minutes' : 'nothing came for 35 s';
    this.#parts.onState({ kind: 'silent', message: what });
    this.#open();
  };

  /** @param pause milliseconds until the next attempt */
  #fail(fault: StreamFault, pause: number = this.#pauseAfter(fault)): void {
    if (this.#state === 'stopped') return;
    this.#end();
    this.#state = 'waiting';
    this.#cancel = this.#parts.clock.after(pause, () => this.#open());
    this.#parts.onState(fault);
  }

  #pauseAfter({ kind }: StreamFault): number {
    const longest =
      kind === 'refused' || kind === 'wrong'
        ? REFUSED
        : Math.min(LONGEST, SHORTEST * 2 ** Math.min(this.#failures++, 10));
    return longest * (0.5 + this.#parts.random() / 2);
  }

  #tellHead(changed: Partial<Head> = {}): void {
    const head = this.#picture.makeHead(this.#parts.date());
    if (head !== null) this.#tell({ ...head, ...changed }, 0);
  }

  #tell(head: Head, age: number): void {
    this.#told = head;
    this.#parts.target.head(this.#parts.endpoint.key, head, age);
  }
}

/** As long as it says. Nothing by chance: clients are not refused all at once. */
function retryOf(data: string): number {
  const { retry } = JSON.parse(data) as { retry?: unknown };
  return typeof retry === 'number' && retry >= SHORTEST ? Math.min(retry, LONGEST_BUSY) : LONGEST;
}
