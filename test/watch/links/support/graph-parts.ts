/** Answers of the kernel as tests write them, and a graph that they come into. */
import type { LinkMessage } from '../../../../src/netlink/link-message.ts';
import { NOTHING } from '../../../netlink/link-encoder.ts';
import { LinkGraph } from '../../../../src/watch/links/link-graph.ts';
import type { GraphNamespace, LinkNode } from '../../../../src/watch/links/link-node.ts';
import { publish } from '../../../../src/watch/links/link-publisher.ts';
import type { LinkChange } from '../../../../src/watch/links/link-publisher.ts';

/** What the kernel says of a link, a bridge if nothing else is said. */
export const facts = (ifindex: number, rest: Partial<LinkMessage> = {}): LinkMessage => ({
  ...NOTHING,
  ifindex,
  name: `e${ifindex}`,
  kind: 'bridge',
  operState: 'down',
  mtu: 1500,
  ...rest,
});

/** One end of a pair. */
export const end = (
  ifindex: number,
  linkNsid: number | null,
  link: number,
  name = `e${ifindex}`,
): LinkMessage => facts(ifindex, { kind: 'veth', link, linkNsid, name });

/** A graph in which namespaces that links lead to have their nsid plus a thousand as number. */
export class TestGraph {
  readonly discovered: number[] = [];
  readonly graph: LinkGraph = new LinkGraph((nsid) => {
    this.discovered.push(nsid);
    return this.graph.add(nsid, 1000 + nsid);
  });

  /** One whose links are these. */
  namespace(nsid: number, ...all: LinkMessage[]): GraphNamespace {
    const namespace = this.graph.add(nsid, 1000 + nsid);
    this.graph.takeAll(namespace, all);
    return namespace;
  }

  node(namespace: GraphNamespace, ifindex: number): LinkNode {
    const node = namespace.links.get(ifindex);
    if (node === undefined) throw new Error(`no ${namespace.nsid}:${ifindex}`);
    return node;
  }

  /** `nsid:ifindex` of all that are to be asked for, which they are not any more then. */
  dirty(): string[] {
    const all = [...this.graph.withDirty].flatMap(({ nsid, dirty }) => {
      const indexes = [...dirty];
      dirty.clear();
      return indexes.map((ifindex) => `${nsid}:${ifindex}`);
    });
    this.graph.withDirty.clear();
    return all.sort();
  }

  /** What is told now, a line each. */
  publish(isVisible: (name: string) => boolean = () => true): string[] {
    return publish(this.graph, ({ facts: { name } }) => isVisible(name)).map(spell);
  }
}

/** `added 1:5:e5 paired 2:6:e6` */
export function spell(change: LinkChange): string {
  const { type, namespace, view } = change;
  const { peer, peerState } = view;
  const far = peer === null ? '' : ` ${peer.namespace.nsid}:${peer.ifindex}:${peer.name}`;
  const place = `${namespace.nsid}:${view.facts.ifindex}:${view.facts.name}`;
  switch (type) {
    case 'added':
      return `added ${place}${peerState === null ? '' : ` ${peerState}`}${far}`;
    case 'changed':
      return `changed ${place} ${change.changed.join(' ')}`;
    case 'moved': {
      const { from } = change;
      return `moved ${from.namespace.nsid}:${from.ifindex}:${from.name} to ${place}`;
    }
    case 'removed':
      return `removed ${place}`;
  }
}
