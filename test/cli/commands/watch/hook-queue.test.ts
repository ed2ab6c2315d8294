/** Which hook may start when: any sequence of hooks, ending in any order. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { BACKLOG, HookQueue } from '../../../../src/cli/commands/watch/hook-queue.ts';

const turn = (): Promise<void> => new Promise(setImmediate);

class Hook {
  state: 'waiting' | 'running' | 'ended' = 'waiting';
  end: () => void = () => {};
  readonly keys: readonly string[] | null;

  constructor(keys: readonly string[] | null) {
    this.keys = keys;
  }

  readonly run = (): Promise<void> => {
    this.state = 'running';
    return new Promise((resolve) => {
      this.end = () => {
        this.state = 'ended';
        resolve();
      };
    });
  };
}

const related = (a: Hook, b: Hook): boolean =>
  a.keys === null || b.keys === null || a.keys.some((key) => b.keys?.includes(key));

test('in order for what is related, beside each other otherwise, never too many, none forgotten', async () => {
  const keys = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }), { freq: 6 });
  const property = fc.asyncProperty(
    fc.array(keys, { maxLength: 20 }),
    fc.integer({ min: 1, max: 3 }),
    fc.infiniteStream(fc.nat()),
    async (all, most, choices) => {
      const queue = new HookQueue(most);
      const hooks = all.map((each) => new Hook(each));
      for (const hook of hooks) await queue.add(hook);
      let idle = false;
      const done = queue.idle().then(() => (idle = true));
      for (;;) {
        await turn();
        const running = hooks.filter(({ state }) => state === 'running');
        assert.ok(running.length <= most);
        assert.equal(queue.running, running.length);
        hooks.forEach((hook, index) => {
          const blockers = hooks.slice(0, index).filter((o) => o.state !== 'ended' && related(o, hook));
          if (hook.state === 'running') assert.deepEqual(blockers, []);
          if (hook.state === 'waiting' && running.length < most) {
            // A hook that concerns everything holds back all that come after it.
            const held = hooks.slice(0, index).some((o) => o.keys === null && o.state !== 'ended');
            assert.ok(blockers.length > 0 || held);
          }
        });
        if (running.length === 0) break;
        assert.equal(idle, false);
        running[(choices.next().value as number) % running.length]?.end();
      }
      await done;
      assert.ok(hooks.every(({ state }) => state === 'ended'));
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

test('whoever adds waits while too many wait', async () => {
  const queue = new HookQueue(1);
  const hooks = Array.from({ length: BACKLOG + 1 }, () => new Hook(['a']));
  let added = 0;
  const adding = (async (): Promise<void> => {
    for (const hook of hooks) {
      await queue.add(hook);
      added++;
    }
  })();
  await turn();
  assert.equal(added, BACKLOG);
  hooks[0]?.end();
  await adding;
  assert.equal(added, BACKLOG + 1);
});

test('dropped: what has not been started, and how many', async () => {
  const queue = new HookQueue(1);
  const hooks = [new Hook(['a']), new Hook(['a']), new Hook(['b'])] as const;
  for (const hook of hooks) await queue.add(hook);
  assert.equal(queue.drop(), 2);
  hooks[0].end();
  await queue.idle();
  assert.deepEqual(
    hooks.map(({ state }) => state),
    ['ended', 'waiting', 'waiting'],
  );
});
