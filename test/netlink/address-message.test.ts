/** What messages say of addresses, and how addresses are written. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeAddressMessage } from '../../src/netlink/address-message.ts';
import type { AddressMessage } from '../../src/netlink/address-message.ts';
import { addressPayload, hex, text, u16, u32 } from './link-encoder.ts';
import { MALFORMED, shifted } from './native.ts';

const NOTHING: AddressMessage = {
  family: 2,
  prefixLength: 24,
  scope: 0,
  flags: 0x80,
  ifindex: 7,
  address: null,
  local: null,
  broadcast: null,
  label: null,
  targetNsid: null,
};

const table: [what: string, payload: Uint8Array, differing: Partial<AddressMessage>][] = [
  ['no attributes', addressPayload(), {}],
  [
    'IPv4',
    addressPayload({}, [
      [1, hex('c0000201')],
      [2, hex('c0000202')],
      [4, hex('c00002ff')],
      [3, text('eth0:1')],
      [8, u32(0x280)],
      [6, hex('ffffffffffffffff0000000000000000')],
    ]),
    { address: '192.0.2.1', local: '192.0.2.2', broadcast: '192.0.2.255', label: 'eth0:1', flags: 0x280 },
  ],
  [
    'IPv6 of another namespace',
    addressPayload({ family: 10, prefixLength: 64, scope: 253 }, [
      [10, u32(1_000_000)],
      [1, hex('fe800000000000000000000000000001')],
    ]),
    { family: 10, prefixLength: 64, scope: 253, address: 'fe80::1', targetNsid: 1_000_000 },
  ],
  ['an address of no known length', addressPayload({}, [[1, u16(1)]]), {}],
];
for (const [what, payload, differing] of table) {
  test(what, () => {
    assert.deepEqual(decodeAddressMessage(payload), { ...NOTHING, ...differing });
    assert.deepEqual(decodeAddressMessage(shifted(3, payload)), { ...NOTHING, ...differing });
  });
}

test('messages that are cut off, or lie', () => {
  for (let end = 0; end < 8; end++)
    assert.throws(() => decodeAddressMessage(addressPayload().subarray(0, end)), MALFORMED);
  assert.throws(() => decodeAddressMessage(addressPayload({}, [[8, u16(1)]])), MALFORMED);
  assert.throws(() => decodeAddressMessage(addressPayload({}, [[10, u16(1)]])), MALFORMED);
});

// Sections 4 and 5 of RFC 5952.
for (const [digits, written] of [
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['20010db8000000000000000000020001', '2001:db8::2:1'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['20010000000000010000000000000001', '2001:0:0:1::1'],
  ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['20010db8aaaabbbbccccddddeeee0aaa', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaa'],
  ['20010db8000100000000000000000000', '2001:db8:1::'],
  ['00000000000000010000000000000000', '0:0:0:1::'],
  ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ['000000000000000000000000c0000201', '::c000:201'],
  ['0064ff9b0000000000000000c0000221', '64:ff9b::c000:221'],
] as const) {
  test(`IPv6: ${written}`, () => {
    const message = decodeAddressMessage(addressPayload({ family: 10 }, [[1, hex(digits)]]));
    assert.equal(message.address, written);
  });
}
