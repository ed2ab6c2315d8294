/** What is told of a link by where it leads, and how two views of it differ. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkMessage } from '../../../src/netlink/link-message.ts';
import type { LinkView } from '../../../src/watch/links/link-node.ts';
import { differences, isUp, leadsTo, viewOf } from '../../../src/watch/links/link-view.ts';
import { end, facts, TestGraph } from './support/graph-parts.ts';

/** The state, and the far end as `nsid:ifindex:name`. */
function seen(parts: TestGraph, nsid: number, ifindex: number): string {
  const namespace = parts.graph.namespaces.get(nsid);
  const node = namespace?.links.get(ifindex);
  assert(node !== undefined);
  const { peer, peerState } = viewOf(parts.graph, node);
  return `${peerState} ${peer === null ? '-' : `${peer.namespace.nsid}:${peer.ifindex}:${peer.name}`}`;
}

test('a pair is one if each end leads to the other', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6));
  assert.equal(seen(parts, 1, 5), 'unpaired -');
  const two = parts.namespace(2, end(6, 3, 5));
  // It leads elsewhere: one of the two is old.
  assert.equal(seen(parts, 1, 5), 'unpaired -');
  assert.equal(leadsTo(parts.node(two, 6), parts.node(one, 5)), false);
  parts.graph.take(two, 6, end(6, 1, 5));
  assert.deepEqual([seen(parts, 1, 5), seen(parts, 2, 6)], ['paired 2:6:e6', 'paired 1:5:e5']);
  parts.graph.take(two, 6, facts(6, { kind: 'macvlan', link: 5, linkNsid: 1 }));
  assert.equal(seen(parts, 1, 5), 'unpaired -');
  assert.equal(seen(parts, 2, 6), 'one-sided 1:5:e5');
  parts.graph.gone(two);
  assert.equal(seen(parts, 1, 5), 'unpaired -');
});

test('lower devices, namespaces, and what leads nowhere', () => {
  const parts = new TestGraph();
  parts.namespace(
    1,
    facts(5),
    facts(6, { kind: 'vlan', link: 5 }),
    facts(7, { kind: 'vlan', link: 99 }),
    facts(8, { kind: 'sit', link: 0, linkNsid: 2 }),
    facts(9, { kind: 'wireguard' }),
    end(10, null, 0),
    end(11, 2, 5),
  );
  parts.graph.close(parts.graph.add(2, 1002));
  assert.equal(seen(parts, 1, 5), 'null -');
  assert.equal(seen(parts, 1, 6), 'one-sided 1:5:e5');
  assert.equal(seen(parts, 1, 7), 'unpaired -');
  assert.equal(seen(parts, 1, 8), 'closed 2:null:null');
  assert.equal(seen(parts, 1, 9), 'unknown -');
  assert.equal(seen(parts, 1, 10), 'unpaired -');
  assert.equal(seen(parts, 1, 11), 'closed 2:5:null');
});

const view = (rest: Partial<LinkMessage>): LinkView => ({
  facts: facts(5, rest),
  peer: null,
  peerState: null,
});

const DIFFERENCES: [Partial<LinkMessage>, string[]][] = [
  [{}, []],
  [{ name: 'x' }, ['name']],
  [{ alias: 'x' }, ['alias']],
  [{ kind: 'veth' }, ['kind']],
  [{ slaveKind: 'bridge', master: 3 }, ['slaveKind', 'master']],
  [{ flags: 0x1000 }, ['flags']],
  [{ flags: 1 }, ['flags', 'up']],
  [{ mtu: 9000 }, ['mtu']],
  [{ address: '02:00:00:00:00:01' }, ['address']],
  [{ operState: 'up' }, ['state']],
  [{ altNames: ['x'] }, ['altNames']],
  [{ altNames: [] }, []],
  [{ details: { kind: 'vlan' } as unknown as LinkMessage['details'] }, ['details']],
  // Of these nothing is told.
  [{ link: 9, linkNsid: 3, targetNsid: 1, type: 772 }, []],
];

test('differences of what is told', () => {
  for (const [rest, expected] of DIFFERENCES) {
    assert.deepEqual(differences(view({}), view(rest)), expected);
    assert.deepEqual(differences(view(rest), view({})), expected);
  }
});

test('differences of the far end: which, how it is called, and what is known of it', () => {
  const parts = new TestGraph();
  const [one, two] = [parts.namespace(1), parts.namespace(2)];
  const base = view({});
  const to = (namespace: typeof one, ifindex: number | null, name: string | null): LinkView => ({
    ...base,
    peer: { namespace, ifindex, name },
  });
  assert.deepEqual(differences(to(one, 5, 'a'), to(one, 5, 'a')), []);
  for (const other of [to(two, 5, 'a'), to(one, 6, 'a'), to(one, 5, 'b'), base])
    assert.deepEqual(differences(to(one, 5, 'a'), other), ['peer']);
  assert.deepEqual(differences(base, { ...base, peerState: 'unknown' }), ['peerState']);
  assert.deepEqual([isUp(facts(5, { flags: 3 })), isUp(facts(5, { flags: 2 }))], [true, false]);
});
