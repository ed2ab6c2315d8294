/**
 * What is told of a link, by what is known of it and of what it leads to.
 *
 * | leads to                 | that is                                    | peer state  |
 * | ------------------------ | ------------------------------------------ | ----------- |
 * | nothing                  | -                                          | none        |
 * | somewhere                | -                                          | `unknown`   |
 * | an end that is not there | -                                          | `unpaired`  |
 * | anything                 | in a namespace that may not be looked into | `closed`    |
 * | an end                   | there, and leads back                      | `paired`    |
 * | an end                   | not there, or leads elsewhere              | `unpaired`  |
 * | a lower device           | there                                      | `one-sided` |
 * | a lower device           | not there                                  | `unpaired`  |
 * | a namespace              | alive                                      | `one-sided` |
 */
import type { LinkMessage } from '../../netlink/link-message.ts';
import type { LinkGraph } from './link-graph.ts';
import type { LinkNode, LinkView, ViewedPeer } from './link-node.ts';
import type { LinkField } from './link-types.ts';

export function viewOf(graph: LinkGraph, node: LinkNode): LinkView {
  const { facts, lead, target } = node;
  if (lead.to === 'nothing') return { facts, peer: null, peerState: null };
  if (lead.to === 'unknown') return { facts, peer: null, peerState: 'unknown' };
  if (target === null || target.namespace.state === 'gone')
    return { facts, peer: null, peerState: 'unpaired' };
  const { namespace, ifindex } = target;
  if (namespace.state === 'closed')
    return { facts, peer: { namespace, ifindex, name: null }, peerState: 'closed' };
  if (ifindex === null) return { facts, peer: { namespace, ifindex, name: null }, peerState: 'one-sided' };
  const other = graph.nodeAt(target);
  if (other === undefined || (lead.to === 'end' && !leadsTo(other, node)))
    return { facts, peer: null, peerState: 'unpaired' };
  const peer = { namespace, ifindex, name: other.facts.name };
  return { facts, peer, peerState: lead.to === 'end' ? 'paired' : 'one-sided' };
}

/** Whether a link leads to the very end that a node is. */
export function leadsTo({ lead, target }: LinkNode, { namespace, ifindex }: LinkNode): boolean {
  return lead.to === 'end' && target?.namespace === namespace && target.ifindex === ifindex;
}

/** What of a link is told of by a field of the same name, and is a simple value. */
const SIMPLE = ['name', 'alias', 'kind', 'slaveKind', 'flags', 'mtu', 'address', 'master'] as const;
const IFF_UP = 1;

/** Whether a link is set up. */
export const isUp = ({ flags }: Pick<LinkMessage, 'flags'>): boolean => (flags & IFF_UP) !== 0;

/** What differs between two views of a link. */
export function differences(before: LinkView, after: LinkView): LinkField[] {
  const changed: LinkField[] = [];
  const [a, b] = [before.facts, after.facts];
  if (a !== b) {
    for (const field of SIMPLE) if (a[field] !== b[field]) changed.push(field);
    if (isUp(a) !== isUp(b)) changed.push('up');
    if (a.operState !== b.operState) changed.push('state');
    if (!isSame(a.altNames, b.altNames)) changed.push('altNames');
    if (!isSame(a.details, b.details)) changed.push('details');
  }
  if (!isSamePeer(before.peer, after.peer)) changed.push('peer');
  if (before.peerState !== after.peerState) changed.push('peerState');
  return changed;
}

/** Of flat objects and arrays, which the codec makes in one order. */
function isSame(a: object | null, b: object | null): boolean {
  if (a === b) return true;
  return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
}

function isSamePeer(a: ViewedPeer | null, b: ViewedPeer | null): boolean {
  if (a === null || b === null) return a === b;
  return a.namespace === b.namespace && a.ifindex === b.ifindex && a.name === b.name;
}
