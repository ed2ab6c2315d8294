/** What messages say of links: as the kernel gave them, and traps. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeLinkMessage, readLinkMessage } from '../../src/netlink/link-message.ts';
import type { LinkMessage } from '../../src/netlink/link-message.ts';
import { encodeMessage, MessageCursor } from '../../src/netlink/message.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { capturedLink } from './captured-links.ts';
import type { CapturedLink } from './captured-links.ts';
import { hex, linkPayload, nest, NOTHING, text, u16, u32, u8 } from './link-encoder.ts';
import { MALFORMED, shifted } from './native.ts';

const NO_COUNTERS = {
  rxPackets: 0,
  txPackets: 0,
  rxBytes: 0,
  txBytes: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
  multicast: 0,
  collisions: 0,
  rxFifoErrors: 0,
  rxFrameErrors: 0,
  rxCompressed: 0,
  txFifoErrors: 0,
  txCarrierErrors: 0,
  txCompressed: 0,
  rxMissed: 0,
  rxNohandler: 0,
};

const counted = (carrierChanges: number): LinkMessage['statistics'] => ({ ...NO_COUNTERS, carrierChanges });

const ethernet = {
  ...NOTHING,
  mtu: 1500,
  flags: 0x1002,
  operState: 'down',
  statistics: counted(0),
} as const;
const captured: Record<CapturedLink, LinkMessage> = {
  lo: {
    ...ethernet,
    ifindex: 1,
    type: 772,
    flags: 8,
    name: 'lo',
    mtu: 65_536,
    address: '00:00:00:00:00:00',
  },
  bridge: {
    ...ethernet,
    ifindex: 2,
    name: 'br7',
    kind: 'bridge',
    details: { kind: 'bridge', vlanFiltering: false, stp: true },
    address: '02:00:00:00:00:07',
    statistics: counted(1),
  },
  veth: {
    ...ethernet,
    ifindex: 3,
    flags: 0x1003,
    name: 'veth1',
    altNames: ['uplink', 'second-name-longer-than-15'],
    alias: 'to the guest',
    kind: 'veth',
    slaveKind: 'bridge',
    operState: 'lower-layer-down',
    address: '02:00:00:00:00:01',
    master: 2,
    link: 2,
    linkNsid: 0,
    statistics: counted(1),
  },
  macvlan: {
    ...ethernet,
    ifindex: 4,
    name: 'mv1',
    kind: 'macvlan',
    details: { kind: 'macvlan', mode: 'bridge' },
    address: '02:00:00:00:00:03',
    link: 2,
  },
  macvtap: {
    ...ethernet,
    ifindex: 5,
    name: 'mt1',
    kind: 'macvtap',
    details: { kind: 'macvtap', mode: 'private' },
    address: '02:00:00:00:00:04',
    link: 2,
  },
  vxlan: {
    ...ethernet,
    ifindex: 6,
    name: 'vx1',
    mtu: 1450,
    kind: 'vxlan',
    details: { kind: 'vxlan', id: 42, local: '192.0.2.1', remote: '192.0.2.9', port: 4789, lower: 2 },
    address: '02:00:00:00:00:05',
  },
  vxlan6: {
    ...ethernet,
    ifindex: 7,
    name: 'vx6',
    mtu: 1430,
    kind: 'vxlan',
    details: { kind: 'vxlan', id: 43, local: '2001:db8::1', remote: 'ff02::5', port: 4789, lower: 2 },
    address: '02:00:00:00:00:06',
  },
  tun: {
    ...ethernet,
    ifindex: 8,
    type: 65_534,
    flags: 0x1090,
    name: 'tun1',
    kind: 'tun',
    statistics: counted(1),
  },
  ifb: { ...ethernet, ifindex: 10, flags: 0x82, name: 'ifb1', kind: 'ifb', address: '02:00:00:00:00:08' },
};
for (const [which, expected] of Object.entries(captured)) {
  test(`captured: ${which}`, { skip: !littleEndian }, () => {
    const payload = capturedLink(which as CapturedLink);
    assert.deepEqual(decodeLinkMessage(payload), expected);
    assert.deepEqual(decodeLinkMessage(shifted(5, payload)), expected);
    // In place, and without the counters.
    const cursor = new MessageCursor(
      Buffer.concat([new Uint8Array(4), encodeMessage({ type: 16, payload })]),
    );
    cursor.reset(4, cursor.bytes.length);
    assert(cursor.next());
    assert.deepEqual(readLinkMessage(cursor, 'link'), { ...expected, statistics: null });
  });
}

const LOCAL = hex('c0000201');
const LOCAL6 = hex('20010db8000000000000000000000001');

const traps: [what: string, payload: Uint8Array, differing: Partial<LinkMessage>][] = [
  ['no attributes', linkPayload({}), {}],
  [
    'what a bridge says of a port',
    linkPayload({ family: 7 }, [
      [3, text('one')],
      [10, u32(3)],
    ]),
    { family: 7, name: 'one', master: 3 },
  ],
  [
    'the namespace of the other end is about to end',
    linkPayload({}, [
      [5, u32(0)],
      [37, u32(0xffffffff)],
    ]),
    { link: 0, linkNsid: -1 },
  ],
  [
    'it moved',
    linkPayload({}, [
      [45, u32(3)],
      [49, u32(9)],
    ]),
    { newNsid: 3, newIfindex: 9 },
  ],
  ['of another namespace', linkPayload({}, [[46, u32(1_000_000)]]), { targetNsid: 1_000_000 }],
  ['a name of 15 bytes', linkPayload({}, [[3, text('fifteen-letters')]]), { name: 'fifteen-letters' }],
  [
    'a name of 16 bytes without a NUL',
    linkPayload({}, [[3, text('sixteen--letters').subarray(0, 16)]]),
    { name: 'sixteen--letters' },
  ],
  ['a name that is not ASCII', linkPayload({}, [[3, text('größe')]]), { name: 'größe' }],
  [
    'names that are alike',
    linkPayload({}, [
      [3, text('Aa')],
      [20, text('BB')],
    ]),
    { name: 'Aa', alias: 'BB' },
  ],
  ['an empty list of names', linkPayload({}, [[52, new Uint8Array(0)]]), {}],
  [
    'other names, and something else among them',
    linkPayload({}, [
      [
        52,
        nest([
          [53, text('a')],
          [99, u32(1)],
          [53, text('b'.repeat(127))],
        ]),
      ],
    ]),
    { altNames: ['a', 'b'.repeat(127)] },
  ],
  ['a state that is not known', linkPayload({}, [[16, u8(9)]]), { operState: 'unknown' }],
  ['a state', linkPayload({}, [[16, u8(6)]]), { operState: 'up' }],
  ['no address', linkPayload({}, [[1, new Uint8Array(0)]]), { address: null }],
  [
    'an address of InfiniBand',
    linkPayload({ type: 32 }, [[1, hex('80000048fe8000000000000000000001aabbccdd')]]),
    { type: 32, address: '80:00:00:48:fe:80:00:00:00:00:00:00:00:00:00:01:aa:bb:cc:dd' },
  ],
  ['the address of a tunnel', linkPayload({ type: 768 }, [[1, LOCAL]]), { type: 768, address: '192.0.2.1' }],
  [
    'the address of a tunnel over IPv6',
    linkPayload({ type: 769 }, [[1, LOCAL6]]),
    { type: 769, address: '2001:db8::1' },
  ],
  [
    'data before its kind',
    linkPayload({}, [
      [
        18,
        nest([
          [2, nest([[1, u16(1)]])],
          [1, text('vlan')],
        ]),
      ],
    ]),
    { kind: 'vlan' },
  ],
  [
    'the port of a bond without a kind',
    linkPayload({}, [[18, nest([[4, text('bond')]])]]),
    { slaveKind: 'bond' },
  ],
  [
    'attributes of the future',
    linkPayload({}, [
      [999, u32(1)],
      [4, u32(9000)],
    ]),
    { mtu: 9000 },
  ],
];
for (const [what, payload, differing] of traps) {
  test(what, () => {
    assert.deepEqual(decodeLinkMessage(payload), { ...NOTHING, ...differing });
  });
}

test('counters of 64 bits', () => {
  const counters = Buffer.concat(
    Array.from({ length: 25 }, (_, index) => {
      const halves = [u32(index), u32(index + 1)];
      return Buffer.concat(littleEndian ? halves : halves.reverse());
    }),
  );
  const { statistics } = decodeLinkMessage(linkPayload({}, [[23, counters]]));
  for (const attributes of [
    [
      [35, u32(7)],
      [23, counters],
    ],
    [
      [23, counters],
      [35, u32(7)],
    ],
  ] as const)
    assert.deepEqual(decodeLinkMessage(linkPayload({}, [...attributes])).statistics, {
      ...statistics,
      carrierChanges: 7,
    });
  const at = (...places: number[]): number =>
    places.reduce((sum, index) => sum + index + (index + 1) * 2 ** 32, 0);
  assert.deepEqual(statistics, {
    rxPackets: at(0),
    txPackets: at(1),
    rxBytes: at(2),
    txBytes: at(3),
    rxErrors: at(4),
    txErrors: at(5),
    rxDropped: at(6),
    txDropped: at(7),
    multicast: at(8),
    collisions: at(9),
    rxFrameErrors: at(10, 11, 12, 13),
    rxFifoErrors: at(14),
    rxMissed: at(15),
    txCarrierErrors: at(16, 17, 19, 20),
    txFifoErrors: at(18),
    rxCompressed: at(21),
    txCompressed: at(22),
    rxNohandler: at(23),
  });
  // Before Linux 4.6.
  const older = decodeLinkMessage(linkPayload({}, [[23, counters.subarray(0, 184)]])).statistics;
  assert.deepEqual(older === null || 'rxNohandler' in older, false);
});

test('messages that are cut off, or lie', () => {
  const whole = Buffer.from(
    linkPayload({}, [
      [3, text('one')],
      [18, nest([[1, text('veth')]])],
    ]),
  );
  for (let end = 0; end < whole.length; end++) {
    // Between attributes an end is an end.
    if ([16, 24].includes(end)) continue;
    assert.throws(() => decodeLinkMessage(whole.subarray(0, end)), MALFORMED, String(end));
  }
  for (const [type, value] of [
    [4, u16(1)],
    [5, u8(1)],
    [16, new Uint8Array(0)],
    [18, hex('0900010061')],
    [23, new Uint8Array(79)],
    [37, u16(1)],
    [52, hex('ffff')],
  ] as const)
    assert.throws(() => decodeLinkMessage(linkPayload({}, [[type, value]])), MALFORMED, String(type));
});
