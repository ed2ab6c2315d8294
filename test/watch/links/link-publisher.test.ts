/** What is told of links, and in which order: a place is left before another link takes it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { GraphNamespace } from '../../../src/watch/links/link-node.ts';
import { publishEnd } from '../../../src/watch/links/link-publisher.ts';
import { end, facts, spell, TestGraph } from './support/graph-parts.ts';

/** Moves links at once, by their places: `1:5`. */
function moveAll(parts: TestGraph, moves: readonly (readonly [from: string, to: string])[]): string[] {
  const at = (place: string): { namespace: GraphNamespace; ifindex: number } => {
    const [nsid, ifindex] = place.split(':').map(Number) as [number, number];
    return { namespace: parts.graph.namespaces.get(nsid) as GraphNamespace, ifindex };
  };
  const nodes = moves.map(([from]) => parts.node(at(from).namespace, at(from).ifindex));
  for (const node of nodes) parts.graph.depart(node);
  for (const [index, [, to]] of moves.entries()) {
    const { namespace, ifindex } = at(to);
    const past = nodes[index] ?? null;
    namespace.arrivals.set(ifindex, { birthplace: 'here', past });
    parts.graph.take(namespace, ifindex, facts(ifindex, { name: past?.facts.name ?? '' }));
  }
  return parts.publish();
}

/** Three namespaces with two links each. */
function town(): TestGraph {
  const parts = new TestGraph();
  for (const nsid of [1, 2, 3])
    parts.namespace(nsid, facts(5, { name: `n${nsid}-5` }), facts(6, { name: `n${nsid}-6` }));
  assert.equal(parts.publish().length, 6);
  return parts;
}

const CASES: [what: string, moves: [from: string, to: string][], told: string[]][] = [
  ['one', [['1:5', '2:9']], ['moved 1:5:n1-5 to 2:9:n1-5']],
  [
    'a chain: the last goes first',
    [
      ['1:5', '2:5'],
      ['2:5', '3:5'],
      ['3:5', '3:9'],
    ],
    ['moved 3:5:n3-5 to 3:9:n3-5', 'moved 2:5:n2-5 to 3:5:n2-5', 'moved 1:5:n1-5 to 2:5:n1-5'],
  ],
  [
    'a swap: one of the two makes room',
    [
      ['1:5', '2:5'],
      ['2:5', '1:5'],
    ],
    ['removed 1:5:n1-5', 'moved 2:5:n2-5 to 1:5:n2-5', 'added 2:5:n1-5'],
  ],
  [
    'a circle of three, and one beside it',
    [
      ['1:5', '2:5'],
      ['2:5', '3:5'],
      ['3:5', '1:5'],
      ['1:6', '2:9'],
    ],
    [
      'removed 1:5:n1-5',
      'moved 1:6:n1-6 to 2:9:n1-6',
      'moved 3:5:n3-5 to 1:5:n3-5',
      'moved 2:5:n2-5 to 3:5:n2-5',
      'added 2:5:n1-5',
    ],
  ],
  ['away and back', [['1:5', '1:5']], []],
];

for (const [what, moves, told] of CASES)
  test(`moves: ${what}`, () => assert.deepEqual(moveAll(town(), moves), told));

test('ends come before moves, and what is new comes after', () => {
  const parts = town();
  const [one, two] = [1, 2].map((nsid) => parts.graph.namespaces.get(nsid) as GraphNamespace) as [
    GraphNamespace,
    GraphNamespace,
  ];
  parts.graph.take(one, 9, facts(9));
  parts.graph.take(one, 6, facts(6, { name: 'n1-6', mtu: 9000 }));
  parts.graph.take(two, 5, null);
  assert.deepEqual(moveAll(parts, [['1:5', '2:5']]), [
    'removed 2:5:n2-5',
    'moved 1:5:n1-5 to 2:5:n1-5',
    'added 1:9:e9',
    'changed 1:6:n1-6 mtu',
  ]);
});

test('the place that one leaves is taken by a new one', () => {
  const parts = town();
  const one = parts.graph.namespaces.get(1) as GraphNamespace;
  const two = parts.graph.namespaces.get(2) as GraphNamespace;
  const past = parts.node(one, 5);
  parts.graph.depart(past);
  parts.graph.take(one, 5, facts(5));
  two.arrivals.set(9, { birthplace: 'here', past });
  parts.graph.take(two, 9, facts(9, { name: 'n1-5' }));
  assert.deepEqual(parts.publish(), ['moved 1:5:n1-5 to 2:9:n1-5', 'added 1:5:e5']);
});

test('a move that was told of is not told again, and a past that was told as an end is none', () => {
  const parts = town();
  const one = parts.graph.namespaces.get(1) as GraphNamespace;
  const two = parts.graph.namespaces.get(2) as GraphNamespace;
  const past = parts.node(one, 5);
  parts.graph.depart(past);
  assert.deepEqual(parts.publish(), ['removed 1:5:n1-5']);
  two.arrivals.set(9, { birthplace: 'here', past });
  parts.graph.take(two, 9, facts(9));
  assert.deepEqual(parts.publish(), ['added 2:9:e9']);
  assert.deepEqual(parts.publish(), []);
});

test('links that are left out: told when they are not any more, and the other way round', () => {
  const parts = town();
  const one = parts.graph.namespaces.get(1) as GraphNamespace;
  const isVisible = (name: string): boolean => name !== 'hidden';
  parts.graph.take(one, 5, facts(5, { name: 'hidden' }));
  assert.deepEqual(parts.publish(isVisible), ['removed 1:5:n1-5']);
  parts.graph.take(one, 5, facts(5, { name: 'hidden', mtu: 9000 }));
  assert.deepEqual(parts.publish(isVisible), []);
  parts.graph.take(one, 5, facts(5, { name: 'n1-5' }));
  assert.deepEqual(parts.publish(isVisible), ['added 1:5:n1-5']);
  // One that moves and is left out there.
  const past = parts.node(one, 5);
  parts.graph.depart(past);
  const two = parts.graph.namespaces.get(2) as GraphNamespace;
  two.arrivals.set(9, { birthplace: 'here', past });
  parts.graph.take(two, 9, facts(9, { name: 'hidden' }));
  assert.deepEqual(parts.publish(isVisible), ['removed 1:5:n1-5']);
});

test('the end of a namespace: all of its links, as they were told of, and nothing else', () => {
  const parts = new TestGraph();
  const one = parts.namespace(1, end(5, 2, 6), facts(7));
  parts.namespace(2, end(6, 1, 5));
  parts.publish();
  parts.graph.take(one, 8, facts(8));
  parts.graph.gone(one);
  const ends = (): string[] => publishEnd(parts.graph, one).map(spell);
  assert.deepEqual(ends(), ['removed 1:5:e5', 'removed 1:7:e7']);
  assert.deepEqual(ends(), []);
  assert.deepEqual(parts.publish(), ['changed 2:6:e6 peer peerState']);
});

test('nothing is told twice, and nothing that is as before', () => {
  const parts = town();
  const one = parts.graph.namespaces.get(1) as GraphNamespace;
  parts.graph.take(one, 5, facts(5, { name: 'n1-5' }));
  assert.deepEqual(parts.publish(), []);
});
