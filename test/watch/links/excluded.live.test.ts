/** Links that are left out: by kind, by name; and what becomes of one that is not any more. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { LinkOptions } from '../../../src/watch/links/link-types.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { waitFor } from '../../support/wait.ts';
import { freshHost, inside, move, veth } from './support/link-story.ts';

/** The names of the links of all namespaces, and what is told. */
async function shown(links: LinkOptions): Promise<{
  watcher: UnifiedNamespaceWatcher;
  names: () => string[];
  told: (count: number) => Promise<string[]>;
}> {
  const { watcher } = await UnifiedNamespaceWatcher.listAndWatch({ links });
  const names = (): string[] =>
    watcher
      .namespaces()
      .flatMap((entry) => (entry.links ?? []).map(({ name }) => name))
      .filter((name) => name !== 'lo')
      .sort();
  const lines: string[] = [];
  const told = async (count: number): Promise<string[]> => {
    await waitFor(`${count} events`, () => {
      for (let event = watcher.tryRecv(); event !== undefined; event = watcher.tryRecv())
        if ('link' in event) lines.push(`${event.type} ${event.link.name}`);
      return lines.length >= count;
    }).catch((error: unknown) => {
      throw new Error(`told: ${lines.join(', ')}`, { cause: error });
    });
    return lines.splice(0);
  };
  return { watcher, names, told };
}

test('a kind and names that are left out: neither listed nor told, but known as far ends', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  inside(one, (requests) => requests.add('vxlan', { name: 'x', index: 70 }, { id: 7 }));
  veth({ place: one, name: 'tmp0', index: 50 }, { place: one, name: 'b', index: 51 });
  const { watcher, names, told } = await shown({ excludeKinds: ['vxlan'], excludeNames: ['tmp*', 'id-*'] });
  t.after(() => watcher.stop());
  assert.deepEqual(names(), ['b']);
  const entry = watcher.namespaces().find((each) => each.links?.some(({ name }) => name === 'b') === true);
  const b = entry?.links?.find(({ name }) => name === 'b');
  assert.deepEqual([b?.peer?.name, b?.peerState], ['tmp0', 'paired']);
  // Nothing of it is told.
  inside(one, (requests) => {
    requests.mtu(50, 1400);
    requests.add('vxlan', { name: 'y', index: 71 }, { id: 8 });
    requests.remove(70);
    requests.mtu(51, 1400);
  });
  assert.deepEqual(await told(1), ['linkChanged b']);
  // From left out to visible, and back.
  inside(one, (requests) => requests.rename(50, 'a'));
  assert.deepEqual((await told(2)).toSorted(), ['linkAdded a', 'linkChanged b']);
  assert.deepEqual(names(), ['a', 'b']);
  inside(one, (requests) => requests.rename(50, 'tmp1'));
  assert.deepEqual((await told(2)).toSorted(), ['linkChanged b', 'linkRemoved a']);
  assert.deepEqual(names(), ['b']);
  // A move under a name that is left out is an end, and the other way round a beginning.
  move({ place: one, name: 'b', index: 51 }, host.own, 'tmp2');
  assert.deepEqual(await told(1), ['linkRemoved b']);
  move({ place: host.own, name: 'tmp2', index: 51 }, one, 'b');
  assert.deepEqual(await told(1), ['linkAdded b']);
});

// What tunnel modules make in each namespace, here by a bridge of that name.
test('fallback tunnels are left out while they are down, unless asked for', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  inside(one, (requests) => requests.add('bridge', { name: 'gre0', index: 70 }));
  const { watcher, names, told } = await shown({ excludeNames: ['id-*'] });
  const all = await shown({ excludeNames: ['id-*'], fallbackTunnels: true });
  t.after(() => Promise.all([watcher.stop(), all.watcher.stop()]));
  assert.deepEqual(names(), []);
  assert.deepEqual(all.names(), ['gre0']);
  inside(one, (requests) => requests.up(70, true));
  assert.deepEqual((await told(1)).slice(0, 1), ['linkAdded gre0']);
  assert.deepEqual(names(), ['gre0']);
  // Before it is down again: of two changes that cancel out within the time that a watcher waits for more,
  // nothing is told.
  const lines = await all.told(1);
  inside(one, (requests) => requests.up(70, false));
  await waitFor('its end', async () => {
    await told(0);
    return names().length === 0;
  });
  lines.push(...(await all.told(1)));
  assert.deepEqual(new Set(lines), new Set(['linkChanged gre0']));
});
