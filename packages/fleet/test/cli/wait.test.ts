/** `nlink-fleet wait` over a broker in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { wait } from '../../src/cli/commands/wait.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { MemoryBroker } from '../support/memory-transport.ts';
import { MemoryIo } from './support/memory-io.ts';

const waiting = (made: MemoryIo, what: string, options: string[] = []): Promise<number> =>
  wait(
    {
      options: new Map(options.map((option) => [option, []])),
      arguments: new Map([['what', [what]]]),
    } as never,
    made.io,
  );

test('it looks once after all that came at once', async () => {
  const broker = new MemoryBroker();
  const agents = ['one', 'two'].map((key) => new MemoryAgent(broker, key));
  const made = new MemoryIo(broker);
  const running = waiting(made, '*/c');
  await waitFor('a first look', () => made.looks === 1);
  for (let at = 0; at < 100; at++) for (const agent of agents) agent.act(at % 2 === 0 ? 0 : 2, 0, 1);
  await waitFor('another look', () => made.looks > 1);
  assert.ok(made.looks < 10, `${made.looks} looks`);
  agents[1]?.act(0, 2, 1);
  assert.equal(await within('the end', running), 0);
});

test('what was so before it looked, or is so just after, is found', async () => {
  const broker = new MemoryBroker();
  const agent = new MemoryAgent(broker, 'one');
  agent.act(0, 0, 1);
  assert.equal(await within('there', waiting(new MemoryIo(broker), 'one/a')), 0);
  assert.equal(await within('not there', waiting(new MemoryIo(broker), 'one/b', ['gone'])), 0);
  const made = new MemoryIo(broker);
  const running = waiting(made, 'one/a', ['gone']);
  await waitFor('a first look', () => made.looks === 1);
  agent.act(2, 0, 0);
  assert.equal(await within('gone', running), 0);
});

test('a signal ends it, with its status', async () => {
  const broker = new MemoryBroker();
  const made = new MemoryIo(broker);
  const running = waiting(made, 'one/a');
  await waitFor('a first look', () => made.looks === 1);
  made.stop();
  assert.equal(await within('the end', running), 130);
});
