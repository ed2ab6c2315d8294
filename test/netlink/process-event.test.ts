/** The codec of the process connector, and the filter that the kernel applies to it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { littleEndian } from '../../src/sys/endian.ts';
import { answerTo, encodeProcessRequest, startedProcess } from '../../src/netlink/process-event.ts';
import { PROC_CN_MCAST_IGNORE, PROC_CN_MCAST_LISTEN } from '../../src/netlink/process-event.ts';
import { PROCESS_STARTS } from '../../src/netlink/process-starts-filter.ts';
import { REMOVALS_ONLY } from '../../src/netlink/removals-filter.ts';
import { captured } from './captured.ts';
import { native } from './native.ts';
import { answerOf, PROCESS, processEvents } from './process-events.ts';

/** A datagram in the second slot of an inbox, and where that begins. */
function slotted(datagram: Uint8Array): [words: Int32Array, start: number, length: number] {
  const bytes = new Uint8Array(256).fill(0xaa);
  bytes.set(datagram, 128);
  return [new Int32Array(bytes.buffer), 128, datagram.length];
}

/** What the kernel's packet filter makes of a message: how much of it stays. */
function filtered(program: Uint8Array, message: Uint8Array): number {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let [loaded, kept] = [0, 0];
  for (let at = 0; ; at += 8) {
    const value = code.getUint32(at + 4, littleEndian);
    const operation = code.getUint16(at, littleEndian);
    const jump = (holds: boolean): number => code.getUint8(at + (holds ? 2 : 3)) * 8;
    if (operation === 0x06) return value;
    else if (operation === 0x07) kept = loaded;
    else if (operation === 0x15) at += jump(loaded === value);
    else if (operation === 0x1d) at += jump(loaded === kept);
    else if (operation === 0x20 && value + 4 <= message.length) loaded = data.getUint32(value);
    else if (operation === 0x30 && value < message.length) loaded = data.getUint8(value);
    else return 0;
  }
}

const ALL = 0xffffffff;
const ACK = 0x77;

const events: [
  what: string,
  datagram: Uint8Array,
  process: number,
  answer: number | null,
  passes: boolean,
][] = [
  ['a child', processEvents.child, PROCESS, null, true],
  ['a program', processEvents.program, PROCESS, null, true],
  ['a thread', processEvents.thread, 0, null, false],
  ['another user', processEvents.user, 0, null, false],
  ['another name', processEvents.name, 0, null, false],
  ['an end', processEvents.end, 0, null, false],
  ['an answer', answerOf(ACK), 0, 0, true],
  ['an answer: EPERM', answerOf(ACK, 1), 0, 1, true],
  ['an answer to somebody else', answerOf(ACK + 1), 0, null, true],
];
for (const [what, datagram, process, answer, passes] of events) {
  test(`${what}: read, and let pass or not`, () => {
    assert.equal(startedProcess(...slotted(datagram)), process);
    assert.equal(answerTo(ACK, ...slotted(datagram)), answer);
    assert.equal(filtered(PROCESS_STARTS, datagram), passes ? ALL : 0);
  });
}

test('whatever is cut off is nothing', () => {
  for (const datagram of [processEvents.child, processEvents.program, answerOf(ACK)]) {
    for (let length = 0; length < 68; length++) {
      assert.equal(startedProcess(...slotted(datagram.subarray(0, length))), 0);
      assert.equal(answerTo(ACK, ...slotted(datagram.subarray(0, length))), null);
    }
  }
  assert.equal(filtered(PROCESS_STARTS, processEvents.child.subarray(0, 67)), 0);
  assert.equal(filtered(PROCESS_STARTS, processEvents.program.subarray(0, 39)), 0);
});

test('what is longer than today is read all the same', () => {
  const longer = new Uint8Array(100);
  longer.set(processEvents.child);
  assert.equal(startedProcess(...slotted(longer)), PROCESS);
});

for (const word of [4, 5]) {
  test(`another connector, by its number in word ${word}, is nothing`, () => {
    for (const datagram of [processEvents.program, answerOf(ACK)]) {
      const [words, start, length] = slotted(datagram);
      words[start / 4 + word] = 2;
      assert.equal(startedProcess(words, start, length), 0);
      assert.equal(answerTo(ACK, words, start, length), null);
    }
  });
}

test('the ack of a request may be any port', () => {
  for (const ack of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1])
    assert.equal(answerTo(ack, ...slotted(answerOf(ack))), 0, String(ack));
});

test('requests, as the kernel took them', () => {
  const head = '00000028 0003 0000 00000000 00000000  00000001 00000001 00000000';
  assert.deepEqual(
    encodeProcessRequest(PROC_CN_MCAST_LISTEN, 0xee40f905),
    native(`${head} ee40f905 0004 0000  00000001`),
  );
  assert.deepEqual(
    encodeProcessRequest(PROC_CN_MCAST_IGNORE, 7),
    native(`${head} 00000007 0004 0000  00000002`),
  );
});

test('of nsids only removals pass', () => {
  assert.equal(filtered(REMOVALS_ONLY, captured('delNsid')), ALL);
  assert.equal(filtered(REMOVALS_ONLY, captured('newNsidBySet')), 0);
});
