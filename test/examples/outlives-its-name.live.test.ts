/** examples/outlives-its-name.js, as it stands there, while names go. */
import { freshRun } from '../support/netns.ts';
import { ip } from '../support/sigstop.ts';
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { freshTable } from '../support/nsids.ts';
import { startExample } from './example.ts';

test('tells of names that go whether their namespaces live on, and when these are gone', async (t) => {
  freshTable(t);
  freshRun(t);
  await ip('netns', 'add', 'blue');
  await ip('netns', 'set', 'blue', '7');
  await ip('netns', 'add', 'quiet');
  const { next } = startExample(t, 'outlives-its-name.js');
  assert.equal(await next(), 'there      blue 7');
  assert.equal(await next(), 'there      quiet (no nsid)');

  const holder = openSync('/run/netns/blue', 'r');
  await ip('netns', 'del', 'blue');
  assert.equal(await next(), 'lives on   blue');
  closeSync(holder);
  assert.equal(await next(), 'gone       blue 7');

  await ip('netns', 'del', 'quiet');
  assert.equal(await next(), 'unknown    quiet');
  await ip('netns', 'add', 'red');
  assert.equal(await next(), 'created    red');
  await ip('netns', 'set', 'red', '8');
  assert.equal(await next(), 'assigned   red 8');
  await ip('netns', 'del', 'red');
  assert.equal(await next(), 'has ended  red');
  assert.equal(await next(), 'gone       red 8');
});

test('--assign: nothing is unknown', async (t) => {
  freshTable(t);
  freshRun(t);
  await ip('netns', 'add', 'old');
  const { next } = startExample(t, 'outlives-its-name.js', '--assign');
  assert.equal(await next(), 'there      old 0');
  await ip('netns', 'del', 'old');
  assert.equal(await next(), 'has ended  old');
  assert.equal(await next(), 'gone       old 0');
});
