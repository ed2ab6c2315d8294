/** How a graph is brought up to date: what is asked for, and that nothing is forgotten. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkMessage } from '../../../src/netlink/link-message.ts';
import type { GraphNamespace } from '../../../src/watch/links/link-node.ts';
import { LinkRefresh } from '../../../src/watch/links/link-refresh.ts';
import { end, facts, TestGraph } from './support/graph-parts.ts';

/** A kernel that has these links, and is asked for one at a time. */
class Kernel {
  readonly batch = 1;
  readonly asked: string[] = [];
  readonly links: Map<string, LinkMessage> = new Map();

  list(): LinkMessage[] {
    throw new Error('nothing is to be read');
  }

  ask(wanted: readonly { namespace: GraphNamespace; ifindex: number }[]): (LinkMessage | null)[] {
    return wanted.map(({ namespace, ifindex }) => {
      const key = `${namespace.nsid}:${ifindex}`;
      this.asked.push(key);
      return this.links.get(key) ?? null;
    });
  }
}

/** All steps of one. @returns how many */
function run(refresh: LinkRefresh): number {
  let steps = 1;
  while (refresh.step() === true) steps++;
  return steps;
}

// Fails if what was taken out for one round too many is never asked for.
test('more links than one refresh asks for: each once, in the end', () => {
  const parts = new TestGraph();
  const kernel = new Kernel();
  const all = Array.from({ length: 150 }, (_, at) => facts(at + 1));
  const one = parts.namespace(1, ...all);
  for (const link of all) {
    kernel.links.set(`1:${link.ifindex}`, link);
    parts.graph.markDirty(one, link.ifindex);
  }
  run(new LinkRefresh(parts.graph, kernel));
  const first = kernel.asked.length;
  assert(first < all.length, 'one refresh ends, whatever is still dirty');
  assert.equal(one.dirty.size, all.length - first);
  for (let turn = 0; one.dirty.size > 0 && turn < 10; turn++) run(new LinkRefresh(parts.graph, kernel));
  assert.equal(kernel.asked.length, all.length);
  assert.equal(new Set(kernel.asked).size, all.length);
});

test('two ends that do not lead to each other are both asked for once more, and not again', () => {
  const parts = new TestGraph();
  const kernel = new Kernel();
  parts.namespace(1, end(5, 2, 6));
  parts.namespace(2, end(6, 3, 7));
  parts.namespace(3);
  kernel.links.set('1:5', end(5, 2, 6)).set('2:6', end(6, 1, 5));
  parts.dirty();
  run(new LinkRefresh(parts.graph, kernel));
  assert.deepEqual(kernel.asked.toSorted(), ['1:5', '2:6', '3:7']);
  assert.deepEqual(parts.publish().toSorted(), ['added 1:5:e5 paired 2:6:e6', 'added 2:6:e6 paired 1:5:e5']);
});

test('two ends that lead to each other are not asked for', () => {
  const parts = new TestGraph();
  const kernel = new Kernel();
  parts.namespace(1, end(5, 2, 6));
  parts.namespace(2, end(6, 1, 5));
  run(new LinkRefresh(parts.graph, kernel));
  assert.deepEqual(kernel.asked, []);
});
