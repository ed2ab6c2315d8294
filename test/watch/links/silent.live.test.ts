/**
 * What the kernel tells nobody: alternative names and aliases of links that are down
 * (`netdev_state_change` in net/core/dev.c). Found when all is read again, or when anything else
 * happens to the link.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { Clock } from '../../../src/watch/stream/clock.ts';
import { ip } from '../../support/netns.ts';
import { freshHost, inside, LinkStory } from './support/link-story.ts';

const LONG = 60_000;

/** A clock whose long timers run only when they are told to. */
function hurriedClock(): { clock: Clock; hurry: () => void } {
  const long = new Set<() => void>();
  const clock: Clock = {
    now: () => systemClock.now(),
    after(milliseconds, callback) {
      if (milliseconds < LONG) return systemClock.after(milliseconds, callback);
      long.add(callback);
      return () => long.delete(callback);
    },
  };
  const hurry = (): void => {
    for (const callback of [...long]) if (long.delete(callback)) callback();
  };
  return { clock, hurry };
}

test('alternative names and the alias of a link that is down: found by the next full read', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  inside(one, (requests) => requests.add('bridge', { name: 'br', index: 50 }));
  const { clock, hurry } = hurriedClock();
  const io = { system: netlinkSystem(), clock, diagnosis: new NameDiagnosis() };
  const story = await LinkStory.open(t, host, {}, io);
  const asked = story.follower.watcher.stats().links?.listed ?? 0;
  inside(one, (requests) => requests.altName(50, 'a-name-longer-than-fifteen', true));
  ip('-n', 'one', 'link', 'set', 'dev', 'br', 'alias', 'so it is');
  assert.deepEqual(await story.settle(), []);
  assert.deepEqual(story.link('one-1', 'br').altNames, []);
  for (let round = 0; round < 2; round++) {
    hurry();
    const told =
      round === 0 ? await story.until('changed one-1:br alias altNames alone') : await story.settle();
    assert.deepEqual(told, round === 0 ? ['changed one-1:br alias altNames alone'] : []);
  }
  const { altNames, alias } = story.link('one-1', 'br');
  assert.deepEqual([altNames, alias], [['a-name-longer-than-fifteen'], 'so it is']);
  assert((story.follower.watcher.stats().links?.listed ?? 0) >= asked + 4, 'it was read twice');
});

test('the same of a link that is up is told at once, and of one that is down with what else changes', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  inside(one, (requests) => {
    requests.add('bridge', { name: 'br', index: 50 });
    requests.add('bridge', { name: 'down', index: 51 });
    requests.up(50, true);
  });
  const story = await LinkStory.open(t, host);
  await story.settle();
  inside(one, (requests) => requests.altName(50, 'also', true));
  assert.deepEqual(await story.until('changed one-1:br altNames alone'), ['changed one-1:br altNames alone']);
  inside(one, (requests) => {
    requests.altName(51, 'too', true);
    requests.mtu(51, 1400);
  });
  assert.deepEqual(await story.until('changed one-1:down altNames mtu alone'), [
    'changed one-1:down altNames mtu alone',
  ]);
});
