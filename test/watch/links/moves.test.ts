/** Which arrival belongs to which departure: what a link was where it came from, and where it was made. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkHint } from '../../../src/netlink/link-hint.ts';
import type { GraphNamespace, LinkNode } from '../../../src/watch/links/link-node.ts';
import { LinkMoves } from '../../../src/watch/links/moves.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { facts, TestGraph } from './support/graph-parts.ts';

const hint = (rest: Partial<LinkHint>): LinkHint => ({
  type: 'delLink',
  origin: 1,
  ifindex: 5,
  newNsid: 0,
  newIfindex: null,
  name: 'a',
  address: '02:00:00:00:00:01',
  kind: 'veth',
  isBirth: false,
  cut: false,
  ...rest,
});

class Town {
  readonly parts: TestGraph = new TestGraph();
  readonly clock: FakeClock = new FakeClock();
  readonly moves: LinkMoves = new LinkMoves(this.parts.graph, this.clock, () => {});
  readonly one: GraphNamespace = this.parts.namespace(1, facts(5, { name: 'a', kind: 'wireguard' }));
  readonly two: GraphNamespace = this.parts.namespace(2);
  readonly three: GraphNamespace = this.parts.namespace(3);

  leaves(from: GraphNamespace, ifindex: number, newIndex: number | null, rest: Partial<LinkHint> = {}): void {
    this.moves.leaves(from, hint({ ifindex, newIfindex: newIndex, ...rest }));
    const node = from.links.get(ifindex);
    from.arrivals.delete(ifindex);
    if (node !== undefined) this.parts.graph.depart(node);
  }

  arrives(at: GraphNamespace, ifindex: number, rest: Partial<LinkHint> = {}): void {
    this.moves.arrives(at, hint({ type: 'newLink', isBirth: true, ifindex, ...rest }));
  }
}

test('a link that leaves and arrives is the same one, with its past', () => {
  const town = new Town();
  town.parts.publish();
  const past = town.parts.node(town.one, 5);
  past.birthplace = 'here';
  town.leaves(town.one, 5, 9);
  town.arrives(town.two, 9);
  assert.deepEqual(town.two.arrivals.get(9), { birthplace: { namespace: town.one }, past });
});

test('index, name and address are to be the same', () => {
  const others = [{ name: 'b', kind: 'dummy' }, { address: '02:00:00:00:00:02' }];
  for (const other of others) {
    const town = new Town();
    town.leaves(town.one, 5, 9);
    town.arrives(town.two, 9, other);
    assert.deepEqual(town.two.arrivals.get(9), { birthplace: 'here', past: null });
  }
  const town = new Town();
  town.leaves(town.one, 5, 9);
  town.arrives(town.two, 8);
  assert.deepEqual(town.two.arrivals.get(8), { birthplace: 'here', past: null });
});

test('the name may be another, as where it was taken, if nothing else arrived in between', () => {
  const town = new Town();
  town.leaves(town.one, 5, 9);
  town.arrives(town.two, 9, { name: 'b' });
  assert.deepEqual(town.two.arrivals.get(9), { birthplace: null, past: null });
  const late = new Town();
  late.leaves(late.one, 5, 9);
  late.arrives(late.three, 4);
  late.arrives(late.two, 9, { name: 'b' });
  assert.deepEqual(late.two.arrivals.get(9), { birthplace: 'here', past: null });
});

test('one that is made is no move, and one departure is one arrival', () => {
  const town = new Town();
  town.parts.publish();
  town.leaves(town.one, 5, null);
  town.arrives(town.two, 5);
  assert.equal(town.two.arrivals.get(5)?.past, null);
  const again = new Town();
  again.parts.publish();
  again.leaves(again.one, 5, 9);
  again.arrives(again.two, 9);
  again.arrives(again.three, 9);
  assert.notEqual(again.two.arrivals.get(9)?.past, null);
  assert.equal(again.three.arrivals.get(9)?.past, null);
});

test('through several namespaces before anybody asks: the past is the first', () => {
  const town = new Town();
  town.parts.publish();
  const past = town.parts.node(town.one, 5);
  past.birthplace = 'here';
  town.leaves(town.one, 5, 9);
  town.arrives(town.two, 9);
  town.leaves(town.two, 9, 7);
  town.arrives(town.three, 7);
  assert.deepEqual(town.three.arrivals.get(7), { birthplace: { namespace: town.one }, past });
  assert.equal(town.two.arrivals.has(9), false);
  // Back where it was made.
  town.leaves(town.three, 7, 5);
  town.arrives(town.one, 5);
  assert.deepEqual(town.one.arrivals.get(5), { birthplace: 'here', past });
});

test('one that was asked for in between, and not told of: the past is the one that was told of', () => {
  const town = new Town();
  town.parts.publish();
  const past = town.parts.node(town.one, 5);
  town.leaves(town.one, 5, 9);
  town.arrives(town.two, 9);
  town.parts.graph.take(town.two, 9, facts(9, { name: 'a', kind: 'wireguard' }));
  town.leaves(town.two, 9, 7);
  town.arrives(town.three, 7);
  assert.equal(town.three.arrivals.get(7)?.past, past);
});

test('one that was asked for, and gone, before it was heard', () => {
  const town = new Town();
  town.parts.publish();
  const past = town.parts.node(town.one, 5);
  town.parts.graph.take(town.one, 5, null);
  town.leaves(town.one, 5, 9);
  town.arrives(town.two, 9);
  assert.equal(town.two.arrivals.get(9)?.past, past);
});

test('an arrival that comes too late is none, nor one after a loss', () => {
  const town = new Town();
  town.parts.publish();
  town.leaves(town.one, 5, 9);
  town.clock.advance(2000);
  town.leaves(town.one, 6, 30);
  town.arrives(town.two, 9);
  assert.equal(town.two.arrivals.get(9)?.past, null);
  const lossy = new Town();
  lossy.parts.publish();
  lossy.leaves(lossy.one, 5, 9);
  lossy.moves.clear();
  lossy.arrives(lossy.two, 9);
  assert.equal(lossy.two.arrivals.get(9)?.past, null);
});

test('where it was made is gone when it arrives', () => {
  const town = new Town();
  town.parts.node(town.one, 5).birthplace = 'here';
  town.leaves(town.one, 5, 9);
  town.parts.graph.gone(town.one);
  town.arrives(town.two, 9);
  assert.equal(town.two.arrivals.get(9)?.birthplace, 'gone');
});

test('one that nobody knows of: nobody knows where it was made', () => {
  const town = new Town();
  town.leaves(town.one, 77, 9);
  town.arrives(town.two, 9);
  assert.deepEqual(town.two.arrivals.get(9), { birthplace: null, past: null });
});

// Fails if the end of a link is told before it can be known that it moved, or never.
test('under way: until it is asked for where it arrived, until that place dies, or for a second', () => {
  const arriving = (): { town: Town; past: LinkNode } => {
    const town = new Town();
    town.parts.publish();
    const past = town.parts.node(town.one, 5);
    town.leaves(town.one, 5, 9);
    assert(town.moves.isUnderWay(past));
    return { town, past };
  };
  const asked = arriving();
  asked.town.arrives(asked.town.two, 9);
  assert(asked.town.moves.isUnderWay(asked.past));
  asked.town.two.arrivals.delete(9);
  assert(!asked.town.moves.isUnderWay(asked.past));
  const going = arriving();
  going.town.arrives(going.town.two, 9);
  going.town.leaves(going.town.two, 9, 4);
  assert(going.town.moves.isUnderWay(going.past));
  const dying = arriving();
  dying.town.arrives(dying.town.two, 9);
  dying.town.parts.graph.gone(dying.town.two);
  assert(!dying.town.moves.isUnderWay(dying.past));
  const lost = arriving();
  lost.town.clock.advance(999);
  assert(lost.town.moves.isUnderWay(lost.past));
  lost.town.clock.advance(1);
  assert(!lost.town.moves.isUnderWay(lost.past));
});

test('one that was not there any more when it was asked for: until its end is heard, or for a second', () => {
  const town = new Town();
  town.parts.publish();
  const node = town.parts.node(town.one, 5);
  town.parts.graph.take(town.one, 5, null);
  assert(town.moves.isUnderWay(node));
  town.moves.endIsHeard(town.one, 5);
  assert(!town.moves.isUnderWay(node));
  const silent = new Town();
  silent.parts.publish();
  const other = silent.parts.node(silent.one, 5);
  silent.parts.graph.take(silent.one, 5, null);
  assert(silent.moves.isUnderWay(other));
  silent.clock.advance(1000);
  assert(!silent.moves.isUnderWay(other));
});
