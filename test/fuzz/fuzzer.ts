/**
 * Feeds the decoders that are not netlink's (those: test/netlink/fuzzer.ts) with inputs of the
 * corpus (fixtures/corpus.txt) that were damaged: bits, bytes, lengths, pieces of one in another,
 * cut off. Nothing may come of it but results that make sense or ERR_NLINK_MALFORMED.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { escaped, quoted, safeJson, shown } from '../../src/format/escape.ts';
import { HEADER_SIZE, RecordCursor } from '../../src/inotify/records.ts';
import { mountHolding, parseMountinfo, pathInFileSystem } from '../../src/netns/mounts/mountinfo.ts';
import { checkName, decodeName, encodeName } from '../../src/reference/names.ts';
import { Random } from '../support/random.ts';

/** No input is longer. */
const SIZE = 512;

/** A decoder: gives whether it found something. Fails, or throws ERR_NLINK_MALFORMED. */
export type Decoder = (bytes: Uint8Array) => boolean;

const batch = new Uint8Array(SIZE);
const cursor = new RecordCursor(batch);

export const DECODERS: Readonly<Record<string, Decoder>> = {
  inotify(bytes) {
    batch.set(bytes);
    cursor.reset(bytes.length);
    let [count, before] = [0, bytes.length];
    while (cursor.next()) {
      count++;
      assert(cursor.remaining <= before - HEADER_SIZE);
      before = cursor.remaining;
      const { name, asciiName } = cursor;
      assert(name.length <= bytes.length && !name.includes(0));
      assert.equal(asciiName, name.every((byte) => byte < 0x80) ? name.toString('latin1') : null);
    }
    return count > 0;
  },

  mountinfo(bytes) {
    const mounts = parseMountinfo(Buffer.from(bytes));
    for (const { id, parent, device, mountPoint } of mounts) {
      assert(id >= 0 && parent >= 0 && /^\d+:\d+$/.test(device));
      const holder = mountHolding(mounts, mountPoint);
      if (holder !== null && mountPoint.startsWith('/'))
        assert.equal(typeof pathInFileSystem(holder, mountPoint), 'string');
    }
    return mounts.length > 0;
  },

  name(bytes) {
    const name = decodeName(bytes);
    assert(encodeName(name).equals(bytes), 'the bytes are given back');
    for (const text of [escaped(name), shown(name), quoted(name), safeJson(name)])
      assert.doesNotMatch(text, /[\p{C}\p{Zl}\p{Zp}]/u);
    assert.equal(JSON.parse(safeJson(name)), name);
    try {
      checkName(name);
    } catch (error) {
      // Known for what it is, and counted as refused.
      assert.equal((error as { code?: string }).code, 'ERR_NLINK_INVALID_NAME');
      return false;
    }
    return true;
  },
};

/** The inputs in the tree, by decoder. */
export function corpus(): Map<string, Buffer[]> {
  // The tests run from build/, and what is no program stays in the tree.
  const file = fileURLToPath(new URL('../../../test/fuzz/fixtures/corpus.txt', import.meta.url));
  const inputs = new Map<string, Buffer[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [decoder = ''] = line.split(' ', 1);
    const text = JSON.parse(line.slice(decoder.length)) as string;
    inputs.set(decoder, [...(inputs.get(decoder) ?? []), Buffer.from(text, 'latin1')]);
  }
  return inputs;
}

/** Makes the next input out of those of the corpus. */
function damage(random: Random, seeds: readonly Buffer[], into: Buffer): number {
  const seed = random.one(seeds);
  let length = seed.copy(into);
  for (let edits = random.below(5); edits > 0; edits--) {
    const at = random.below(length + 1);
    const what = random.below(12);
    if (what < 3 && at < length) into[at] = (into[at] ?? 0) ^ (1 << random.below(8));
    else if (what < 6 && at < length) into[at] = random.below(256);
    else if (what < 9) {
      // A piece of another one, in place of what is here or before it.
      const other = random.one(seeds);
      const from = random.below(other.length);
      const piece = other.subarray(from, from + random.below(24));
      if (what === 8) into.copyWithin(Math.min(SIZE, at + piece.length), at, length);
      const count = piece.copy(into, at);
      length = Math.min(SIZE, what === 8 ? length + count : Math.max(length, at + count));
    } else if (what === 9) length = at;
    else if (what === 10 && at < length) into[at] = random.one([0, 0x0a, 0x20, 0x2d, 0x5c, 0xff, 0x80]);
    else if (what === 11) {
      length = Math.min(SIZE, length + random.below(20));
      for (let index = at; index < length; index++) into[index] = random.below(256);
    }
  }
  return length;
}

/**
 * @param rounds how many inputs
 * @returns how often the decoder found something, and how often it refused. A failure says with
 *   which bytes it can be had again
 */
export function fuzz(name: string, seed: number, rounds: number): { valid: number; refused: number } {
  const decode = DECODERS[name] ?? assert.fail(name);
  const seeds = corpus().get(name) ?? assert.fail(`nothing in the corpus for ${name}`);
  const random = new Random(seed);
  const buffer = Buffer.alloc(SIZE);
  const tally = { valid: 0, refused: 0 };
  // What is thrown here a million times is looked at by its code alone.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const bytes = buffer.subarray(0, damage(random, seeds, buffer));
      try {
        if (decode(bytes)) tally.valid++;
        else tally.refused++;
      } catch (cause) {
        if ((cause as { code?: string }).code !== 'ERR_NLINK_MALFORMED')
          throw new Error(
            `${name}, round ${round} of NLINK_FUZZ_SEED=${seed}: ${String(cause)}; the bytes, for the corpus: ` +
              JSON.stringify(bytes.toString('latin1')),
            { cause },
          );
        tally.refused++;
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return tally;
}
