/**
 * The codec of netlink messages: datagrams as the kernel gives them, lying lengths, and whatever
 * else may come.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeMessages, encodeMessage, MessageCursor, NLMSG_HDRLEN } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { anyMessage, bytesOf, damaged } from './arbitraries.ts';
import { captured, CAPTURED } from './captured.ts';
import type { Captured } from './captured.ts';
import { MALFORMED, native, shifted } from './native.ts';

const encodeAll = (messages: readonly NetlinkMessage[]): Uint8Array =>
  Buffer.concat(messages.map((message) => encodeMessage(message)));

/** Everything up to the first error, by a cursor. */
function* walk(cursor: MessageCursor): Generator<NetlinkMessage> {
  while (cursor.next()) {
    const { type, flags, sequence, port } = cursor;
    yield { type, flags, sequence, port, payload: cursor.payload() };
  }
}

type Header = [type: number, flags: number, sequence: number, port: number, payload: number];

const known: [which: Captured, headers: Header[]][] = [
  ['newNsidBySet', [[88, 0, 0x6b05a0e3, 0x1a2b, 12]]],
  ['newNsidByKernel', [[88, 0, 0, 0, 12]]],
  ['delNsid', [[89, 0, 0, 0, 12]]],
  ['getByFd', [[90, 1, 0x65, 0, 12]]],
  ['getInTarget', [[90, 1, 0x69, 0, 20]]],
  ['setNsid', [[88, 5, 0x75, 0, 20]]],
  ['dump', [[90, 0x301, 0x6c, 0, 4]]],
  // Ports are beyond 2^31, and no less for it.
  ['replyWithNsid', [[88, 0, 0x65, 0xee40f905, 12]]],
  [
    'dumped',
    [
      [88, 2, 0x6c, 0xee40f905, 12],
      [88, 2, 0x6c, 0xee40f905, 12],
      [3, 2, 0x6c, 0xee40f905, 4],
    ],
  ],
  ['dumpRefused', [[3, 0x202, 0x6e, 0xee40f905, 56]]],
  ['acknowledged', [[2, 0x100, 0x6b, 0xee40f905, 20]]],
  ['refusedWhole', [[2, 0x200, 0x8a, 0xbe4f3510, 76]]],
];
for (const [which, headers] of known) {
  test(`captured: ${which}`, () => {
    const messages = decodeMessages(captured(which));
    const seen = messages.map(({ type, flags, sequence, port, payload }): Header => {
      return [type, flags, sequence, port, payload.length];
    });
    assert.deepEqual(seen, headers);
  });
}

test('captured datagrams are written as they were read', () => {
  for (const which of CAPTURED) {
    const bytes = captured(which);
    assert.deepEqual(bytesOf(encodeAll(decodeMessages(bytes))), bytesOf(bytes), which);
  }
});

test('numbers at their limits have no sign', () => {
  const bytes = native('00000010 ffff ffff ffffffff ffffffff');
  const message = { type: 0xffff, flags: 0xffff, sequence: 0xffffffff, port: 0xffffffff };
  assert.deepEqual(decodeMessages(bytes), [{ ...message, payload: new Uint8Array(0) }]);
  assert.deepEqual(bytesOf(encodeMessage(message)), bytesOf(bytes));
});

test('what is left out is 0', () => {
  assert.deepEqual(
    bytesOf(encodeMessage({ type: 3 })),
    bytesOf(native('00000010 0003 0000 00000000 00000000')),
  );
});

for (let extra = 0; extra <= 5; extra++) {
  test(`a payload of ${extra} bytes: the next message begins at a multiple of 4`, () => {
    const payload = new Uint8Array(extra).fill(0xbb);
    const first = { type: 16, flags: 0, sequence: 1, port: 2, payload };
    const second = { ...first, type: 17 };
    const bytes = encodeAll([first, second]);
    assert.equal(bytes.length, 2 * (NLMSG_HDRLEN + Math.ceil(extra / 4) * 4));
    assert.deepEqual(decodeMessages(bytes), [first, second]);
    // The last one needs no padding, and what stands in the padding is of no interest.
    const end = bytes.length - ((4 - (extra % 4)) % 4);
    assert.deepEqual(decodeMessages(bytes.subarray(0, end)), [first, second]);
    if (extra % 4 === 0) return;
    bytes[NLMSG_HDRLEN + extra] = 0xff;
    assert.deepEqual(decodeMessages(bytes), [first, second]);
  });
}

test('no bytes are no messages', () => {
  assert.deepEqual(decodeMessages(new Uint8Array(0)), []);
});

test('a payload is a copy, of a Buffer too', () => {
  for (const bytes of [captured('newNsidBySet'), Buffer.from(captured('newNsidBySet'))]) {
    const [message] = decodeMessages(bytes);
    assert.ok(message);
    const before = bytesOf(message.payload);
    bytes.fill(0);
    assert.deepEqual(bytesOf(message.payload), before);
    assert.ok(!Buffer.isBuffer(message.payload));
  }
});

const HEADER_REST = '0058 0000 00000000 00000000';
const malformed: [what: string, notation: string][] = [
  ['length 0', `00000000 ${HEADER_REST}`],
  ['length 1', `00000001 ${HEADER_REST}`],
  ['length 15, less than its header', `0000000f ${HEADER_REST}`],
  ['length 17 where 16 are left', `00000011 ${HEADER_REST}`],
  ['a length that would be negative', `80000000 ${HEADER_REST}`],
  ['length -1', `ffffffff ${HEADER_REST}`],
  ['a length that is 0 when aligned to 4', `fffffffd ${HEADER_REST}`],
  ['four bytes: a length and nothing else', '00000010'],
  ['one byte', '00'],
  ['zeros', '00000000 00000000 00000000 00000000 00000000'],
];
for (const [what, notation] of malformed) {
  test(`no valid message: ${what}`, () => {
    // After a whole message, which is still to be had, and once: the rest is skipped.
    const bytes = shifted(3, captured('delNsid'), native(notation));
    const cursor = new MessageCursor(bytes);
    assert.equal(cursor.next(), true);
    assert.equal(cursor.type, 89);
    assert.throws(() => cursor.next(), MALFORMED);
    assert.equal(cursor.next(), false);
    assert.equal(cursor.next(), false);
    assert.throws(() => decodeMessages(bytes), MALFORMED);
    assert.throws(() => decodeMessages(native(notation)), MALFORMED);
  });
}

test('cut off after any byte: what is whole before it, and no more', () => {
  const payload = new Uint8Array(5);
  const messages = [1, 2, 3].map((type) => ({ type, flags: 0, sequence: 0, port: 0, payload }));
  const bytes = encodeAll(messages);
  for (let length = 0; length < bytes.length; length++) {
    const cursor = new MessageCursor(shifted(1, bytes.subarray(0, length)));
    // Each takes 24 bytes, the last three of them padding.
    const [whole, rest] = [Math.floor((length + 3) / 24), Math.max(0, length % 24)];
    const isCut = rest > 0 && rest < 21;
    for (let index = 0; index < whole; index++) assert.equal(cursor.next(), true, `${length}`);
    if (isCut) assert.throws(() => cursor.next(), MALFORMED, `${length}`);
    assert.equal(cursor.next(), false, `${length}`);
  }
});

test('a cursor serves datagram after datagram, wherever they lie, and never leaves them', () => {
  const [one, two] = [captured('delNsid'), captured('dumped')];
  const cursor = new MessageCursor(shifted(0, one, two));
  cursor.reset(one.length, two.length);
  assert.deepEqual([...walk(cursor)], decodeMessages(two));
  cursor.reset(0, one.length);
  assert.deepEqual([...walk(cursor)], decodeMessages(one));
  // The first message of three is whole, the datagram ends before the second one does.
  cursor.reset(one.length, 40);
  assert.equal(cursor.next(), true);
  assert.throws(() => cursor.next(), MALFORMED);
  // An error is forgotten at the next datagram.
  cursor.reset(one.length, 28);
  assert.equal([...walk(cursor)].length, 1);
  cursor.reset(one.length, 10_000);
  assert.deepEqual([...walk(cursor)], decodeMessages(two));
  for (const [start, length] of [
    [one.length + two.length, 100],
    [10_000, 100],
    [0, 0],
  ] as const) {
    cursor.reset(start, length);
    assert.equal(cursor.next(), false);
  }
});

test('what is written is read back, several in a datagram, wherever the bytes lie', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 8 }), fc.nat(7), (messages, offset) => {
      const bytes = shifted(offset, encodeAll(messages));
      assert.deepEqual(decodeMessages(bytes), messages);
      assert.deepEqual([...walk(new MessageCursor(bytes))], messages);
    }),
    { numRuns: 1000 },
  );
});

test('any bytes: messages that say the same when written again, or ERR_NLINK_MALFORMED, and always an end', () => {
  let [valid, malformed] = [0, 0];
  fc.assert(
    fc.property(damaged(fc.array(anyMessage, { maxLength: 4 }).map(encodeAll)), (bytes) => {
      const cursor = new MessageCursor(bytes);
      const messages: NetlinkMessage[] = [];
      let before = 0;
      try {
        for (const message of walk(cursor)) {
          assert.ok(cursor.start >= before + NLMSG_HDRLEN, 'each message takes room');
          assert.ok(cursor.end >= cursor.start && cursor.end <= bytes.length, 'and lies within the bytes');
          before = cursor.end;
          messages.push(message);
        }
        assert.deepEqual(decodeMessages(bytes), messages);
        valid++;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_NLINK_MALFORMED') throw error;
        assert.throws(() => decodeMessages(bytes), MALFORMED);
        malformed++;
      }
      assert.equal(cursor.next(), false);
      assert.deepEqual(decodeMessages(encodeAll(messages)), messages);
    }),
    { numRuns: 3000 },
  );
  assert.ok(valid > 300 && malformed > 300, `${valid} were messages, ${malformed} were not`);
});
