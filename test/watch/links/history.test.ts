/** What is known by history alone, and when that is no longer believed. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkMessage } from '../../../src/netlink/link-message.ts';
import { LinkGraph } from '../../../src/watch/links/link-graph.ts';
import type { GraphNamespace, LinkNode } from '../../../src/watch/links/link-node.ts';
import { viewOf } from '../../../src/watch/links/link-view.ts';

const facts = (ifindex: number, name: string, kind: string, link: number | null = null): LinkMessage =>
  ({ ifindex, name, kind, link, linkNsid: null, details: null }) as LinkMessage;

const LOW = facts(7, 'low', 'dummy');
const TAP = facts(8, 'tap', 'ipvtap', 7);

interface Scene {
  graph: LinkGraph;
  home: GraphNamespace;
  away: GraphNamespace;
  node: (namespace: GraphNamespace, ifindex: number) => LinkNode;
  lead: (namespace: GraphNamespace, ifindex: number) => string;
}

/** An ipvtap that was made at home while somebody watched. */
function scene(): Scene {
  const graph = new LinkGraph(() => assert.fail('nothing is discovered'));
  const home = graph.add(1, 1);
  const away = graph.add(2, 2);
  for (const namespace of [home, away]) graph.takeAll(namespace, []);
  for (const { ifindex } of [LOW, TAP]) home.arrivals.set(ifindex, { birthplace: 'here', past: null });
  graph.take(home, LOW.ifindex, LOW);
  graph.take(home, TAP.ifindex, TAP);
  const node = (namespace: GraphNamespace, ifindex: number): LinkNode =>
    namespace.links.get(ifindex) ?? assert.fail(`no link ${ifindex}`);
  const lead = (namespace: GraphNamespace, ifindex: number): string => {
    const { peer, peerState } = viewOf(graph, node(namespace, ifindex));
    return peer === null ? String(peerState) : `${peer.namespace.nsid}:${peer.name}`;
  };
  return { graph, home, away, node, lead };
}

function moveTap({ graph, home, away, node }: Scene): void {
  graph.depart(node(home, TAP.ifindex));
  away.arrivals.set(TAP.ifindex, { birthplace: { namespace: home }, past: null });
  graph.take(away, TAP.ifindex, TAP);
}

test('an ipvtap leads to its lower device, at home and abroad', () => {
  const all = scene();
  assert.equal(all.lead(all.home, TAP.ifindex), '1:low');
  moveTap(all);
  assert.equal(all.lead(all.away, TAP.ifindex), '1:low');
});

test('an ipvtap whose lower device moves is unknown, also when another takes that index', () => {
  for (const abroad of [false, true]) {
    const all = scene();
    if (abroad) moveTap(all);
    const { graph, home, away, node, lead } = all;
    graph.depart(node(home, LOW.ifindex));
    const place = abroad ? away : home;
    assert.equal(lead(place, TAP.ifindex), 'unknown');
    home.arrivals.set(LOW.ifindex, { birthplace: 'here', past: null });
    graph.take(home, LOW.ifindex, facts(LOW.ifindex, 'stranger', 'dummy'));
    graph.take(place, TAP.ifindex, TAP);
    assert.equal(lead(place, TAP.ifindex), 'unknown');
  }
});
