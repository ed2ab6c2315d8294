/** `nlink-fleet watch` over a broker in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { watch } from '../../src/cli/commands/watch.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { MemoryBroker } from '../support/memory-transport.ts';
import { MemoryIo } from './support/memory-io.ts';

test('lines cost no look at all hosts, and two hosts of one name are told apart', async () => {
  const broker = new MemoryBroker();
  const one = new MemoryAgent(broker, 'one', { name: 'node' });
  const two = new MemoryAgent(broker, 'two', { name: 'other' });
  const made = new MemoryIo(broker);
  const running = watch({ options: new Map(), arguments: new Map() } as never, made.io);
  await waitFor('the list', () => made.looks > 0);
  one.act(0, 0, 1);
  two.act(0, 0, 1);
  await waitFor('two lines', () => made.lines.length === 2);
  // Another host of the same name: from now on a part of the key is said, too.
  const three = new MemoryAgent(broker, 'three', { name: 'node' });
  three.act(0, 1, 1);
  one.act(0, 1, 1);
  await waitFor('all lines', () => made.lines.length === 6);
  assert.deepEqual(
    made.lines.map((line) => line.split(/ +/).slice(1, 3).join(' ')),
    [
      'node created',
      'other created',
      'node~three host',
      'node~three resynced',
      'node~three created',
      'node~one created',
    ],
  );
  assert.equal(made.looks, 1);
  made.stop();
  assert.equal(await within('the end', running), 0);
});
