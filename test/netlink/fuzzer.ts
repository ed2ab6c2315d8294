/**
 * Feeds the decoders of netlink with noise, and with captured datagrams that were damaged: bits,
 * lengths, pieces of one in another, cut off. Nothing may come of it but results or
 * ERR_NLINK_MALFORMED. Quick: a generator of a few operations, buffers that are used again.
 */
import { strict as assert } from 'node:assert';
import { decodeAcknowledgement } from '../../src/netlink/acknowledgement.ts';
import { AttributeCursor, decodeAttributes } from '../../src/netlink/attribute.ts';
import { NLMSG_DONE, NLMSG_ERROR } from '../../src/netlink/constants.ts';
import { viewOf } from '../../src/netlink/malformed.ts';
import { decodeMessages, MessageCursor } from '../../src/netlink/message.ts';
import { decodeNsidEvents } from '../../src/netlink/nsid-event.ts';
import { decodeNsidMessage } from '../../src/netlink/nsid-message.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { Random } from '../support/random.ts';
import { captured, CAPTURED } from './captured.ts';

/** No buffer is longer. */
const SIZE = 160;
/** Lengths that are likely to hurt. */
const LENGTHS = [
  0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 19, 20, 28, 36, 0xfffc, 0xfffd, 0xffff, 0x7fffffff, 0x80000000,
  0xfffffffd, 0xffffffff,
];

/** How often each decoder had something to say, and how often it refused. */
export type Tally = Record<string, { valid: number; malformed: number }>;

class Fuzzer {
  readonly tally: Tally = {};
  readonly #random: Random;
  readonly #bytes = new Uint8Array(SIZE);
  readonly #view: DataView = viewOf(this.#bytes);
  /**
   * Views of the buffer from a few places on, by place and length: to make one takes longer than to
   * decode it.
   */
  readonly #views = new Map(
    [0, 16, 20].map((start) => [
      start,
      Array.from({ length: SIZE - start + 1 }, (_, length) => this.#bytes.subarray(start, start + length)),
    ]),
  );
  readonly #seeds: readonly Uint8Array[] = CAPTURED.map(captured);
  readonly #messages = new MessageCursor(this.#bytes);
  readonly #attributes = new AttributeCursor(this.#view);
  #length = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** The bytes of the round that was the last. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Makes a datagram and gives it to all decoders. @throws what a decoder must not throw, or an
   * AssertionError
   */
  round(): void {
    this.#make();
    const datagram = this.#from(0);
    const payload = this.#from(16);
    // The cursors alone, or what is made of them.
    if (this.#random.below(2) === 0) {
      this.#try('MessageCursor', () => this.#walkMessages());
      this.#try('AttributeCursor', () => this.#walkAttributes());
    } else {
      this.#try('decodeMessages', () => decodeMessages(datagram).length);
      this.#try('decodeAttributes', () => decodeAttributes(this.#from(20)).length);
    }
    this.#try('decodeNsidMessage', () => decodeNsidMessage(payload).nsid ?? 0);
    this.#try('decodeNsidEvents', () => {
      const events = decodeNsidEvents(datagram);
      for (const { nsid } of events) if (nsid < 0 || nsid > 0x7fffffff) throw new Error(`the id ${nsid}`);
      return events.length;
    });
    const type = this.#random.below(2) === 0 ? NLMSG_ERROR : NLMSG_DONE;
    const flags = this.#random.below(4) << 8;
    this.#try('decodeAcknowledgement', () => {
      const { error } = decodeAcknowledgement({ type, flags, sequence: 0, port: 0, payload });
      if (error < 0) throw new Error(`the error ${error}`);
      return 1;
    });
  }

  /** @param decode gives how much it found; 0 counts as neither */
  #try(name: string, decode: () => number): void {
    const tally = (this.tally[name] ??= { valid: 0, malformed: 0 });
    try {
      if (decode() > 0) tally.valid++;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_NLINK_MALFORMED') throw error;
      tally.malformed++;
    }
  }

  #walkMessages(): number {
    const cursor = this.#messages;
    cursor.reset(0, this.#length);
    let [count, before] = [0, 0];
    while (cursor.next()) {
      count++;
      if (cursor.start < before + 16 || cursor.end < cursor.start || cursor.end > this.#length)
        throw new Error(`a message from ${cursor.start} to ${cursor.end} after ${before}`);
      before = cursor.end;
    }
    return count;
  }

  #walkAttributes(): number {
    const cursor = this.#attributes;
    cursor.reset(this.#view, 20, this.#length);
    let [count, before] = [0, 20];
    while (cursor.next()) {
      count++;
      if (cursor.start < before + 4 || cursor.end < cursor.start || cursor.end > this.#length)
        throw new Error(`an attribute from ${cursor.start} to ${cursor.end} after ${before}`);
      before = cursor.end;
      if (cursor.end - cursor.start >= 4 && cursor.u32() >>> 0 !== cursor.s32() >>> 0)
        throw new Error('u32, s32');
      if (cursor.type === 1) cursor.text();
    }
    return count;
  }

  #from(start: number): Uint8Array {
    return this.#views.get(start)?.[Math.max(0, this.#length - start)] ?? assert.fail();
  }

  #make(): void {
    const random = this.#random;
    if (random.below(32) === 0) {
      this.#length = random.below(SIZE + 1);
      this.#noise(0, this.#length);
      return;
    }
    this.#length = 0;
    this.#append(random.below(3) === 0 ? 2 : 1);
    for (let edits = random.below(4); edits > 0; edits--) this.#damage();
  }

  #append(count: number): void {
    for (let left = count; left > 0; left--) {
      const seed = this.#seed();
      if (this.#length + seed.length > SIZE) return;
      this.#bytes.set(seed, this.#length);
      this.#length += seed.length;
    }
  }

  #damage(): void {
    const random = this.#random;
    const bytes = this.#bytes;
    const at = random.below(this.#length + 1);
    // What spoils the whole datagram comes seldom, so that the decoders get to see the rest of it.
    const what = random.below(16);
    if (what < 5) {
      if (at < this.#length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    } else if (what < 9) {
      if (at < this.#length) bytes[at] = random.below(256);
    } else if (what < 11) {
      this.#lie(at & ~3);
    } else if (what < 14) {
      this.#splice(at & ~3);
    } else if (what === 14) {
      this.#length = at;
    } else {
      const end = Math.min(SIZE, this.#length + random.below(24));
      this.#noise(this.#length, end);
      this.#length = end;
    }
  }

  /** Lengths stand at multiples of four. */
  #lie(at: number): void {
    const length = LENGTHS[this.#random.below(LENGTHS.length)] ?? 0;
    if (at + 4 > this.#length) return;
    if (this.#random.below(4) === 0) this.#view.setUint32(at, length, littleEndian);
    else this.#view.setUint16(at, length, littleEndian);
  }

  /** A piece of one in another. */
  #splice(at: number): void {
    const seed = this.#seed();
    const from = this.#random.below(seed.length) & ~3;
    const count = Math.min(this.#random.below(40), seed.length - from, SIZE - at);
    for (let index = 0; index < count; index++) this.#bytes[at + index] = seed[from + index] ?? 0;
    this.#length = Math.max(this.#length, at + count);
  }

  #noise(start: number, end: number): void {
    for (let at = start; at < end; at++) this.#bytes[at] = this.#random.below(256);
  }

  #seed(): Uint8Array {
    return this.#seeds[this.#random.below(this.#seeds.length)] ?? assert.fail();
  }
}

/**
 * So many rounds, or as many as there is time for on a slow machine. A failure says with which
 * bytes it can be had again.
 * @returns how many there were, and what came of them
 */
export function fuzz(seed: number, most: number, milliseconds: number): { rounds: number; tally: Tally } {
  const fuzzer = new Fuzzer(seed);
  const end = performance.now() + milliseconds;
  // What is thrown here a million times is looked at by its code alone.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let rounds = 0;
  try {
    for (; rounds < most; rounds++) {
      if (rounds % 10_000 === 0 && performance.now() > end) break;
      fuzzer.round();
    }
  } catch (cause) {
    const bytes = Buffer.from(fuzzer.bytes).toString('hex');
    throw new Error(`round ${rounds} of NLINK_FUZZ_SEED=${seed}: ${String(cause)}; the bytes: ${bytes}`, {
      cause,
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { rounds, tally: fuzzer.tally };
}

/** Fails if a decoder only ever refused, or never did: then it was not fuzzed at all. */
export function assertBoth({ rounds, tally }: { rounds: number; tally: Tally }): void {
  assert.equal(Object.keys(tally).length, 7);
  for (const [decoder, { valid, malformed }] of Object.entries(tally)) {
    assert.ok(valid > rounds / 20, `${decoder} found something in only ${valid} of ${rounds}`);
    assert.ok(malformed > rounds / 20, `${decoder} refused only ${malformed} of ${rounds}`);
  }
}
