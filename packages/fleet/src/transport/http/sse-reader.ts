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

export class SseReader {
  readonly #most: number;
  readonly #onMessage: (message: SseMessage) => void;
  /** What of a line has come. */
  #line: Buffer[] = [];
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
      this.#hold(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(this.#line);
      this.#line = [];
      this.#take(line.at(-1) === RETURN ? line.subarray(0, -1) : line);
    }
    // A copy: the chunk may be a part of something larger.
    if (from < chunk.length) this.#hold(Buffer.from(chunk.subarray(from)));
  }

  #hold(bytes: Buffer): void {
    this.#held += bytes.length;
    if (this.#held > this.#most) throw new RangeError(`a message is longer than ${this.#most} bytes`);
    this.#line.push(bytes);
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
