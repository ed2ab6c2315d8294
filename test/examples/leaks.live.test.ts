/** examples/leaks.js, as it stands there: what ends soon after its name is no leak. */
import { freshRun } from '../support/netns.ts';
import { ip } from '../support/sigstop.ts';
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { freshTable } from '../support/nsids.ts';
import { startExample } from './example.ts';

test('a namespace that ends a second after its name is not called a leak; one that stays is', async (t) => {
  freshTable(t);
  freshRun(t);
  await ip('netns', 'add', 'podman');
  await ip('netns', 'add', 'kept');
  const { next } = startExample(t, 'leaks.js');
  assert.equal(await next(), 'looking for leaks');
  const holder = openSync('/run/netns/podman', 'r');
  const leak = openSync('/run/netns/kept', 'r');
  t.after(() => closeSync(leak));
  await ip('netns', 'del', 'podman');
  // Longer than any runtime was seen to take, and shorter than the example waits.
  await setTimeout(1000);
  closeSync(holder);
  assert.equal(await next(), 'ended  podman');
  await ip('netns', 'del', 'kept');
  assert.equal(await next(), `leaked kept by 1 process(es): ${process.pid}`);
});
