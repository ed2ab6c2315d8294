/** How a wire of a kind is drawn, so that kinds are told apart without colours. */
import type { PageLink } from '../../replay/replay-types.ts';
import type { WireStyle } from './scene-types.ts';

/** A pair of ends of one wire. */
const PAIRS = new Set(['veth', 'netkit', 'vxcan']);
/** One link on another. */
const UPPER = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec', 'dsa']);
/** Packets in packets. */
const TUNNELS = new Set(
  (
    'vxlan geneve gre gretap erspan ip6gre ip6gretap ip6erspan ipip sit ip6tnl vti vti6 xfrm ' +
    'wireguard bareudp gtp tun ovpn amt ipoib'
  ).split(' '),
);

export function styleOf({ kind }: PageLink): WireStyle {
  if (kind === null) return 'dotted';
  if (PAIRS.has(kind)) return 'solid';
  if (UPPER.has(kind)) return 'dashed';
  return TUNNELS.has(kind) ? 'double' : 'dotted';
}

/** For the legend. */
export const STYLES: readonly { readonly style: WireStyle; readonly text: string }[] = [
  { style: 'solid', text: 'two ends of one wire: veth, netkit' },
  { style: 'dashed', text: 'a link on another: vlan, macvlan, ipvlan' },
  { style: 'double', text: 'a tunnel: vxlan, gre, wireguard, tun …' },
  { style: 'dotted', text: 'any other kind, or one that is not known' },
];
