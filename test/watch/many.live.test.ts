/**
 * Fifty watchers in one process, of one directory: all are told the same, each goes on when others
 * are started and stopped in the middle of a storm, and nothing is left behind. Twenty processes:
 * many-processes.slow.test.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NamespaceEventSubscriber } from '../../src/watch/ids/namespace-event-subscriber.ts';
import { NamespaceWatcher } from '../../src/watch/names/namespace-watcher.ts';
import { UnifiedNamespaceWatcher } from '../../src/watch/unified/unified-namespace-watcher.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../support/netns.ts';
import { connect, freshTable } from '../support/nsids.ts';
import { NsidReplay } from './support/nsid-replay.ts';
import { Replay } from './support/replay.ts';
import { startStorm } from '../support/storm.ts';
import { waitFor } from '../support/wait.ts';
import { UnifiedReplay } from './support/unified-replay.ts';

const churn = fileURLToPath(new URL('fixtures/storm.js', import.meta.url));

interface Crowd {
  names: Replay[];
  both: UnifiedReplay[];
  ids: NsidReplay[];
}

/** Twenty, twenty and ten, with room for many events or for one. */
async function crowd(t: TestContext, directory: string): Promise<Crowd> {
  const all: Crowd = { names: [], both: [], ids: [] };
  for (let index = 0; index < 20; index++) {
    const bufferSize = index % 2 === 0 ? 100 : 1;
    all.names.push(await Replay.open(t, { directory, bufferSize }));
    all.both.push(await UnifiedReplay.open(t, { directory, bufferSize, netlink: 'require' }));
    if (index % 2 === 0) all.ids.push(await NsidReplay.open(t, { bufferSize }));
  }
  return all;
}

/**
 * Until each is quiet, these are the ids, and the invariant of each holds. @returns what each was
 * told, in brief
 */
async function settle({ names, both, ids }: Crowd, assigned: readonly number[]): Promise<string[][][]> {
  const told: string[][][] = [[], [], []];
  for (const replay of names) told[0]?.push(await replay.settle());
  for (const replay of both) told[1]?.push(await replay.settleAt(...assigned));
  for (const replay of ids) told[2]?.push(await replay.settleAt(...assigned));
  return told;
}

async function stop({ names, both, ids }: Crowd): Promise<void> {
  for (const { watcher } of names) await watcher.stop();
  for (const replay of [...both, ...ids]) await replay.close();
}

test('fifty watchers get the same events in the same order', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const connection = await connect(t);
  await (await UnifiedNamespaceWatcher.open({ directory })).stop();
  await withoutLeak(async () => {
    const all = await crowd(t, directory);
    const paths = Array.from({ length: 5 }, (_, index) => `${directory}/a${index}`);
    const steps: ((path: string, index: number) => unknown)[] = [
      addNamespace,
      (path, index) => connection.setNsid({ path }, index),
      deleteNamespace,
    ];
    for (const [at, step] of steps.entries()) {
      for (const [index, path] of paths.entries()) await step(path, index);
      for (const kind of await settle(all, at === 1 ? [...paths.keys()] : [])) {
        const [first = []] = kind;
        for (const told of kind) assert.deepEqual(told.toSorted(), first.toSorted());
      }
    }
    await stop(all);
  });
});

test('started and stopped in a storm, beside fifty that go on: all come to what is there', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  await (await UnifiedNamespaceWatcher.open({ directory })).stop();
  await withoutLeak(async () => {
    const all = await crowd(t, directory);
    const storm = startStorm([process.execPath, churn, `${directory}/s`, '300']);
    for (const replay of [...all.names, ...all.both, ...all.ids]) replay.takeOn();
    await waitFor('the storm', () => (all.names[0]?.events.length ?? 0) > 0);
    for (let round = 0; round < 20; round++) {
      const opened = [
        await NamespaceWatcher.open({ directory }),
        await UnifiedNamespaceWatcher.open({ directory }),
        await NamespaceEventSubscriber.open(),
      ];
      for (let turn = 0; turn < round; turn++) await setImmediate();
      for (const one of opened) one.tryRecv();
      await Promise.all(opened.map((one) => one.stop()));
    }
    await storm.end();
    // One of each is held to what a watcher opened now finds, which takes long; the others to that
    // one.
    for (const [first] of [all.names, all.both, all.ids]) assert.equal(await first?.settleOrEnd(), null);
    const states: [() => string, string][] = [
      ...all.names.map(
        ({ model }) => [() => [...model.names.keys()].sort().join(), 'names'] as [() => string, string],
      ),
      ...all.both.map(({ model }) => [() => model.describe().join(), 'both'] as [() => string, string]),
      ...all.ids.map(
        ({ model }) => [() => [...model.ids].sort((a, b) => a - b).join(), 'ids'] as [() => string, string],
      ),
    ];
    const first = new Map(states.toReversed().map(([state, kind]) => [kind, state]));
    await waitFor('all to come to the same', () =>
      states.every(([state, kind]) => state() === first.get(kind)?.()),
    );
    await stop(all);
  });
});
