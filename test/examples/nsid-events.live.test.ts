/** examples/nsid-events.js, as it stands there, while ids come and go. */
import { spawnHolder } from '../support/netns.ts';
import { ip } from '../support/sigstop.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Connection } from '../../src/index.ts';
import { startExample } from './example.ts';

test('tells which ids are there, and each that comes and goes, with its name', async (t) => {
  await using connection = await Connection.open();
  await ip('netns', 'add', 'red');
  await ip('netns', 'set', 'red', '3');
  await ip('netns', 'add', 'quiet');
  const unnamed = await spawnHolder(t);
  await connection.setNsid({ pid: unnamed.pid }, 5);

  const { next } = startExample(t, 'nsid-events.js');
  assert.equal(await next(), 'there    3 red');
  assert.equal(await next(), 'there    5 (no name)');

  await ip('netns', 'add', 'blue');
  await ip('netns', 'set', 'blue', '7');
  assert.equal(await next(), 'assigned 7 blue');
  const another = await spawnHolder(t);
  assert.equal(await connection.setNsid({ pid: another.pid }, 'auto'), 0);
  assert.equal(await next(), 'assigned 0 (no name)');

  await ip('netns', 'del', 'blue');
  assert.equal(await next(), 'removed  7 blue');
  await unnamed.end();
  assert.equal(await next(), 'removed  5 (no name)');
  await ip('netns', 'set', 'quiet', '7');
  assert.equal(await next(), 'assigned 7 quiet');
  await ip('netns', 'del', 'red');
  assert.equal(await next(), 'removed  3 red');
});
