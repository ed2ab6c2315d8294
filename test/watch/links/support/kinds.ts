/**
 * The kinds of links, as ip-link(8) makes them, and where each leads: at home, where it was made;
 * abroad, after a move to another namespace, for a watcher that saw both and for one that came
 * later; and what becomes of it abroad when its lower device, or its home, is deleted. Seen on
 * Linux 6.1, 6.18 and 7.3 (docs/links.md).
 *
 * A far end is written `namespace:link`, `namespace:` where it leads to the namespace alone, and a
 * peer state alone where there is no far end.
 */
import { strict as assert } from 'node:assert';
import { ip } from '../../../support/netns.ts';

/** What is there of a link abroad after something died: gone, or leading elsewhere. */
export type Fate = 'gone' | 'unpaired' | 'home:low' | 'home:' | 'nothing';

export interface Kind {
  kind: string;
  /** Beside what it is: whether it is bound to a device. */
  variant?: string;
  /** After `ip link add`; `NAME` is the link's. */
  add: string;
  details?: Readonly<Record<string, unknown>>;
  home: string;
  abroad: string;
  /** As `abroad`, for a watcher that was opened after the move. */
  late?: string;
  /** Abroad, when `low` was deleted. */
  lowerDies: Fate;
  /** Abroad, when its home was deleted. */
  homeDies: Fate;
}

const LOW = { home: 'home:low', abroad: 'home:low' };
/** It dies with its lower device, wherever that is. */
const ON_LOWER = { ...LOW, lowerDies: 'gone', homeDies: 'gone' } as const;
/** A tunnel of a namespace; the device that it is bound to may go. */
const BOUND = { ...LOW, lowerDies: 'unpaired', homeDies: 'gone' } as const;
/** A tunnel that is bound to none. */
const FREE = { variant: ', bound to none', home: 'nothing', abroad: 'home:' } as const;
const UNBOUND = { ...FREE, lowerDies: 'home:', homeDies: 'gone' } as const;
const NOWHERE = { home: 'nothing', abroad: 'nothing', lowerDies: 'nothing', homeDies: 'nothing' } as const;

interface Ends {
  local: string | null;
  remote: string;
}
const V4: Ends = { local: '10.0.0.1', remote: '10.0.0.2' };
const V6: Ends = { local: '2001:db8::1', remote: '2001:db8::2' };
const ends = ({ local, remote }: Ends): string => `local ${local} remote ${remote}`;
const tunnel = (
  of: Ends,
  key: number | null = null,
  lower: 'low' | null = 'low',
): Kind['details'] & object => ({
  kind: 'tunnel',
  ...of,
  lower,
  key,
});

/** `low` in expected details stands for its index. */
export const KINDS: readonly Kind[] = [
  {
    kind: 'macvlan',
    add: 'link low name NAME type macvlan mode bridge',
    details: { kind: 'macvlan', mode: 'bridge' },
    ...ON_LOWER,
  },
  {
    kind: 'macvtap',
    add: 'link low name NAME type macvtap mode vepa',
    details: { kind: 'macvtap', mode: 'vepa' },
    ...ON_LOWER,
  },
  {
    kind: 'vlan',
    add: 'link low name NAME type vlan proto 802.1ad id 7',
    details: { kind: 'vlan', id: 7, protocol: '802.1ad' },
    ...ON_LOWER,
  },
  {
    kind: 'ipvlan',
    add: 'link low name NAME type ipvlan mode l3',
    details: { kind: 'ipvlan', mode: 'l3' },
    ...ON_LOWER,
  },
  {
    kind: 'ipvtap',
    add: 'link low name NAME type ipvtap mode l2',
    details: { kind: 'ipvtap', mode: 'l2' },
    late: 'unknown',
    ...ON_LOWER,
  },
  { kind: 'macsec', add: 'link low name NAME type macsec', ...ON_LOWER },
  {
    kind: 'vxlan',
    add: 'name NAME type vxlan id 7 dev low remote 10.0.0.2 local 10.0.0.1 dstport 4789',
    details: { kind: 'vxlan', id: 7, ...V4, port: 4789, lower: 'low' },
    ...ON_LOWER,
  },
  {
    kind: 'vxlan',
    add: 'name NAME type vxlan id 7 remote 2001:db8::2 dstport 4790',
    details: { kind: 'vxlan', id: 7, local: null, remote: '2001:db8::2', port: 4790, lower: null },
    ...UNBOUND,
  },
  {
    kind: 'geneve',
    add: 'name NAME type geneve id 7 remote 10.0.0.2 dstport 6081',
    details: { kind: 'geneve', id: 7, remote: '10.0.0.2', port: 6081 },
    late: 'unknown',
    ...UNBOUND,
  },
  {
    kind: 'wireguard',
    add: 'name NAME type wireguard',
    late: 'unknown',
    ...{ ...UNBOUND, homeDies: 'unpaired' },
  },
  {
    kind: 'gre',
    add: `name NAME type gre ${ends(V4)} key 5 dev low`,
    details: tunnel(V4, 5),
    ...BOUND,
  },
  {
    kind: 'gre',
    add: `name NAME type gre ${ends(V4)}`,
    details: tunnel(V4, null, null),
    ...UNBOUND,
  },
  {
    kind: 'gretap',
    add: `name NAME type gretap ${ends(V4)} key 5 dev low`,
    details: tunnel(V4, 5),
    ...BOUND,
  },
  {
    kind: 'erspan',
    add: `name NAME type erspan ${ends(V4)} seq key 100 erspan_ver 1 erspan 123 dev low`,
    details: tunnel(V4, 100),
    ...BOUND,
  },
  {
    kind: 'ip6gre',
    add: `name NAME type ip6gre ${ends(V6)} key 5 dev low`,
    details: tunnel(V6, 5),
    ...BOUND,
  },
  {
    kind: 'ip6gretap',
    add: `name NAME type ip6gretap ${ends(V6)} dev low`,
    details: tunnel(V6),
    ...BOUND,
  },
  {
    kind: 'ip6erspan',
    add: `name NAME type ip6erspan ${ends(V6)} seq key 100 erspan_ver 1 erspan 123 dev low`,
    details: tunnel(V6, 100),
    ...BOUND,
  },
  { kind: 'ipip', add: `name NAME type ipip ${ends(V4)} dev low`, details: tunnel(V4), ...BOUND },
  { kind: 'sit', add: `name NAME type sit ${ends(V4)} dev low`, details: tunnel(V4), ...BOUND },
  {
    kind: 'sit',
    add: `name NAME type sit remote 10.0.0.2`,
    details: tunnel({ local: null, remote: '10.0.0.2' }, null, null),
    ...UNBOUND,
  },
  { kind: 'ip6tnl', add: `name NAME type ip6tnl ${ends(V6)} dev low`, details: tunnel(V6), ...BOUND },
  {
    kind: 'vti',
    add: `name NAME type vti ${ends(V4)} key 5 dev low`,
    details: tunnel(V4, 5),
    ...BOUND,
  },
  {
    kind: 'vti6',
    add: `name NAME type vti6 ${ends(V6)} key 5 dev low`,
    details: tunnel(V6, 5),
    ...BOUND,
  },
  {
    kind: 'xfrm',
    add: 'name NAME type xfrm dev low if_id 7',
    details: { kind: 'xfrm', id: 7, lower: 'low' },
    ...BOUND,
  },
  {
    kind: 'xfrm',
    add: 'name NAME type xfrm if_id 7',
    details: { kind: 'xfrm', id: 7, lower: null },
    ...UNBOUND,
  },
  { kind: 'dummy', add: 'name NAME type dummy', ...NOWHERE },
  { kind: 'ifb', add: 'name NAME type ifb', ...NOWHERE },
  { kind: 'nlmon', add: 'name NAME type nlmon', ...NOWHERE },
];

/**
 * What ip-link(8) says of EOPNOTSUPP, with and without the kernel's own words; and ip-tuntap(8)
 * where there is no /dev/net/tun, or not for this user.
 */
const LACKS = /Unknown device type|Operation not supported|^open: (Permission denied|No such (file|device))/;

/**
 * Runs ip(8) to make a link.
 * @returns false: the kernel does not have its kind
 */
export function madeOrLacking(...args: string[]): boolean {
  try {
    ip(...args);
    return true;
  } catch (error) {
    assert.match(String((error as { stderr?: unknown }).stderr), LACKS);
    return false;
  }
}
