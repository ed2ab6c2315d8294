/**
 * Words for people of a link: how it is, and where it leads.
 *
 * | STATE            | it is                                                               |
 * | ---------------- | ------------------------------------------------------------------- |
 * | up               | set up, and in order; or its kind does not say more                 |
 * | down             | not set up (`IFF_UP`)                                               |
 * | no-carrier       | set up, and its other end is not there or not up                    |
 * | any other        | as the kernel says it (RFC 2863)                                    |
 *
 * | PEER             | `peerState`                                                         |
 * | ---------------- | ------------------------------------------------------------------- |
 * | -                | null: its kind leads nowhere                                        |
 * | red:eth0         | `paired`, `one-sided`                                               |
 * | red:if7          | the same, where the name is not known                               |
 * | red (not bound)  | `one-sided`, to a namespace and to no interface in it               |
 * | (no other end)   | `unpaired`                                                          |
 * | red:if7 (closed), (closed) | `closed`                                                  |
 * | ?                | `unknown`                                                           |
 */
import type { LinkDetails } from '../netlink/link-message.ts';
import type { Link, LinkPeer } from '../watch/links/link-types.ts';
import { escaped, shown } from './escape.ts';
import type { NamespaceLabel } from './namespace-label.ts';

export type LabelOf = (netns: LinkPeer['netns']) => NamespaceLabel;

/** `ip link` has `unknown` for what works, and `down` both for what is off and what is cut off. */
export function stateText({ state, up }: Pick<Link, 'state' | 'up'>): string {
  if (state === 'not-present') return state;
  if (!up) return 'down';
  if (state === 'down') return 'no-carrier';
  return state === 'unknown' ? 'up' : state;
}

export function peerText({ peer, peerState }: Pick<Link, 'peer' | 'peerState'>, labelOf: LabelOf): string {
  const end = peer === null ? '' : endText(peer, labelOf);
  switch (peerState) {
    case null:
      return '-';
    case 'unpaired':
      return '(no other end)';
    case 'closed':
      return `${end} (closed)`.trimStart();
    case 'unknown':
      return `${end} ?`.trimStart();
    default:
      return end === '' ? '?' : end;
  }
}

/**
 * Whether only its name is known, and perhaps its index (`limited`): the library has neither flags
 * nor an mtu then, which no link lacks.
 */
export const isNameOnly = ({ flags, mtu }: Pick<Link, 'flags' | 'mtu'>): boolean => flags === 0 && mtu === 0;

/** As `blue:eth0`, which `nlink explain` takes. */
export function endText({ netns, ifindex, name }: LinkPeer, labelOf: LabelOf): string {
  const where = labelOf(netns).shown;
  return ifindex === null ? `${where} (not bound)` : `${where}:${nameText(name, ifindex)}`;
}

/** As `ip link` names what it does not know by name. */
export const nameText = (name: string | null, ifindex: number): string =>
  name === null ? `if${ifindex}` : shown(name);

/** What is particular to its kind, as far as it is known: `id 7, protocol 802.1Q`. */
export const detailsText = (details: LinkDetails): string =>
  Object.entries(details)
    .filter(([word, value]) => word !== 'kind' && value !== null)
    .map(([word, value]) => `${word} ${escaped(String(value))}`)
    .join(', ');
