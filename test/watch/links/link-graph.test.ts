/**
 * The graph of links: what is to be asked for when something has become different, and what of a
 * namespace that is gone, closed, or read again remains.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { GraphNamespace } from '../../../src/watch/links/link-node.ts';
import { end, facts, TestGraph } from './support/graph-parts.ts';

test('a namespace that is added is to be read, once, and is live then', () => {
  const { graph } = new TestGraph();
  const one = graph.add(1, 1001);
  assert.equal(graph.add(1, 1001), one);
  assert.deepEqual([...graph.unread], [one]);
  // All of it is to be read.
  graph.markDirty(one, 5);
  assert.equal(graph.withDirty.size, 0);
  graph.takeAll(one, [facts(5)]);
  assert.deepEqual([graph.unread.size, one.state, one.links.size], [0, 'live', 1]);
  graph.markDirty(one, 5);
  assert.deepEqual([...graph.withDirty], [one]);
});

test('a link that leads to a namespace that is not known: it is found, and to be read', () => {
  const parts = new TestGraph();
  parts.namespace(1, end(5, 0, 9));
  assert.deepEqual(parts.discovered, [0]);
  assert.deepEqual(
    [...parts.graph.unread].map(({ nsid, number }) => [nsid, number]),
    [[0, 1000]],
  );
});

// Nobody tells of a far end that moved while it was down.
// The new one is asked for by LinkRefresh, unless it is known to lead back.
test('a link that leads elsewhere: the former far end is asked for', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6));
  parts.namespace(2, end(6, 1, 5));
  parts.namespace(3);
  assert.deepEqual(parts.dirty(), []);
  parts.graph.take(one, 5, end(5, 3, 8));
  assert.deepEqual(parts.dirty(), ['2:6']);
  parts.graph.take(one, 5, end(5, 3, 8));
  assert.deepEqual(parts.dirty(), []);
});

test('a link that departs: its far end, and all that lead to it, are asked for', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6));
  parts.namespace(2, end(6, 1, 5), facts(7, { kind: 'macvlan', link: 5, linkNsid: 1 }));
  parts.namespace(3, facts(8, { kind: 'macvlan', link: 5, linkNsid: 1 }));
  parts.publish();
  parts.dirty();
  parts.graph.take(one, 5, null);
  assert.deepEqual(parts.dirty(), ['2:6', '2:7', '3:8']);
  assert.deepEqual(
    [...parts.graph.departed].map(({ ifindex }) => ifindex),
    [5],
  );
  assert.equal(one.links.size, 0);
});

test('an end whose other end does not lead back is followed all the same', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6));
  parts.namespace(2, end(6, 3, 7));
  parts.namespace(3);
  parts.publish();
  parts.dirty();
  parts.graph.take(one, 5, null);
  assert.deepEqual(parts.dirty(), ['2:6']);
});

test('a namespace that died: what led to it alone, or to a link that was not known, is asked for', () => {
  const parts = new TestGraph();
  parts.namespace(1, facts(5, { kind: 'sit', link: 0, linkNsid: 2 }), end(6, 2, 9));
  parts.publish();
  parts.dirty();
  parts.graph.gone(parts.graph.namespaces.get(2) as GraphNamespace);
  assert.deepEqual(parts.dirty(), ['1:5', '1:6']);
  assert.deepEqual(parts.publish(), ['changed 1:5:e5 peer peerState']);
});

test('a link that was never told of departs without a word', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, facts(5));
  parts.graph.take(one, 5, null);
  assert.equal(parts.graph.departed.size, 0);
  assert.deepEqual(parts.publish(), []);
});

test('an index that is used again after it departed is another link', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, facts(5));
  parts.publish();
  const before = parts.node(one, 5);
  parts.graph.depart(before);
  parts.graph.depart(before);
  parts.graph.take(one, 5, facts(5, { kind: 'dummy' }));
  assert.notEqual(parts.node(one, 5), before);
  assert.deepEqual(parts.publish(), ['removed 1:5:e5', 'added 1:5:e5']);
});

test('a list in which a link is missing: it departed', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, facts(5), facts(6));
  parts.publish();
  parts.graph.doubtAll();
  assert.equal(parts.graph.unread.size, 1);
  parts.graph.takeAll(one, [facts(6), facts(7)]);
  assert.deepEqual(parts.publish(), ['removed 1:5:e5', 'added 1:7:e7']);
});

test('a namespace that died: what led there is asked again, and answers of it do not count', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6));
  const two = parts.namespace(2, end(6, 1, 5));
  parts.publish();
  parts.dirty();
  parts.graph.gone(two);
  assert.deepEqual(parts.dirty(), ['1:5']);
  assert.equal(parts.graph.namespaces.has(2), false);
  parts.graph.gone(two);
  parts.graph.takeAll(two, [facts(6)]);
  parts.graph.take(two, 6, facts(6));
  parts.graph.close(two);
  parts.graph.empty(two);
  parts.graph.markDirty(two, 6);
  assert.deepEqual([two.state, two.links.size, parts.graph.withDirty.size], ['gone', 0, 0]);
  // The nsid is another one's by now.
  parts.graph.take(one, 5, end(5, 2, 6));
  assert.deepEqual(parts.discovered, [2, 2]);
  assert.notEqual(parts.node(one, 5).target?.namespace, two);
});

test('one that is dying has no links, and is none to be read', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6));
  const two = parts.namespace(2, end(6, 1, 5));
  parts.publish();
  parts.graph.doubtAll();
  parts.graph.empty(two);
  assert.deepEqual([two.state, two.links.size, [...parts.graph.unread]], ['live', 0, [one]]);
  assert.deepEqual(parts.publish(), ['removed 2:6:e6', 'changed 1:5:e5 peer peerState']);
});

test('one that may not be looked into has no links, and what leads there is closed', () => {
  const parts = new TestGraph();
  parts.namespace(1, end(5, 2, 6));
  const two = parts.graph.add(2, 1002);
  parts.graph.close(two);
  assert.deepEqual(parts.publish(), ['added 1:5:e5 closed 2:6:null']);
  parts.graph.markDirty(two, 6);
  assert.equal(parts.graph.withDirty.size, 0);
  parts.graph.takeAll(two, [end(6, 1, 5)]);
  assert.deepEqual(parts.publish().toSorted(), [
    'added 2:6:e6 paired 1:5:e5',
    'changed 1:5:e5 peer peerState',
  ]);
});

test('what was sent by a namespace that died leads nowhere any more', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1);
  const two = parts.namespace(2);
  two.arrivals.set(5, { birthplace: { namespace: one }, past: null });
  parts.graph.take(two, 5, facts(5, { kind: 'wireguard' }));
  assert.deepEqual(parts.publish(), ['added 2:5:e5 one-sided 1:null:null']);
  parts.graph.gone(one);
  assert.deepEqual(parts.publish(), ['changed 2:5:e5 peer peerState']);
  assert.deepEqual(parts.node(two, 5).lead, { to: 'missing' });
});
