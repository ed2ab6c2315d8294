/** Where a link leads, by what the kernel says of each kind. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkMessage } from '../../../src/netlink/link-message.ts';
import { leadOf } from '../../../src/watch/links/leads.ts';
import type { Birthplace, Lead } from '../../../src/watch/links/leads.ts';

const IFINDEX = 7;

type Facts = Partial<Pick<LinkMessage, 'link' | 'linkNsid' | 'details'>>;

const lead = (
  kind: string | null,
  facts: Facts,
  birthplace: Birthplace<string> | null = null,
): Lead<string> =>
  leadOf(
    { ifindex: IFINDEX, kind, link: null, linkNsid: null, details: null, ...facts } as LinkMessage,
    birthplace,
  );

const NOTHING = { to: 'nothing' };
const MISSING = { to: 'missing' };
const UNKNOWN = { to: 'unknown' };
const lower = (nsid: number | null, ifindex: number | null): object => ({ to: 'lower', nsid, ifindex });

test('leads to the other end of a pair, or to none', () => {
  for (const kind of ['veth', 'netkit', 'vxcan']) {
    assert.deepEqual(lead(kind, { link: 8 }), { to: 'end', nsid: null, ifindex: 8 });
    // Both ends may have the same index.
    assert.deepEqual(lead(kind, { link: 7, linkNsid: 3 }), { to: 'end', nsid: 3, ifindex: 7 });
    assert.deepEqual(lead(kind, { link: 0 }), MISSING);
    assert.deepEqual(lead(kind, {}), MISSING);
    assert.deepEqual(lead(kind, { link: 8, linkNsid: -1 }), MISSING);
  }
});

test('leads to a lower device, wherever it is', () => {
  for (const kind of ['macvlan', 'vlan', 'ipvlan', 'macsec', 'xfrm', 'gre']) {
    assert.deepEqual(lead(kind, { link: 8 }), lower(null, 8));
    assert.deepEqual(lead(kind, { link: 7, linkNsid: 3 }), lower(3, 7));
    assert.deepEqual(lead(kind, { link: 8, linkNsid: -1 }), MISSING);
  }
});

test('leads from a tunnel that is bound to nothing to where it was made', () => {
  for (const kind of ['gre', 'ipip', 'sit', 'vti', 'ip6tnl', 'xfrm']) {
    assert.deepEqual(lead(kind, { link: 0 }), NOTHING);
    assert.deepEqual(lead(kind, { link: 0, linkNsid: 3 }), lower(3, null));
  }
});

test('does not take the own index of a vxlan or ppp for that of a lower device', () => {
  const details = { kind: 'vxlan', id: 1, local: null, remote: null, port: null, lower: 5 } as const;
  assert.deepEqual(lead('vxlan', { details }), lower(null, 5));
  assert.deepEqual(lead('vxlan', { link: IFINDEX, linkNsid: 3, details }), lower(3, 5));
  for (const kind of ['vxlan', 'ppp']) {
    assert.deepEqual(lead(kind, { link: IFINDEX, linkNsid: 3 }), lower(3, null));
    assert.deepEqual(lead(kind, {}), NOTHING);
  }
});

test('leads by history where the kernel does not tell', () => {
  for (const kind of ['wireguard', 'geneve', 'bareudp', 'gtp']) {
    assert.deepEqual(lead(kind, {}), UNKNOWN);
    assert.deepEqual(lead(kind, {}, 'here'), NOTHING);
    assert.deepEqual(lead(kind, {}, 'gone'), MISSING);
    const there = { namespace: 'blue' };
    assert.deepEqual(lead(kind, {}, there), { to: 'birthplace', namespace: 'blue', ifindex: null });
  }
  assert.deepEqual(lead('ipvtap', { link: 8 }), UNKNOWN);
  assert.deepEqual(lead('ipvtap', { link: 8 }, 'here'), lower(null, 8));
  assert.deepEqual(lead('ipvtap', { link: 8 }, 'gone'), MISSING);
  assert.deepEqual(lead('ipvtap', { link: 8 }, { namespace: 'blue' }), {
    to: 'birthplace',
    namespace: 'blue',
    ifindex: 8,
  });
  // A kernel that tells is believed.
  assert.deepEqual(lead('ipvtap', { link: 8, linkNsid: 3 }), lower(3, 8));
});

test('leads nowhere from what has nothing below it', () => {
  for (const kind of ['bridge', 'bond', 'vrf', 'dummy', 'tun', null]) {
    assert.deepEqual(lead(kind, {}), NOTHING);
    assert.deepEqual(lead(kind, { link: IFINDEX }), NOTHING);
  }
});
