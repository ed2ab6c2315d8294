/**
 * The codec of NLMSG_ERROR and NLMSG_DONE: what was captured, what else there may be in them, and
 * what is none.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { acknowledgementAt, decodeAcknowledgement } from '../../src/netlink/acknowledgement.ts';
import type { Acknowledgement } from '../../src/netlink/acknowledgement.ts';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../../src/netlink/constants.ts';
import { decodeMessages, encodeMessage, MessageCursor } from '../../src/netlink/message.ts';
import { damaged } from './arbitraries.ts';
import { captured } from './captured.ts';
import type { Captured } from './captured.ts';
import { encodeAcknowledgement } from './encoder.ts';
import { MALFORMED, native, shifted } from './native.ts';

/** By both ways, which must say the same: of a message, and in place. */
function decode(type: number, flags: number, payload: Uint8Array): Acknowledgement {
  // Before it something else, and behind it: its own end is the end.
  const bytes = shifted(
    1,
    captured('delNsid'),
    encodeMessage({ type, flags, payload }),
    captured('refusedCapped'),
  );
  const cursor = new MessageCursor(bytes);
  cursor.next();
  cursor.next();
  let there: Acknowledgement;
  try {
    there = acknowledgementAt(cursor);
  } catch (error) {
    assert.throws(
      () => decodeAcknowledgement({ type, flags, sequence: 1, port: 2, payload }),
      error as Error,
    );
    throw error;
  }
  assert.deepEqual(decodeAcknowledgement({ type, flags, sequence: 1, port: 2, payload }), there);
  return there;
}

const none = { text: null, offset: null };
const known: [which: Captured, acknowledgement: Acknowledgement][] = [
  ['acknowledged', { error: 0, ...none }],
  ['refusedPlain', { error: 22, ...none }],
  ['refusedCapped', { error: 22, text: 'Peer netns reference is invalid', offset: 20 }],
  ['refusedWhole', { error: 22, text: 'Peer netns reference is missing', offset: null }],
  ['refusedByPolicy', { error: 34, text: 'Attribute failed policy validation', offset: 20 }],
  ['dumped', { error: 0, ...none }],
  ['dumpRefused', { error: 22, text: 'Unsupported attribute in dump request', offset: 20 }],
];
for (const [which, acknowledgement] of known) {
  test(`captured: ${which}`, () => {
    const last = decodeMessages(captured(which)).at(-1);
    assert.ok(last);
    assert.deepEqual(decode(last.type, last.flags, last.payload), acknowledgement);
  });
}

const HEADER = '00000014 005a 0001 00000001 00000000';
const TLVS = NLM_F_ACK_TLVS;
const CAPPED_TLVS = NLM_F_CAPPED | NLM_F_ACK_TLVS;
const read: [what: string, type: number, flags: number, payload: string, acknowledgement: Acknowledgement][] =
  [
    ['an end without a number', NLMSG_DONE, NLM_F_MULTI, '', { error: 0, ...none }],
    ['an end without a number that announces more', NLMSG_DONE, TLVS, '', { error: 0, ...none }],
    ['an end with an error and no words', NLMSG_DONE, NLM_F_MULTI, 'fffffff3', { error: 13, ...none }],
    [
      'a success with a warning',
      NLMSG_ERROR,
      CAPPED_TLVS,
      `00000000 ${HEADER} 0008 0001 "hmm" =00`,
      { error: 0, text: 'hmm', offset: null },
    ],
    [
      'an end with a warning',
      NLMSG_DONE,
      TLVS,
      '00000000 0008 0001 "hmm" =00',
      { error: 0, text: 'hmm', offset: null },
    ],
    ['the greatest error', NLMSG_ERROR, 0, '80000000', { error: 2 ** 31, ...none }],
    ['an error alone: the request is not looked for', NLMSG_ERROR, 0, 'ffffffff', { error: 1, ...none }],
    [
      'nor are attributes that are not announced',
      NLMSG_ERROR,
      NLM_F_CAPPED,
      `ffffffff ${HEADER} 0008 0001 "not" =00`,
      { error: 1, ...none },
    ],
    [
      'attributes announced, and none there',
      NLMSG_ERROR,
      CAPPED_TLVS,
      `ffffffff ${HEADER}`,
      { error: 1, ...none },
    ],
    [
      'where, but not what',
      NLMSG_ERROR,
      CAPPED_TLVS,
      `ffffffff ${HEADER} 0008 0002 ffffffff`,
      { error: 1, text: null, offset: 2 ** 32 - 1 },
    ],
    [
      'what, but not where',
      NLMSG_ERROR,
      CAPPED_TLVS,
      `ffffffff ${HEADER} 0006 0001 "x" =000000`,
      { error: 1, text: 'x', offset: null },
    ],
    [
      'no words',
      NLMSG_ERROR,
      CAPPED_TLVS,
      `ffffffff ${HEADER} 0005 0001 =00000000`,
      { error: 1, text: '', offset: null },
    ],
    [
      'attributes that nobody knows, some of them nested; the last word counts',
      NLMSG_ERROR,
      CAPPED_TLVS,
      `ffffffff ${HEADER} 0008 0001 "old" =00 0004 0009 000c 8004 0008 0001 00000008 0008 0001 "new" =00`,
      { error: 1, text: 'new', offset: null },
    ],
    [
      'a whole request that has no payload',
      NLMSG_ERROR,
      TLVS,
      'ffffffff 00000010 0001 0005 00000001 00000000 0008 0002 00000004',
      { error: 1, text: null, offset: 4 },
    ],
    [
      'a request that is capped, whatever length it had',
      NLMSG_ERROR,
      CAPPED_TLVS,
      'ffffffff ffffffff 005a 0001 00000001 00000000 0008 0002 00000014',
      { error: 1, text: null, offset: 20 },
    ],
  ];
for (const [what, type, flags, payload, acknowledgement] of read) {
  test(`read: ${what}`, () => {
    assert.deepEqual(decode(type, flags, native(payload)), acknowledgement);
  });
}

test('a request of any length: the attributes begin at a multiple of 4', () => {
  for (let extra = 0; extra <= 8; extra++) {
    const request = { type: 88, payload: new Uint8Array(extra).fill(0xff) };
    const said = { error: 22, text: 'no', offset: 16 };
    for (const capped of [true, false]) {
      const { flags, payload } = encodeAcknowledgement(said, { request, capped, tlvs: true });
      assert.deepEqual(decode(NLMSG_ERROR, flags, payload), said, `${extra} ${capped}`);
    }
  }
});

const malformed: [what: string, type: number, flags: number, payload: string][] = [
  ['an error without a number', NLMSG_ERROR, 0, ''],
  ['half a number', NLMSG_ERROR, 0, '0000'],
  ['an end with three bytes', NLMSG_DONE, 0, '=000000'],
  ['a positive number', NLMSG_ERROR, 0, '00000001'],
  ['an end with a positive number', NLMSG_DONE, 0, '7fffffff'],
  ['attributes, but no request', NLMSG_ERROR, TLVS, 'ffffffff'],
  ['half the header of a request', NLMSG_ERROR, CAPPED_TLVS, 'ffffffff 00000014 005a 0001 00000001'],
  ['a request of length 0', NLMSG_ERROR, TLVS, 'ffffffff 00000000 005a 0001 00000001 00000000'],
  ['of length 15', NLMSG_ERROR, TLVS, 'ffffffff 0000000f 005a 0001 00000001 00000000'],
  ['longer than the rest', NLMSG_ERROR, TLVS, 'ffffffff 00000014 005a 0001 00000001 00000000'],
  ['of length -1', NLMSG_ERROR, TLVS, 'ffffffff ffffffff 005a 0001 00000001 00000000 00000000'],
  ['an attribute of length 0', NLMSG_ERROR, CAPPED_TLVS, `ffffffff ${HEADER} 0000 0001`],
  ['one that is longer than the rest', NLMSG_ERROR, CAPPED_TLVS, `ffffffff ${HEADER} 0009 0001 "not" =00`],
  ['one that is cut off', NLMSG_DONE, TLVS, 'ffffffff 0008'],
  ['an offset of three bytes', NLMSG_DONE, TLVS, 'ffffffff 0007 0002 =00000000'],
  ['another type', 88, 0, '00000000'],
  ['NLMSG_NOOP', 1, 0, '00000000'],
];
for (const [what, type, flags, payload] of malformed) {
  test(`no acknowledgement: ${what}`, () => {
    assert.throws(() => decode(type, flags, native(payload)), MALFORMED);
  });
}

test('cut off after any byte', () => {
  for (const which of ['refusedCapped', 'refusedWhole', 'refusedByPolicy', 'dumpRefused'] as const) {
    const [message] = decodeMessages(captured(which));
    assert.ok(message);
    const { type, flags, payload } = message;
    const whole = decode(type, flags, payload);
    let valid = 0;
    for (let length = 0; length < payload.length; length++) {
      try {
        const { error, text, offset } = decode(type, flags, payload.subarray(0, length));
        valid++;
        // Between attributes: what has come before the cut is true. An end without a number is a
        // success.
        assert.equal(error, length === 0 ? 0 : whole.error);
        assert.ok(text === null || text === whole.text);
        assert.ok(offset === null || offset === whole.offset);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ERR_NLINK_MALFORMED', `${which} ${length}`);
      }
    }
    assert.ok(valid >= 2 && valid <= 12, `${which}: valid at ${valid} lengths`);
  }
});

test('what was read belongs to the reader', () => {
  const [message] = decodeMessages(captured('acknowledged'));
  assert.ok(message);
  const first = decodeAcknowledgement(message);
  first.error = 1;
  assert.deepEqual(decodeAcknowledgement(message), { error: 0, text: null, offset: null });
});

const anyRequest = fc.record({ type: fc.nat(0xffff), payload: fc.uint8Array({ maxLength: 20 }) });
const anyAcknowledgement = fc.record(
  {
    error: fc.nat(4095),
    text: fc.option(fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\0', ''))),
    offset: fc.option(fc.nat(2 ** 32 - 1)),
  },
  { noNullPrototype: true },
);

test('what is written is read back: capped or whole, in an error or in an end', () => {
  fc.assert(
    fc.property(anyAcknowledgement, anyRequest, fc.boolean(), fc.boolean(), (said, request, capped, end) => {
      const options = end ? { tlvs: true } : { request, capped, tlvs: true };
      const { type, flags, payload } = encodeAcknowledgement(said, options);
      assert.equal(type, end ? NLMSG_DONE : NLMSG_ERROR);
      assert.deepEqual(decode(type, flags, payload), said);
    }),
    { numRuns: 2000 },
  );
});

test('any bytes: an acknowledgement, or ERR_NLINK_MALFORMED', () => {
  let [valid, malformed] = [0, 0];
  const payloads = fc
    .tuple(anyAcknowledgement, anyRequest, fc.boolean())
    .map(([said, request, capped]) => encodeAcknowledgement(said, { request, capped, tlvs: true }).payload);
  const flags = fc.constantFrom(0, NLM_F_CAPPED, TLVS, CAPPED_TLVS);
  fc.assert(
    fc.property(
      damaged(payloads),
      fc.constantFrom(NLMSG_ERROR, NLMSG_DONE),
      flags,
      (payload, type, flags) => {
        try {
          const { error, offset } = decode(type, flags, payload);
          assert.ok(error >= 0 && error <= 2 ** 31 && !Object.is(error, -0));
          assert.ok(offset === null || (offset >= 0 && offset < 2 ** 32));
          valid++;
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_NLINK_MALFORMED') throw error;
          malformed++;
        }
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(valid > 300 && malformed > 300, `${valid} were acknowledgements, ${malformed} were not`);
});
