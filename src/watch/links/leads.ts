/**
 * Where a link leads, by what the kernel says of it: `IFLA_LINK`, `IFLA_LINK_NETNSID`, and the data
 * of its kind. The kinds use these two in different ways (`ndo_get_iflink`, `get_link_net` of each
 * driver):
 *
 * | kind                     | link               | nsid                     | leads to          |
 * | ------------------------ | ------------------ | ------------------------ | ----------------- |
 * | veth, netkit, vxcan      | the other end      | its namespace            | that end          |
 * | the same                 | 0                  | -                        | no end: not there |
 * | vlan, macvlan, ipvlan, … | the lower device   | its namespace            | that device       |
 * | vxlan                    | its own, if abroad | where it was made        | `IFLA_VXLAN_LINK` |
 * | ppp                      | its own, if abroad | where it was made        | that namespace    |
 * | tunnels                  | the device or 0    | where they were made     | device, namespace |
 * | ipvtap                   | the lower device   | never: no `get_link_net` | by history (1)    |
 * | wireguard, geneve (2)    | -                  | never                    | by history (1)    |
 * | any                      | -                  | -1: it is dying          | nothing any more  |
 * | all others               | -, or their own    | -                        | nothing           |
 *
 * (1) Where it was made, if that was seen: there it sends, whatever namespace it moves to.
 *
 * (2) And bareudp, gtp.
 */
import type { LinkMessage } from '../../netlink/link-message.ts';

/** Where a link was made: in the namespace it is in, in another one, or in one that is gone. */
export type Birthplace<N> = 'here' | 'gone' | { namespace: N };

/** Where a link leads. `nsid` null: in the same namespace. */
export type Lead<N = unknown> =
  /** Nowhere: so is its kind. */
  | { to: 'nothing' }
  /** To an end that is not there: not yet, or no more. */
  | { to: 'missing' }
  /** Somewhere: nobody tells. */
  | { to: 'unknown' }
  /** To the other end of a pair, which leads back. */
  | { to: 'end'; nsid: number | null; ifindex: number }
  /** To a lower device, or (null) to a namespace alone. */
  | { to: 'lower'; nsid: number | null; ifindex: number | null }
  /** The same, where the namespace is known by history. */
  | { to: 'birthplace'; namespace: N; ifindex: number | null };

const NOTHING: Lead<never> = { to: 'nothing' };
const MISSING: Lead<never> = { to: 'missing' };
const UNKNOWN: Lead<never> = { to: 'unknown' };
/** `LINK_NETNSID` of a namespace that is dying. */
const DYING = -1;

const PAIRS: ReadonlySet<string> = new Set(['veth', 'netkit', 'vxcan']);
/** Those for which the kernel does not say where they were made. */
const UNTOLD: ReadonlySet<string> = new Set(['ipvtap', 'wireguard', 'geneve', 'bareudp', 'gtp']);

/** Whether what a link of a kind leads to is known by its history alone. */
export const needsHistory = (kind: string | null): boolean => kind !== null && UNTOLD.has(kind);

/** @param birthplace null: unknown */
export function leadOf<N>(facts: LinkMessage, birthplace: Birthplace<N> | null): Lead<N> {
  const { kind, link, linkNsid, ifindex } = facts;
  if (linkNsid === DYING) return MISSING;
  if (kind !== null && PAIRS.has(kind))
    return link === null || link === 0 ? MISSING : { to: 'end', nsid: linkNsid, ifindex: link };
  if (kind === 'vxlan') {
    const { details } = facts;
    const lower = details?.kind === 'vxlan' ? details.lower : null;
    return lowerAt(linkNsid, lower);
  }
  if (kind === 'ppp') return lowerAt(linkNsid, null);
  if (linkNsid === null && needsHistory(kind)) return byHistory(kind === 'ipvtap' ? link : null, birthplace);
  return lowerAt(linkNsid, link === ifindex && linkNsid === null ? null : link);
}

function lowerAt(nsid: number | null, link: number | null): Lead<never> {
  const ifindex = link === 0 ? null : link;
  return ifindex === null && nsid === null ? NOTHING : { to: 'lower', nsid, ifindex };
}

function byHistory<N>(link: number | null, birthplace: Birthplace<N> | null): Lead<N> {
  if (birthplace === null) return UNKNOWN;
  if (birthplace === 'gone') return MISSING;
  if (birthplace === 'here') return lowerAt(null, link);
  return { to: 'birthplace', namespace: birthplace.namespace, ifindex: link };
}
