/**
 * Events of one host in one row of numbers, small: text of JSON, and what is not new as packed
 * blocks. Of a host that nobody looks at no object is kept for each event.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { WireEvent } from '../core.ts';

/** Characters of text that are packed to one block. */
const BLOCK = 12_288;

interface Block {
  first: number;
  last: number;
  /** Characters, unpacked. */
  size: number;
  bytes: Buffer;
}

export class Tail {
  #first: number;
  #last: number;
  #blocks: Block[] = [];
  #text = '';
  /** The number of the first event of {@link #text}. */
  #textFirst: number;

  /** @param first the number of the event that will be the first of it */
  constructor(first: number) {
    this.#first = first;
    this.#textFirst = first;
    this.#last = first - 1;
  }

  get first(): number {
    return this.#first;
  }

  /** One before the first, where it is empty. */
  get last(): number {
    return this.#last;
  }

  get isEmpty(): boolean {
    return this.#last < this.#first;
  }

  /** Characters of all that is kept, unpacked. */
  get size(): number {
    return this.#blocks.reduce((sum, { size }) => sum + size, this.#text.length);
  }

  /** JSON of all, with commas between; it may begin with some that are not kept any more. */
  get text(): string {
    const texts = this.#blocks.map(({ bytes }) => gunzipSync(bytes).toString());
    return (this.#text === '' ? texts : [...texts, this.#text]).join();
  }

  /** Those that follow the last one. */
  push(events: readonly WireEvent[]): void {
    const text = JSON.stringify(events).slice(1, -1);
    this.#text = this.#text === '' ? text : `${this.#text},${text}`;
    this.#last += events.length;
    if (this.#text.length >= BLOCK) this.#pack();
  }

  /** Those up to a number are in a snapshot. */
  dropTo(seq: number): void {
    if (seq >= this.#last) {
      this.#blocks = [];
      this.#text = '';
      this.#last = Math.max(seq, this.#last);
      this.#first = this.#last + 1;
      this.#textFirst = this.#first;
      return;
    }
    if (seq < this.#first) return;
    this.#first = seq + 1;
    // One that it goes through stays whole: read() passes over what is before the first.
    this.#blocks = this.#blocks.filter(({ last }) => last > seq);
  }

  /** @returns those after a number */
  after(seq: number): WireEvent[] {
    const from = Math.max(seq + 1, this.#first);
    const found: WireEvent[] = [];
    for (const { first, last, bytes } of this.#blocks)
      if (last >= from) take(found, gunzipSync(bytes).toString(), from - first);
    if (this.#text !== '' && this.#last >= from) take(found, this.#text, from - this.#textFirst);
    return found;
  }

  #pack(): void {
    const bytes = tight(gzipSync(this.#text, { level: 3 }));
    this.#blocks.push({ first: this.#textFirst, last: this.#last, size: this.#text.length, bytes });
    this.#text = '';
    this.#textFirst = this.#last + 1;
  }
}

function take(found: WireEvent[], text: string, from: number): void {
  const events = JSON.parse(`[${text}]`) as WireEvent[];
  for (const event of events.slice(Math.max(0, from))) found.push(event);
}

/** In memory of its own: what zlib and sockets give is often part of something larger. */
export function tight(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
