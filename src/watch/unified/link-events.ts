/** Links as they are told of: what the graph holds, with the namespaces of the inventory. */
import type { GraphNamespace, LinkView } from '../links/link-node.ts';
import type { LinkChange } from '../links/link-publisher.ts';
import type { Link, LinkEvent, LinkNamespace } from '../links/link-types.ts';
import { isUp } from '../links/link-view.ts';
import { reported } from './inhabitants.ts';
import { namesOf } from './namespace-record.ts';
import type { NamespaceRecord } from './namespace-record.ts';

/** The record of a namespace; undefined: there is none any more. */
export type RecordOf = (namespace: GraphNamespace) => NamespaceRecord | undefined;

export function eventOf(change: LinkChange, recordOf: RecordOf): LinkEvent {
  const netns = netnsOf(change.namespace, recordOf);
  const link = linkOf(change.view, recordOf);
  switch (change.type) {
    case 'added':
      return { type: 'linkAdded', netns, link };
    case 'changed':
      return { type: 'linkChanged', netns, link, changed: change.changed };
    case 'removed':
      return { type: 'linkRemoved', netns, link };
    case 'moved': {
      const { namespace, ifindex, name } = change.from;
      const from = { netns: netnsOf(namespace, recordOf), ifindex, name };
      return { type: 'linkMoved', from, to: { netns, ifindex: link.ifindex, name: link.name }, link };
    }
  }
}

export function linkOf({ facts, peer, peerState }: LinkView, recordOf: RecordOf): Link {
  return {
    ifindex: facts.ifindex,
    name: facts.name,
    altNames: facts.altNames,
    alias: facts.alias,
    kind: facts.kind,
    slaveKind: facts.slaveKind,
    state: facts.operState,
    up: isUp(facts),
    flags: facts.flags,
    mtu: facts.mtu,
    address: facts.address,
    master: facts.master,
    details: facts.details,
    peer:
      peer === null
        ? null
        : { netns: netnsOf(peer.namespace, recordOf), ifindex: peer.ifindex, name: peer.name },
    peerState,
  };
}

/** A namespace as links tell of it. */
export function namespaceOf(record: NamespaceRecord): LinkNamespace {
  const { namespace, nsid, kind, number, inhabitants, lastInhabitants } = record;
  const { owner, pids } = reported(number, inhabitants ?? lastInhabitants);
  return { namespace, number, nsid, names: namesOf(record), own: kind === 'own', owner, pids };
}

function netnsOf(namespace: GraphNamespace, recordOf: RecordOf): LinkNamespace {
  const record = recordOf(namespace);
  if (record !== undefined) return namespaceOf(record);
  const { number } = namespace;
  const nsid = number === null ? namespace.nsid : null;
  return { namespace: null, number, nsid, names: [], own: false, owner: null, pids: [] };
}
