/**
 * Feeds the decoders of links and addresses with payloads that were damaged: bits, lengths, pieces
 * of one in another, cut off. Nothing may come of it but results that make sense or
 * ERR_NLINK_MALFORMED.
 */
import { strict as assert } from 'node:assert';
import { decodeAddressMessage } from '../../src/netlink/address-message.ts';
import { LinkHintReader } from '../../src/netlink/link-hint.ts';
import { decodeLinkMessage } from '../../src/netlink/link-message.ts';
import { viewOf } from '../../src/netlink/malformed.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { Random } from '../support/random.ts';
import { capturedLink } from './captured-links.ts';
import {
  addressPayload,
  be16,
  be32,
  hex,
  linkInfo,
  linkPayload,
  nest,
  text,
  u16,
  u32,
  u8,
} from './link-encoder.ts';

/** No payload is longer. */
const SIZE = 2048;
const IP = hex('c0000201');
const IP6 = hex('20010db8000000000000000000000001');

const LINKS: readonly Uint8Array[] = [
  capturedLink('veth'),
  capturedLink('bridge'),
  capturedLink('vxlan'),
  linkPayload({}, [
    [3, text('one')],
    [
      52,
      nest([
        [53, text('two')],
        [53, text('x'.repeat(120))],
      ]),
    ],
  ]),
  linkPayload({ change: 0xffffffff }, [
    [3, text('one')],
    [1, hex('020000000001')],
    linkInfo('macvlan', [[1, u32(4)]]),
    [45, u32(3)],
    [49, u32(9)],
  ]),
  linkPayload({ type: 778 }, [
    [1, IP],
    linkInfo('gre', [
      [1, u32(0)],
      [3, be16(0x2000)],
      [5, be32(7)],
      [6, IP],
      [7, IP],
    ]),
  ]),
  linkPayload({ type: 769 }, [
    [1, IP6],
    linkInfo('ip6tnl', [
      [1, u32(3)],
      [2, IP6],
      [3, IP6],
    ]),
  ]),
  linkPayload({}, [
    linkInfo('vlan', [
      [1, u16(7)],
      [5, be16(0x8100)],
    ]),
    [16, u8(6)],
    [37, u32(0xffffffff)],
  ]),
  linkPayload({}, [
    linkInfo('netkit', [
      [2, u8(1)],
      [5, u32(1)],
    ]),
    [46, u32(7)],
  ]),
];
const ADDRESSES: readonly Uint8Array[] = [
  addressPayload({}, [
    [1, IP],
    [2, IP],
    [4, IP],
    [3, text('one')],
    [8, u32(0x80)],
  ]),
  addressPayload({ family: 10, prefixLength: 64 }, [
    [1, IP6],
    [8, u32(0x80)],
    [10, u32(7)],
  ]),
];

const bytes = new Uint8Array(SIZE);
const view: DataView = viewOf(bytes);
const hints = new LinkHintReader(bytes, view);

const isUnsigned = (value: number | null): boolean =>
  value === null || (Number.isInteger(value) && value >= 0 && value <= 0xffffffff);
const isText = (value: string | null): boolean => value === null || !value.includes('\0');

/** What makes no sense fails. */
const DECODERS = {
  decodeLinkMessage(length: number): void {
    const link = decodeLinkMessage(bytes.subarray(0, length));
    for (const number of [link.mtu, link.link, link.master, link.newIfindex, link.flags])
      assert(isUnsigned(number), String(number));
    for (const text of [link.name, link.alias, link.kind, link.slaveKind, ...link.altNames])
      assert(isText(text));
    for (const value of Object.values(link.statistics ?? {})) assert(Number.isInteger(value) && value >= 0);
  },
  decodeAddressMessage(length: number): void {
    const address = decodeAddressMessage(bytes.subarray(0, length));
    for (const text of [address.address, address.local, address.broadcast])
      assert(text === null || /^[\d.]+$|^[\da-f:.]+$/.test(text), String(text));
    assert(isUnsigned(address.flags) && isText(address.label));
  },
  linkHint(length: number): void {
    const isCut = length % 2 === 0;
    const hint = hints.read(length % 3 === 0, 0, length, null, isCut);
    if (hint === null) {
      assert(!isCut, 'what is cut off is a hint');
      throw Object.assign(new Error('no hint'), { code: 'ERR_NLINK_MALFORMED' });
    }
    assert(isUnsigned(hint.newIfindex) && isText(hint.name) && isText(hint.kind));
    if (hint.type === 'delLink' && hint.newIfindex === null) assert.equal(hint.name, null);
  },
};

/** Lengths that are likely to hurt. */
const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 12, 20, 0x7fff, 0x8000, 0xfffc, 0xffff];

function make(random: Random, seeds: readonly Uint8Array[]): number {
  const seed = random.one(seeds);
  bytes.set(seed);
  let length = seed.length;
  for (let edits = random.below(4); edits > 0; edits--) {
    const at = random.below(length);
    const what = random.below(10);
    if (what < 3) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    else if (what < 5) bytes[at] = random.below(256);
    // Lengths stand at multiples of four.
    else if (what < 7) view.setUint16(at & ~3, random.one(LENGTHS), littleEndian);
    else if (what < 9) {
      const other = random.one(seeds);
      const from = random.below(other.length) & ~3;
      const piece = other.subarray(from, from + random.below(80)).subarray(0, SIZE - at);
      bytes.set(piece, at & ~3);
      length = Math.max(length, (at & ~3) + piece.length);
    } else length = Math.max(16, at);
  }
  return length;
}

/** How often each decoder had something to say, and how often it refused. */
export type LinksTally = Record<string, { valid: number; malformed: number }>;

/** So many rounds of each. A failure says with which bytes it can be had again. */
export function fuzzLinks(seed: number, rounds: number): LinksTally {
  const random = new Random(seed);
  const tally: LinksTally = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (const [name, decode] of Object.entries(DECODERS)) {
      const counts = (tally[name] = { valid: 0, malformed: 0 });
      const seeds = name === 'decodeAddressMessage' ? ADDRESSES : LINKS;
      for (let round = 0; round < rounds; round++) {
        const length = make(random, seeds);
        try {
          decode(length);
          counts.valid++;
        } catch (cause) {
          if ((cause as { code?: string }).code !== 'ERR_NLINK_MALFORMED') {
            const input = Buffer.from(bytes.subarray(0, length)).toString('hex');
            throw new Error(`${name} of NLINK_FUZZ_SEED=${seed}: ${String(cause)}; the bytes: ${input}`, {
              cause,
            });
          }
          counts.malformed++;
        }
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return tally;
}

/** Fails if a decoder only ever refused, or never did: then it was not fuzzed at all. */
export function assertFuzzed(tally: LinksTally, rounds: number): void {
  for (const [decoder, { valid, malformed }] of Object.entries(tally)) {
    assert.ok(valid > rounds / 20, `${decoder} found something in only ${valid} of ${rounds}`);
    assert.ok(malformed > rounds / 50, `${decoder} refused only ${malformed} of ${rounds}`);
  }
}
