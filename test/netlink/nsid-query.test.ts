/**
 * The requests about namespace ids as they are sent: the bytes that the kernel is known to take.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NETNSA_FD, NETNSA_NSID, NETNSA_PID, NLM_F_ACK } from '../../src/netlink/constants.ts';
import { DumpRequest, GeneralRequest } from '../../src/netlink/general-request.ts';
import { decodeMessages } from '../../src/netlink/message.ts';
import { NsidDumpRequest } from '../../src/netlink/nsid-dump.ts';
import { NsidAssignment, NsidQueries, NsidQuery } from '../../src/netlink/nsid-query.ts';
import type { Exchange, WriteBuffer } from '../../src/netlink/requester.ts';
import { bytesOf } from './arbitraries.ts';
import { captured } from './captured.ts';
import type { Captured } from './captured.ts';
import { native } from './native.ts';

/** Room that is not clean, since it has been used before. */
function scratch(): WriteBuffer {
  const bytes = new Uint8Array(1024).fill(0xff);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** What an exchange sends under this number. */
function sent(exchange: Exchange<unknown>, sequence: number): Uint8Array {
  const { bytes, length } = exchange.write(scratch(), sequence);
  return bytes.subarray(0, length);
}

const known: [which: Captured, exchange: Exchange<unknown>][] = [
  ['getByFd', new NsidQuery().of(NETNSA_FD, 23)],
  ['getByPid', new NsidQuery().of(NETNSA_PID, 1)],
  ['getByNsid', new NsidQuery().of(NETNSA_NSID, 7)],
  ['getByFd', new NsidQueries(NETNSA_FD, [23])],
  ['setNsid', new NsidAssignment(NETNSA_FD, 24, 7)],
  ['dump', new NsidDumpRequest(null)],
  [
    'setNsid',
    new GeneralRequest({ type: 88, payload: native('00 000000 0008 0001 00000007 0008 0003 00000018') }),
  ],
];
for (const [which, exchange] of known) {
  test(`${which} by ${exchange.constructor.name}`, () => {
    const bytes = captured(which);
    const sequence = decodeMessages(bytes)[0]?.sequence ?? 0;
    assert.deepEqual(bytesOf(sent(exchange, sequence)), bytesOf(bytes));
  });
}

test('a batch: one request after the other, numbered from the first', () => {
  const bytes = sent(new NsidQueries(NETNSA_FD, [3, 4]), 0xfffffffe);
  assert.deepEqual(
    bytesOf(bytes),
    bytesOf(
      native(`0000001c 005a 0001 fffffffe 00000000  00 000000  0008 0003 00000003
              0000001c 005a 0001 ffffffff 00000000  00 000000  0008 0003 00000004`),
    ),
  );
});

test('any free id is asked for by -1, and a target by its id', () => {
  assert.deepEqual(
    bytesOf(sent(new NsidAssignment(NETNSA_PID, 99, 'auto'), 1)),
    bytesOf(
      native('00000024 0058 0005 00000001 00000000  00 000000  0008 0001 ffffffff  0008 0002 00000063'),
    ),
  );
  assert.deepEqual(
    bytesOf(sent(new NsidDumpRequest(2 ** 31 - 1), 1)),
    bytesOf(native('0000001c 005a 0301 00000001 00000000  00 000000  0008 0004 7fffffff')),
  );
});

test('flags of any request are kept, and what makes it one is added', () => {
  const request = { type: 16, flags: 0x400, payload: new Uint8Array(0) };
  const flagsOf = (exchange: Exchange<unknown>): number | undefined =>
    decodeMessages(sent(exchange, 1))[0]?.flags;
  assert.equal(flagsOf(new GeneralRequest(request)), 0x405);
  // Whether a dump is also to be acknowledged is of no interest: the kernel never does that.
  assert.equal((flagsOf(new DumpRequest(request)) ?? 0) & ~NLM_F_ACK, 0x701);
});

test('what is no request is refused before it is sent', () => {
  const payload = new Uint8Array(0);
  for (const wrong of [
    undefined,
    null,
    'text',
    { payload },
    { type: 15, payload },
    { type: 0x10000, payload },
    { type: 16.5, payload },
    { type: 16, flags: -1, payload },
    { type: 16, flags: 0x10000, payload },
    { type: 16 },
    { type: 16, payload: [] },
  ] as never[]) {
    for (const make of [() => new GeneralRequest(wrong), () => new DumpRequest(wrong)])
      assert.throws(make, { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT' }, JSON.stringify(wrong));
  }
});
