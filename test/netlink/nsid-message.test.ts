/**
 * The codec of messages of namespace ids: what was captured, ids at their limits, attributes that
 * nobody knows, and what is none.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeAttributes } from '../../src/netlink/attribute.ts';
import { decodeMessages } from '../../src/netlink/message.ts';
import {
  decodeNsidMessage,
  decodeRtGenMsg,
  encodeNsidMessage,
  encodeRtGenMsg,
} from '../../src/netlink/nsid-message.ts';
import type { NsidMessage } from '../../src/netlink/nsid-message.ts';
import { anyNsidMessage, attributeBytes, bytesOf, damaged } from './arbitraries.ts';
import { captured } from './captured.ts';
import type { Captured } from './captured.ts';
import { MALFORMED, native, shifted } from './native.ts';

const known: [which: Captured, messages: NsidMessage[]][] = [
  ['newNsidBySet', [{ family: 0, nsid: 7 }]],
  ['newNsidByKernel', [{ family: 0, nsid: 0 }]],
  ['delNsid', [{ family: 0, nsid: 0 }]],
  ['getByFd', [{ family: 0, fd: 23 }]],
  ['getByPid', [{ family: 0, pid: 1 }]],
  ['getByNsid', [{ family: 0, nsid: 7 }]],
  ['getInTarget', [{ family: 0, fd: 23, targetNsid: 7 }]],
  ['setNsid', [{ family: 0, nsid: 7, fd: 24 }]],
  ['dump', [{ family: 0 }]],
  ['replyWithNsid', [{ family: 0, nsid: 7 }]],
  ['replyWithoutNsid', [{ family: 0, nsid: -1 }]],
  ['replyFromTarget', [{ family: 0, nsid: -1, currentNsid: 7 }]],
  [
    'dumped',
    [
      { family: 0, nsid: 0 },
      { family: 0, nsid: 7 },
    ],
  ],
  ['dumpedFromTarget', [{ family: 0, nsid: 0, currentNsid: -1 }]],
];
for (const [which, messages] of known) {
  test(`captured: ${which}`, () => {
    const payloads = decodeMessages(captured(which))
      .filter(({ type }) => type >= 16)
      .map(({ payload }) => payload);
    assert.deepEqual(
      payloads.map((payload) => decodeNsidMessage(payload)),
      messages,
    );
    assert.deepEqual(
      messages.map((message) => bytesOf(encodeNsidMessage(message))),
      payloads.map(bytesOf),
    );
  });
}

const written: [what: string, notation: string, message: NsidMessage][] = [
  ['the lowest ids', '00 000000 0008 0001 00000000', { family: 0, nsid: 0 }],
  ['the greatest id', '00 000000 0008 0001 7fffffff', { family: 0, nsid: 2 ** 31 - 1 }],
  ['less than none', '00 000000 0008 0001 80000000', { family: 0, nsid: -(2 ** 31) }],
  [
    'no id, three times: -1, and never 4294967295',
    '00 000000 0008 0001 ffffffff 0008 0004 ffffffff 0008 0005 ffffffff',
    { family: 0, nsid: -1, targetNsid: -1, currentNsid: -1 },
  ],
  [
    'processes and descriptors have no sign',
    '00 000000 0008 0002 ffffffff 0008 0003 80000000',
    { family: 0, pid: 2 ** 32 - 1, fd: 2 ** 31 },
  ],
  ['a family', 'ff 000000', { family: 255 }],
  [
    'all that there is, in the order of its numbers',
    `02 000000 0008 0001 00000001 0008 0002 00000002 0008 0003 00000003 0008 0004 00000004 0008 0005 00000005
     0005 0006 =aa000000 0004 7fff 0008 8000 0004 0001`,
    {
      family: 2,
      nsid: 1,
      pid: 2,
      fd: 3,
      targetNsid: 4,
      currentNsid: 5,
      unknown: [
        { type: 6, value: native('=aa') },
        { type: 0x3fff, value: native(''), netByteOrder: true },
        { type: 0, value: native('0004 0001'), nested: true },
      ],
    },
  ],
];
for (const [what, notation, message] of written) {
  test(`known bytes: ${what}`, () => {
    const bytes = native(notation);
    assert.deepEqual(decodeNsidMessage(bytes), message);
    assert.deepEqual(decodeNsidMessage(shifted(1, bytes)), message);
    assert.deepEqual(bytesOf(encodeNsidMessage(message)), bytesOf(bytes));
  });
}

const read: [what: string, notation: string, message: NsidMessage][] = [
  ['the head alone, without its padding', '05', { family: 5 }],
  ['with some of it', '05 =0000', { family: 5 }],
  ['anything in it', '05 =ffffff 0008 0001 00000001', { family: 5, nsid: 1 }],
  [
    'one twice: the last one counts',
    '00 000000 0008 0001 00000007 0008 0001 ffffffff',
    { family: 0, nsid: -1 },
  ],
  [
    'one thrice, with others between',
    '00 000000 0008 0002 00000001 0008 0001 00000007 0008 0002 00000002 0008 0001 00000009 0008 0002 00000003',
    { family: 0, nsid: 9, pid: 3 },
  ],
  [
    'an unknown one between known ones',
    '00 000000 0005 0009 =01000000 0008 0001 00000007',
    { family: 0, nsid: 7, unknown: [{ type: 9, value: native('=01') }] },
  ],
  [
    'an unknown one twice: both',
    '00 000000 0004 0009 0004 0009',
    {
      family: 0,
      unknown: [
        { type: 9, value: native('') },
        { type: 9, value: native('') },
      ],
    },
  ],
  ['eight bytes where four are needed', '00 000000 000c 0001 00000007 ffffffff', { family: 0, nsid: 7 }],
  ['flags in the type of one that is known', '00 000000 0008 c001 00000007', { family: 0, nsid: 7 }],
];
for (const [what, notation, message] of read) {
  test(`read: ${what}`, () => {
    assert.deepEqual(decodeNsidMessage(shifted(2, native(notation))), message);
  });
}

const malformed: [what: string, notation: string][] = [
  ['nothing', ''],
  ['an id of three bytes', '00 000000 0007 0001 =00000000'],
  ['an id of no bytes', '00 000000 0004 0001'],
  ['a descriptor of two bytes', '00 000000 0006 0003 =00000000'],
  ['NETNSA_CURRENT_NSID of one byte', '00 000000 0005 0005 =00000000'],
  ['an attribute of length 0', '00 000000 0000 0001 00000007'],
  ['an attribute of length 3', '00 000000 0003 0001 00000007'],
  ['an attribute that is longer than the rest', '00 000000 0009 0001 00000007'],
  ['an unknown attribute that is longer than the rest', '00 000000 ffff 0009 00000007'],
  ['a good one, then half of one', '00 000000 0008 0001 00000007 0008'],
];
for (const [what, notation] of malformed) {
  test(`not an nsid message: ${what}`, () => {
    assert.throws(() => decodeNsidMessage(native(notation)), MALFORMED);
    assert.throws(() => decodeNsidMessage(shifted(5, native(notation))), MALFORMED);
  });
}

test('cut off after any byte', () => {
  const bytes = native('05 000000 0008 0001 00000007 0006 0009 =01020000 0008 0003 00000017');
  for (let length = 0; length < bytes.length; length++) {
    const cut = shifted(1, bytes.subarray(0, length));
    // The head may be cut, and the padding of an attribute.
    if ((length >= 1 && length <= 4) || length === 12 || (length >= 18 && length <= 20))
      assert.equal(decodeNsidMessage(cut).nsid, length < 12 ? undefined : 7, `${length}`);
    else assert.throws(() => decodeNsidMessage(cut), MALFORMED, `${length}`);
  }
});

test('the head of many messages', () => {
  assert.deepEqual(decodeRtGenMsg(native('11')), { family: 17 });
  assert.deepEqual(decodeRtGenMsg(shifted(3, native('11 ffffff 0008 0001 00000007'))), { family: 17 });
  assert.deepEqual(bytesOf(encodeRtGenMsg({ family: 17 })), [17, 0, 0, 0]);
  assert.throws(() => decodeRtGenMsg(new Uint8Array(0)), MALFORMED);
});

test('what is written is read back, with attributes that nobody knows', () => {
  fc.assert(
    fc.property(anyNsidMessage, fc.nat(7), (message, offset) => {
      assert.deepEqual(decodeNsidMessage(shifted(offset, encodeNsidMessage(message))), message);
    }),
    { numRuns: 2000 },
  );
});

/** Attributes with the numbers of this codec, but values of any length. */
const loose = attributeBytes.map((bytes) => Buffer.concat([native('00 000000'), bytes]));
const valid = fc.oneof(anyNsidMessage.map(encodeNsidMessage), loose);

test('any bytes: a message that says the same when written again, or ERR_NLINK_MALFORMED', () => {
  let [valid_, malformed] = [0, 0];
  fc.assert(
    fc.property(damaged(valid), (bytes) => {
      let message;
      try {
        message = decodeNsidMessage(bytes);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_NLINK_MALFORMED') throw error;
        malformed++;
        return;
      }
      valid_++;
      assert.deepEqual(decodeNsidMessage(encodeNsidMessage(message)), message);
    }),
    { numRuns: 3000 },
  );
  assert.ok(valid_ > 300 && malformed > 300, `${valid_} were messages, ${malformed} were not`);
});

test('each attribute is the field of its number', () => {
  const fields = ['nsid', 'pid', 'fd', 'targetNsid', 'currentNsid'] as const;
  for (const [index, field] of fields.entries()) {
    const payload = Buffer.concat([
      native('00 000000'),
      encodeAttributes([{ type: index + 1, value: native('00000007') }]),
    ]);
    assert.deepEqual(decodeNsidMessage(payload), { family: 0, [field]: 7 });
  }
});
