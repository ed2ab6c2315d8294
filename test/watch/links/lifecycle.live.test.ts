/** How a `UnifiedNamespaceWatcher` with links starts and ends, and what a slow consumer does to it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import type { UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { freshTable } from '../../support/nsids.ts';
import { startStorm } from '../../support/storm.ts';
import { testLifecycle } from '../support/lifecycle.ts';
import { freshHost, inside, LinkStory, veth } from './support/link-story.ts';
import { LinkRequests } from './support/link-requests.ts';

const linkStorm = fileURLToPath(new URL('../fixtures/link-storm.js', import.meta.url));

testLifecycle<UnifiedEvent>((t) => {
  freshTable(t);
  let made = 0;
  return Promise.resolve({
    open: (options = {}) => UnifiedNamespaceWatcher.open({ links: true, ...options }),
    happen: () => {
      const name = `b${++made}`;
      LinkRequests.inside(null, (requests) => requests.add('bridge', { name, index: 0 }));
      return Promise.resolve(`linkAdded ${name}`);
    },
    brief: (event) => `${event.type}${'link' in event ? ` ${event.link.name}` : ''}`,
    storm: () => startStorm([process.execPath, linkStorm, '60']),
    openInStorm: (round) =>
      UnifiedNamespaceWatcher.open({ links: true, unnamed: round % 2 === 1, bufferSize: 1 + round }),
    isOpen: (stream) => (stream as UnifiedNamespaceWatcher).isWatchingLinks,
  });
});

test('a consumer that takes nothing for a while: told what is then, in the end the same', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  veth({ place: host.own, name: 'a', index: 40 }, { place: one, name: 'b', index: 50 });
  const story = await LinkStory.open(t, host, { bufferSize: 1 });
  for (let round = 0; round < 40; round++) {
    inside(one, (requests) => {
      requests.add('veth', { name: `x${round}`, index: 1000 }, { peer: { name: `y${round}`, index: 1001 } });
      requests.mtu(50, 1000 + round);
      if (round < 39) requests.remove(1000);
    });
    if (round % 10 === 0) await setTimeout(20);
  }
  const { buffered, paused } = story.follower.watcher.stats();
  assert(buffered <= 1 && paused, `${buffered} wait, ${paused}`);
  await story.settle();
  assert.equal(story.peer('one-1', 'x39'), '-> one-1:y39');
  assert.equal(story.link('one-1', 'b').mtu, 1039);
  // Not each of them was told.
  assert(story.events.length < 80, `${story.events.length} events`);
});

test('stopped or aborted during the first read: nothing is left open', async (t) => {
  const host = freshHost(t);
  for (let at = 0; at < 80; at++)
    veth({ place: host.own, name: `a${at}`, index: 0 }, { place: host.addHeld(), name: 'b', index: 0 });
  await (await UnifiedNamespaceWatcher.open({ links: true })).stop();
  await withoutLeak(async () => {
    for (let turns = 0; turns < 12; turns++) {
      const controller = new AbortController();
      const opening = UnifiedNamespaceWatcher.open({ links: true, signal: controller.signal });
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      controller.abort();
      const end = await opening
        .then(
          (watcher) => watcher.recv(),
          (error: unknown) => error,
        )
        .catch((error: unknown) => error);
      assert.equal((end as Error).name, 'AbortError');
    }
  });
});

test('entries and events after a stop: none, and stop during a full read', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  await (await UnifiedNamespaceWatcher.open({ links: true })).stop();
  await withoutLeak(async () => {
    for (let round = 0; round < 10; round++) {
      const watcher = await UnifiedNamespaceWatcher.open({ links: true });
      inside(one, (requests) => {
        requests.add('bridge', { name: 'br', index: 50 });
        requests.remove(50);
      });
      for (let turn = 0; turn < round; turn++) await setTimeout(1);
      watcher.tryRecv();
      await watcher.stop();
      assert.deepEqual([watcher.tryRecv(), watcher.isWatchingLinks], [undefined, false]);
    }
  });
});
