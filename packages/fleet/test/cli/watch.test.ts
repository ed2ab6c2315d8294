/** `nlink-fleet watch` over a broker in memory. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { watch } from '../../src/cli/commands/watch.ts';
import type { Io } from '../../src/cli/host/io.ts';
import { FleetWatcher } from '../../src/index.ts';
import type { FleetHost } from '../../src/index.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { MemoryBroker } from '../support/memory-transport.ts';

test('lines cost no look at all hosts, and two hosts of one name are told apart', async () => {
  const broker = new MemoryBroker();
  const one = new MemoryAgent(broker, 'one', { name: 'node' });
  const two = new MemoryAgent(broker, 'two', { name: 'other' });
  let looks = 0;
  let stop: () => void = () => {};
  const stdout = new PassThrough();
  let text = '';
  stdout.on('data', (chunk) => (text += String(chunk)));
  const io = {
    stdout,
    stderr: new PassThrough(),
    quiet: true,
    env: {},
    natsTransport: async () => broker.transport(),
    openWatcher: async (options: Parameters<Io['openWatcher']>[0]) => {
      const fleet = await FleetWatcher.open(options);
      const hosts = fleet.hosts.bind(fleet);
      fleet.hosts = (): readonly FleetHost[] => (looks++, hosts());
      return fleet;
    },
    onStop: (listener: () => void) => ((stop = listener), () => {}),
    onReaderGone: () => () => {},
  } as unknown as Io;
  const running = watch({ options: new Map(), arguments: new Map() } as never, io);
  await waitFor('the list', () => looks > 0);
  one.act(0, 0, 1);
  two.act(0, 0, 1);
  await waitFor('two lines', () => text.split('\n').length > 2);
  // Another host of the same name: from now on a part of the key is said, too.
  const three = new MemoryAgent(broker, 'three', { name: 'node' });
  three.act(0, 1, 1);
  one.act(0, 1, 1);
  await waitFor('all lines', () => text.split('\n').length > 6);
  const words = text
    .split('\n')
    .flatMap((line) => (line === '' ? [] : line.split(/ +/).slice(1, 3).join(' ')));
  assert.deepEqual(words, [
    'node created',
    'other created',
    'node~three host',
    'node~three resynced',
    'node~three created',
    'node~one created',
  ]);
  assert.equal(looks, 1);
  stop();
  assert.equal(await within('the end', running), 0);
});
