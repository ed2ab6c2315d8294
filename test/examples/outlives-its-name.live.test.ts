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
  await ip('netns', 'add', 'quiet');
  const { next } = startExample(t, 'outlives-its-name.js');
  assert.equal(await next(), 'there      blue');
  assert.equal(await next(), 'there      quiet');

  const holder = openSync('/run/netns/blue', 'r');
  await ip('netns', 'del', 'blue');
  assert.equal(await next(), 'lives on   blue');
  closeSync(holder);
  assert.equal(await next(), 'gone       blue');

  await ip('netns', 'del', 'quiet');
  assert.equal(await next(), 'has ended  quiet');
  assert.equal(await next(), 'gone       quiet');
  await ip('netns', 'add', 'red');
  assert.equal(await next(), 'created    red');
  await ip('netns', 'del', 'red');
  assert.equal(await next(), 'has ended  red');
  assert.equal(await next(), 'gone       red');
});
