/**
 * The look after the watch on mounts is laid: it comes even where nothing else keeps the event loop
 * awake.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const module = (path: string): string =>
  JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

test('the first call comes by itself, and then the process ends by itself', () => {
  const script = `
    import { MountChanges } from ${module('netns/mounts/mount-changes.js')};
    import { linux } from ${module('sys/system.js')};
    new MountChanges(linux(), () => console.log('called'));`;
  const words = ['--input-type=module', '-e', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([stdout, stderr, status], ['called\n', '', 0]);
});
