/**
 * Messages of a stream of events as `nlink serve` sends them (HTML standard, 9.2.6 "Interpreting an
 * event stream"), out of bytes as they come. A message is held until its empty line, and no longer.
 */

export interface SseMessage {
  /** `message`, where it has none. */
  type: string;
  /** Empty: it has none. */
  id: string;
  data: string;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const NOTHING: Buffer = Buffer.alloc(0);
/** Room of a line that is kept for the next one. */
const SMALL = 4096;

export class SseReader {
  readonly #most: number;
  readonly #onMessage: (message: SseMessage) => void;
  /** What of a line has come: the beginning of {@link #room}. */
  #length = 0;
  #room: Buffer = NOTHING;
  /** Bytes of the message that has begun. */
  #held = 0;
  #type = '';
  #id = '';
  #data: string[] = [];

  /** @param most bytes of a message */
  constructor(most: number, onMessage: (message: SseMessage) => void) {
    this.#most = most;
    this.#onMessage = onMessage;
  }

  /** @throws RangeError a message is longer than allowed */
  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const part = chunk.subarray(from, end);
      from = end + 1;
      this.#count(part);
      const line = this.#length === 0 ? part : this.#ended(part);
      this.#take(line.at(-1) === RETURN ? line.subarray(0, -1) : line);
    }
    if (from === chunk.length) return;
    const rest = chunk.subarray(from);
    this.#count(rest);
    this.#keep(rest);
  }

  #ended(last: Buffer): Buffer {
    this.#keep(last);
    const line = this.#room.subarray(0, this.#length);
    this.#length = 0;
    if (this.#room.length > SMALL) this.#room = NOTHING;
    return line;
  }

  #count(bytes: Buffer): void {
    this.#held += bytes.length;
    if (this.#held > this.#most) throw new RangeError(`a message is longer than ${this.#most} bytes`);
  }

  /** Copied into one piece: bytes that come one by one would each be an object. */
  #keep(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(SMALL, Math.min(2 * length, this.#most)));
      this.#room.copy(room, 0, 0, this.#length);
      this.#room = room;
    }
    bytes.copy(this.#room, this.#length);
    this.#length = length;
  }

  #take(line: Buffer): void {
    if (line.length === 0) return this.#dispatch();
    const text = line.toString();
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
  }

  /** The end of a message; one without data is none. */
  #dispatch(): void {
    const message = { type: this.#type || 'message', id: this.#id, data: this.#data.join('\n') };
    const isMessage = this.#data.length > 0;
    this.#held = 0;
    this.#type = '';
    this.#id = '';
    this.#data = [];
    if (isMessage) this.#onMessage(message);
  }
}
