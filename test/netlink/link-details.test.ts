/** What is particular to each kind of link, as its driver writes it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeLinkMessage } from '../../src/netlink/link-message.ts';
import type { LinkMessage } from '../../src/netlink/link-message.ts';
import { be16, be32, hex, linkInfo, linkPayload, nest, NOTHING, text, u16, u32, u8 } from './link-encoder.ts';
import type { Attributes } from './link-encoder.ts';

const LOCAL = hex('c0000201');
const REMOTE = hex('c0000202');
const LOCAL6 = hex('20010db8000000000000000000000001');
const REMOTE6 = hex('20010db8000000000000000000000002');
const gre = (flags: number, local: Uint8Array, remote: Uint8Array): Attributes => [
  [1, u32(3)],
  [2, be16(0)],
  [3, be16(flags)],
  [4, be32(1)],
  [5, be32(77)],
  [6, local],
  [7, remote],
];
const iptun = (local: Uint8Array, remote: Uint8Array): Attributes => [
  [1, u32(3)],
  [2, local],
  [3, remote],
];
const vti = (local: Uint8Array, remote: Uint8Array): Attributes => [
  [1, u32(0)],
  [2, be32(5)],
  [3, be32(6)],
  [4, local],
  [5, remote],
];
const ends = { kind: 'tunnel', local: '192.0.2.1', remote: '192.0.2.2' } as const;
const ends6 = { kind: 'tunnel', local: '2001:db8::1', remote: '2001:db8::2' } as const;
const none = new Uint8Array(4);
const kinds: [kind: string, data: Attributes, details: LinkMessage['details']][] = [
  [
    'vlan',
    [
      [1, u16(100)],
      [5, be16(0x8100)],
    ],
    { kind: 'vlan', id: 100, protocol: '802.1Q' },
  ],
  [
    'vlan',
    [
      [1, u16(4094)],
      [5, be16(0x88a8)],
    ],
    { kind: 'vlan', id: 4094, protocol: '802.1ad' },
  ],
  ['vlan', [[1, u16(1)]], { kind: 'vlan', id: 1, protocol: null }],
  ['vlan', [[5, be16(0x8100)]], null],
  ['vlan', [[1, u8(1)]], null],
  ['vxlan', [[1, u32(1)]], { kind: 'vxlan', id: 1, local: null, remote: null, port: null, lower: null }],
  [
    'geneve',
    [
      [1, u32(9)],
      [2, REMOTE],
      [5, be16(6081)],
    ],
    { kind: 'geneve', id: 9, remote: '192.0.2.2', port: 6081 },
  ],
  [
    'geneve',
    [
      [1, u32(9)],
      [7, REMOTE6],
    ],
    { kind: 'geneve', id: 9, remote: '2001:db8::2', port: null },
  ],
  ['macvlan', [[1, u32(8)]], { kind: 'macvlan', mode: 'passthru' }],
  ['macvlan', [[1, u32(16)]], { kind: 'macvlan', mode: 'source' }],
  ['macvlan', [[1, u32(3)]], { kind: 'macvlan', mode: null }],
  ['macvtap', [[1, u32(2)]], { kind: 'macvtap', mode: 'vepa' }],
  ['ipvlan', [[1, u16(0)]], { kind: 'ipvlan', mode: 'l2' }],
  ['ipvlan', [[1, u16(2)]], { kind: 'ipvlan', mode: 'l3s' }],
  ['ipvtap', [[1, u16(1)]], { kind: 'ipvtap', mode: 'l3' }],
  ['bond', [[1, u8(4)]], { kind: 'bond', mode: '802.3ad' }],
  ['bond', [[1, u8(1)]], { kind: 'bond', mode: 'active-backup' }],
  ['bond', [], { kind: 'bond', mode: null }],
  [
    'bridge',
    [
      [5, u32(0)],
      [7, u8(1)],
    ],
    { kind: 'bridge', vlanFiltering: true, stp: false },
  ],
  ['bridge', [], { kind: 'bridge', vlanFiltering: null, stp: null }],
  ['vrf', [[1, u32(1000)]], { kind: 'vrf', table: 1000 }],
  ['vrf', [], null],
  [
    'netkit',
    [
      [2, u8(1)],
      [5, u32(1)],
    ],
    { kind: 'netkit', mode: 'l3', primary: true },
  ],
  [
    'netkit',
    [
      [2, u8(0)],
      [5, u32(0)],
    ],
    { kind: 'netkit', mode: 'l2', primary: false },
  ],
  [
    'xfrm',
    [
      [1, u32(3)],
      [2, u32(42)],
    ],
    { kind: 'xfrm', id: 42, lower: 3 },
  ],
  ['xfrm', [[1, u32(0)]], { kind: 'xfrm', id: null, lower: null }],
  ['gre', gre(0x2000, LOCAL, REMOTE), { ...ends, lower: 3, key: 77 }],
  ['gretap', gre(0, LOCAL, REMOTE), { ...ends, lower: 3, key: null }],
  ['erspan', gre(0x3000, LOCAL, none), { ...ends, remote: null, lower: 3, key: 77 }],
  ['ip6gre', gre(0x2000, LOCAL6, REMOTE6), { ...ends6, lower: 3, key: 77 }],
  ['ip6gretap', gre(0, LOCAL6, REMOTE6), { ...ends6, lower: 3, key: null }],
  ['ip6erspan', gre(0x2000, LOCAL6, REMOTE6), { ...ends6, lower: 3, key: 77 }],
  ['ipip', iptun(LOCAL, REMOTE), { ...ends, lower: 3, key: null }],
  ['sit', iptun(none, none), { kind: 'tunnel', local: null, remote: null, lower: 3, key: null }],
  ['ip6tnl', iptun(LOCAL6, REMOTE6), { ...ends6, lower: 3, key: null }],
  ['vti', vti(LOCAL, REMOTE), { ...ends, lower: null, key: 6 }],
  ['vti6', vti(LOCAL6, REMOTE6), { ...ends6, lower: null, key: 6 }],
  ['wireguard', [], null],
  ['toString', [[1, u32(1)]], null],
];
for (const [kind, data, details] of kinds) {
  test(`${kind} with ${data.length} attributes: ${JSON.stringify(details)}`, () => {
    const message = decodeLinkMessage(linkPayload({}, [linkInfo(kind, data)]));
    assert.deepEqual(message, { ...NOTHING, kind, details });
  });
}

test('data of a kind that is cut off gives no details, and spoils nothing else', () => {
  const payload = linkPayload({}, [
    [
      18,
      nest([
        [1, text('vxlan')],
        [2, hex('ffff0100')],
      ]),
    ],
    [3, text('one')],
  ]);
  assert.deepEqual(decodeLinkMessage(payload), { ...NOTHING, kind: 'vxlan', name: 'one' });
});
