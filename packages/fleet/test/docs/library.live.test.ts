/** docs/fleet/library.md: its programs are files, word for word, and print what it says there. */
import '../../../../test/support/sandbox.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { read } from '../../../../test/docs/tables.ts';
import { startExample } from '../../../../test/examples/example.ts';
import type { Example } from '../../../../test/examples/example.ts';
import { freshRun, ip } from '../../../../test/support/netns.ts';
import { openStore, startAgent } from '../support/agents.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

const PAGE = 'docs/fleet/library.md';

test('the programs are files', () => {
  const shown = [...read(PAGE).matchAll(/\]\([./]*(examples\/fleet\/[\w.-]+)\):\n\n```js\n([^]*?)^```$/gm)];
  const names = shown.map(([, file = '', text]) => {
    assert.equal(text, read(file), file);
    return file;
  });
  assert.deepEqual(names, ['examples/fleet/where.js', 'examples/fleet/agent.js']);
});

/** The next line of this kind: others say how the connection is. */
async function until(example: Example, pattern: RegExp): Promise<string> {
  for (;;) {
    const line = await example.next();
    if (pattern.test(line)) return line;
  }
}

async function streams(t: TestContext): Promise<string> {
  const server = await startNatsServer({ t });
  await openStore(t, server);
  return server.url;
}

test('the agent publishes this host, and the reader says where a name is', withServer, async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const url = await streams(t);
  const agent = startExample(t, 'fleet/agent.js', url, 'node-1');
  await until(agent, /connected/);
  const where = startExample(t, 'fleet/where.js', 'blue', url);
  assert.equal(await until(where, /there/), "there { host: 'node-1', state: 'live' }");
  ip('netns', 'del', 'blue');
  assert.equal(await until(where, /gone/), "gone { host: 'node-1', state: 'live' }");
  ip('netns', 'add', 'blue');
  assert.equal(await until(where, /there/), "there { host: 'node-1', state: 'live' }");
  // Ends by itself, and without an error.
  assert.equal((await agent.end()).status, 0);
});

test('the session of two hosts', withServer, async (t) => {
  freshRun(t);
  const [, session = ''] = /```console\n\$ node where.js blue\n([^]*?)```/.exec(read(PAGE)) ?? [];
  const server = await startNatsServer({ t });
  await openStore(t, server);
  const running = ['node-1', 'node-2'].map((name) => startAgent(t, server, name, { name }));
  const [one, two] = await Promise.all(running);
  assert.ok(one !== undefined && two !== undefined);
  one.host.create('blue');
  two.host.create('blue');
  const where = startExample(t, 'fleet/where.js', 'blue', server.url);
  const lines = [await until(where, /there/), await until(where, /there/)].toSorted();
  one.host.remove('blue');
  lines.push(await until(where, /gone/));
  assert.deepEqual(`${lines.join('\n')}\n`, session);
});
