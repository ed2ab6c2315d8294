/**
 * The events in datagrams of RTNLGRP_NSID: what was captured, what may stand among them, and what
 * is none.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { RTM_DELNSID, RTM_GETNSID, RTM_NEWNSID } from '../../src/netlink/constants.ts';
import { encodeMessage, MessageCursor } from '../../src/netlink/message.ts';
import { decodeNsidEvents, NsidEventReader } from '../../src/netlink/nsid-event.ts';
import type { NsidEvent } from '../../src/netlink/nsid-event.ts';
import { captured } from './captured.ts';
import type { Captured } from './captured.ts';
import { MALFORMED, native, shifted } from './native.ts';

/** A message with this payload. */
const message = (type: number, payload: string): Uint8Array =>
  encodeMessage({ type, payload: native(payload) });

const known: [which: Captured, events: NsidEvent[]][] = [
  ['newNsidBySet', [{ type: 'newNsid', nsid: 7 }]],
  ['newNsidByKernel', [{ type: 'newNsid', nsid: 0 }]],
  ['delNsid', [{ type: 'delNsid', nsid: 0 }]],
  ['acknowledged', []],
  ['refusedCapped', []],
  ['dumpRefused', []],
];
for (const [which, events] of known) {
  test(`captured: ${which}`, () => {
    assert.deepEqual(decodeNsidEvents(captured(which)), events);
    assert.deepEqual(decodeNsidEvents(shifted(3, captured(which))), events);
  });
}

const read: [what: string, payload: string, events: [created: NsidEvent, removed: NsidEvent]][] = [
  [
    'the greatest id',
    '00 000000 0008 0001 7fffffff',
    [
      { type: 'newNsid', nsid: 2 ** 31 - 1 },
      { type: 'delNsid', nsid: 2 ** 31 - 1 },
    ],
  ],
  [
    'a process and a descriptor, which Linux does not tell yet',
    '00 000000 0008 0001 00000007 0008 0002 ffffffff 0008 0003 80000000',
    [
      { type: 'newNsid', nsid: 7, pid: 2 ** 32 - 1, fd: 2 ** 31 },
      { type: 'delNsid', nsid: 7 },
    ],
  ],
  [
    'one twice: the last one counts',
    '00 000000 0008 0001 ffffffff 0008 0002 00000001 0008 0002 00000002 0008 0001 00000009',
    [
      { type: 'newNsid', nsid: 9, pid: 2 },
      { type: 'delNsid', nsid: 9 },
    ],
  ],
  [
    'attributes that nobody knows, of any length',
    '00 000000 0005 0009 =01000000 0008 0001 00000007 0004 3fff 0008 8006 0004 0001',
    [
      { type: 'newNsid', nsid: 7 },
      { type: 'delNsid', nsid: 7 },
    ],
  ],
  [
    'any family',
    'ff ffffff 0008 0001 00000007',
    [
      { type: 'newNsid', nsid: 7 },
      { type: 'delNsid', nsid: 7 },
    ],
  ],
];
for (const [what, payload, [created, removed]] of read) {
  test(`read: ${what}`, () => {
    assert.deepEqual(decodeNsidEvents(message(RTM_NEWNSID, payload)), [created]);
    assert.deepEqual(decodeNsidEvents(message(RTM_DELNSID, payload)), [removed]);
  });
}

test('several in a datagram, in order, and among them what is none', () => {
  const bytes = shifted(
    1,
    captured('getByFd'),
    message(RTM_NEWNSID, '00 000000 0008 0001 00000001'),
    captured('refusedWhole'),
    message(1, ''),
    message(RTM_GETNSID, ''),
    message(RTM_DELNSID, '00 000000 0008 0001 00000001'),
    message(16, '00'),
    message(RTM_NEWNSID, '00 000000 0008 0001 00000002'),
  );
  assert.deepEqual(decodeNsidEvents(bytes), [
    { type: 'newNsid', nsid: 1 },
    { type: 'delNsid', nsid: 1 },
    { type: 'newNsid', nsid: 2 },
  ]);
  assert.deepEqual(decodeNsidEvents(new Uint8Array(0)), []);
});

const malformed: [what: string, payload: string][] = [
  ['nothing', ''],
  ['a head that is cut off', '00 =0000'],
  ['no id', '00 000000'],
  ['another attribute, but no id', '00 000000 0008 0009 00000007'],
  ['-1, which is no id, and not 4294967295', '00 000000 0008 0001 ffffffff'],
  ['a negative id', '00 000000 0008 0001 80000000'],
  ['an id of three bytes', '00 000000 0007 0001 =00000000'],
  ['an attribute of length 0', '00 000000 0000 0001 00000007'],
  ['an attribute that is longer than the message', '00 000000 0009 0001 00000007'],
  ['an id, and then half an attribute', '00 000000 0008 0001 00000007 0008'],
];
for (const [what, payload] of malformed) {
  test(`no event: ${what}`, () => {
    for (const type of [RTM_NEWNSID, RTM_DELNSID]) {
      const bytes = shifted(1, captured('newNsidBySet'), message(type, payload), captured('delNsid'));
      assert.throws(() => decodeNsidEvents(bytes), MALFORMED);
      // What comes before it is to be had, and what comes after it too.
      const cursor = new MessageCursor(bytes);
      const reader = new NsidEventReader();
      assert.deepEqual(reader.next(cursor), { type: 'newNsid', nsid: 7 });
      assert.throws(() => reader.next(cursor), MALFORMED);
      assert.deepEqual(reader.next(cursor), { type: 'delNsid', nsid: 0 });
      assert.equal(reader.next(cursor), null);
    }
  });
}

test('a process of two bytes is none either', () => {
  const payload = '00 000000 0008 0001 00000007 0006 0002 =01000000';
  assert.throws(() => decodeNsidEvents(message(RTM_NEWNSID, payload)), MALFORMED);
  // Of a namespace that is gone, only the id is looked at.
  assert.deepEqual(decodeNsidEvents(message(RTM_DELNSID, payload)), [{ type: 'delNsid', nsid: 7 }]);
});

test('cut off after any byte', () => {
  const bytes = shifted(1, captured('newNsidBySet'), captured('delNsid'));
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    if (length === 0) assert.deepEqual(decodeNsidEvents(cut), []);
    else if (length === 28) assert.deepEqual(decodeNsidEvents(cut), [{ type: 'newNsid', nsid: 7 }]);
    else assert.throws(() => decodeNsidEvents(cut), MALFORMED, `${length}`);
  }
});

test('a message that lies about its length ends the datagram', () => {
  const lie = native('ffffffff 0058 0000 00000000 00000000 00 000000 0008 0001 00000007');
  const cursor = new MessageCursor(Buffer.concat([captured('delNsid'), lie]));
  const reader = new NsidEventReader();
  assert.deepEqual(reader.next(cursor), { type: 'delNsid', nsid: 0 });
  assert.throws(() => reader.next(cursor), MALFORMED);
  assert.equal(reader.next(cursor), null);
});

test('one reader serves datagram after datagram, each event an object of its own', () => {
  const reader = new NsidEventReader();
  const first = reader.next(new MessageCursor(captured('newNsidBySet')));
  const second = reader.next(new MessageCursor(shifted(2, captured('newNsidByKernel'))));
  assert.deepEqual(first, { type: 'newNsid', nsid: 7 });
  assert.deepEqual(second, { type: 'newNsid', nsid: 0 });
});
