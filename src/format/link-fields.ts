/** A link as the fields of an object, always in the same order. */
import type { LinkNamespace, Link } from '../watch/links/link-types.ts';
import { encodeName } from '../reference/names.ts';
import { hasRawBytes } from './escape.ts';
import { identityFields, located } from './json.ts';
import type { LabelOf } from './link-text.ts';

/**
 * @param known whether more than the name is; what is not is null. The fields of a link of which
 *   only the name is known are the same
 */
export function linkFields(link: Link, labelOf: LabelOf, known = true): object {
  const { ifindex, name, kind, state, up, mtu, address, altNames, alias, master, slaveKind } = link;
  const { peer, peerState, details, flags } = link;
  const raw = hasRawBytes(name) ? { rawName: encodeName(name).toString('hex') } : {};
  if (!known) return { ifindex: ifindex > 0 ? ifindex : null, name, ...raw, ...NOTHING };
  return {
    ifindex,
    name,
    ...raw,
    kind,
    state,
    up,
    mtu,
    address,
    altNames,
    alias,
    master,
    slaveKind,
    peer:
      peer === null
        ? null
        : {
            netns: labelOf(peer.netns).text,
            number: peer.netns.number,
            ifindex: peer.ifindex,
            name: peer.name,
          },
    peerState,
    flags,
    details,
  };
}

const NOTHING = {
  kind: null,
  state: null,
  up: null,
  mtu: null,
  address: null,
  altNames: [],
  alias: null,
  master: null,
  slaveKind: null,
  peer: null,
  peerState: null,
  flags: null,
  details: null,
};

/** The namespace of a link, by all that tells which one it is. */
export function linkNamespaceFields(netns: LinkNamespace, labelOf: LabelOf): object {
  const { namespace, number, nsid, names, own, owner } = netns;
  return {
    netns: labelOf(netns).text,
    number,
    nsid,
    own,
    namespace: identityFields(namespace),
    names: names.map(located),
    owner,
  };
}
