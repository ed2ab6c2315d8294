/**
 * How a `NamespaceWatcher` starts and ends. How programs end by themselves: ending.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { testLifecycle } from '../support/lifecycle.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { brief } from '../support/replay.ts';
import { startStorm } from '../../support/storm.ts';

const STORM = 'while :; do : > storm; rm storm; : > other; rm other; done';

testLifecycle(async () => {
  const directory = netnsDirectory();
  let happened = 0;
  return {
    open: (options = {}) => NamespaceWatcher.open({ directory, ...options }),
    happen: async () => {
      const name = `n${happened++}`;
      addNamespace(`${directory}/${name}`);
      return `created ${name}`;
    },
    brief,
    storm: () => startStorm(['sh', '-c', STORM], directory),
    openInStorm: (round) =>
      NamespaceWatcher.open({ directory, readyTimeout: round % 2, bufferSize: 1 + round }),
    isOpen: (watcher) => (watcher as NamespaceWatcher).isWatchingNetns,
  };
});

test('listAndWatch rejects for a signal that was aborted before, and opens nothing', async () => {
  const options = { directory: netnsDirectory(), signal: AbortSignal.abort() };
  await withoutLeak(async () => {
    await assert.rejects(NamespaceWatcher.listAndWatch(options), { name: 'AbortError', code: 'ABORT_ERR' });
  });
});
