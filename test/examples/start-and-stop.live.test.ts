/** examples/start-and-stop.js, as it stands there, while names come and go. */
import { freshRun } from '../support/netns.ts';
import { ip } from '../support/sigstop.ts';
import { strict as assert } from 'node:assert';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { NamespaceEventSubscriber } from '../../src/watch/ids/namespace-event-subscriber.ts';
import { freshTable } from '../support/nsids.ts';
import { startExample } from './example.ts';

/** Says which namespace it is in, and stays. */
const COMMAND = ['sh', '-c', 'stat -Lc "running in %i" /proc/self/ns/net; exec sleep 300'];

test('one command for each namespace, whatever its names; stopped with the last of them', async (t) => {
  freshTable(t);
  freshRun(t);
  await using subscriber = await NamespaceEventSubscriber.open();
  const inode = (name: string): number => statSync(`/run/netns/${name}`).ino;
  await ip('netns', 'add', 'blue');
  await ip('netns', 'set', 'blue', '7');
  await ip('netns', 'attach', 'own', String(process.pid));
  const { next, end } = startExample(t, 'start-and-stop.js', ...COMMAND);
  assert.equal(await next(), 'started blue');
  assert.equal(await next(), `running in ${inode('blue')}`);

  await ip('netns', 'add', 'red');
  assert.equal(await next(), 'started red');
  assert.equal(await next(), `running in ${inode('red')}`);

  // The command is in it, and yet it ends.
  assert.deepEqual(await subscriber.recv(), { type: 'newNsid', nsid: 7 });
  await ip('netns', 'del', 'blue');
  assert.equal(await next(), 'stopped blue');
  assert.deepEqual(await subscriber.recv(), { type: 'delNsid', nsid: 7 });

  await ip('netns', 'set', 'red', '8');
  assert.deepEqual(await subscriber.recv(), { type: 'newNsid', nsid: 8 });
  assert.deepEqual(await end(), { lines: ['stopped red'], status: 0 });
  await ip('netns', 'del', 'red');
  assert.deepEqual(await subscriber.recv(), { type: 'delNsid', nsid: 8 });
});
