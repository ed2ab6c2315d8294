/**
 * What is particular to tunnels: `IFLA_GRE_*`, `IFLA_IPTUN_*`, `IFLA_VTI_*` in
 * `include/uapi/linux/if_tunnel.h`. The same things under other numbers.
 */
import { ipTextOrNone } from './address-text.ts';
import type { AttributeCursor } from './attribute.ts';

/** Of `gre`, `gretap`, `erspan`, `ipip`, `sit`, `vti` and their likes over IPv6. */
export interface TunnelDetails {
  /** A tunnel over IP; which one says the kind of the link. */
  kind: 'tunnel';
  /** The IP address of this end; null: any. */
  local: string | null;
  /** The IP address of the other end; null: any. */
  remote: string | null;
  /** The ifindex of the device that it is bound to, in the namespace of `IFLA_LINK`. */
  lower: number | null;
  /** The key of what it sends; null: none. */
  key: number | null;
}

/** Attributes by their meaning; 0: there is none. The flags say whether there is a key. */
export interface TunnelNumbers {
  link: number;
  local: number;
  remote: number;
  key: number;
  flags: number;
}

const GRE: TunnelNumbers = { link: 1, local: 6, remote: 7, key: 5, flags: 3 };
const IPTUN: TunnelNumbers = { link: 1, local: 2, remote: 3, key: 0, flags: 0 };
const VTI: TunnelNumbers = { link: 1, local: 4, remote: 5, key: 3, flags: 0 };

/** By kind. */
export const TUNNELS: ReadonlyMap<string, TunnelNumbers> = new Map([
  ['gre', GRE],
  ['gretap', GRE],
  ['erspan', GRE],
  ['ip6gre', GRE],
  ['ip6gretap', GRE],
  ['ip6erspan', GRE],
  ['ipip', IPTUN],
  ['sit', IPTUN],
  ['ip6tnl', IPTUN],
  ['vti', VTI],
  ['vti6', VTI],
]);

/** `GRE_KEY`. */
const HAS_KEY = 0x2000;

/** @throws NlinkError `ERR_NLINK_MALFORMED` */
export function tunnelDetails(
  data: AttributeCursor,
  bytes: Uint8Array,
  numbers: TunnelNumbers,
): TunnelDetails {
  const details: TunnelDetails = { kind: 'tunnel', local: null, remote: null, lower: null, key: null };
  let hasKey = numbers.flags === 0;
  while (data.next()) {
    const { type, start, end } = data;
    if (type === numbers.link) details.lower = data.u32();
    else if (type === numbers.local) details.local = ipTextOrNone(bytes, start, end);
    else if (type === numbers.remote) details.remote = ipTextOrNone(bytes, start, end);
    else if (type === numbers.key) details.key = data.be32();
    else if (type === numbers.flags) hasKey = (data.be16() & HAS_KEY) !== 0;
  }
  if (details.lower === 0) details.lower = null;
  // Where there are no flags, 0 means none.
  if (!hasKey || (numbers.flags === 0 && details.key === 0)) details.key = null;
  return details;
}
