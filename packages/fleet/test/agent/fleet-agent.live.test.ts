/** A real host, watched by the real watcher, and told over a real server. */
import '../../../../test/support/sandbox.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freshRun, ip } from '../../../../test/support/netns.ts';
import { waitFor } from '../../../../test/support/wait.ts';
import { FleetAgent } from '../../src/agent/fleet-agent.ts';
import { UnifiedNamespaceWatcher } from '../../src/core.ts';
import { askSubject } from '../../src/wire/subjects.ts';
import { unpacked } from '../../src/wire/payload.ts';
import { openStore } from '../support/agents.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';

const KEY = 'live';

async function startAgent(t: TestContext, server: NatsServer): Promise<FleetAgent> {
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
  const agent = await FleetAgent.start({ watcher, nats: { servers: server.url }, key: KEY });
  t.after(() => agent.stop());
  return agent;
}

test('what a real host has is told, through an outage, to the goodbye', withServer, async (t) => {
  freshRun(t);
  ip('netns', 'add', 'first');
  const server = await startNatsServer({ t });
  const store = await openStore(t, server);
  const agent = await startAgent(t, server);
  await store.says(KEY, ['first']);
  ip('netns', 'add', 'second');
  ip('-n', 'second', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  await store.says(KEY, ['first', 'second']);

  await server.restart();
  ip('netns', 'del', 'first');
  ip('netns', 'add', 'third');
  await store.says(KEY, ['second', 'third']);

  store.connection.publish(askSubject(KEY));
  await waitFor('a snapshot with both ends', async () => {
    const { snapshot } = await store.kept(KEY);
    return snapshot !== null && /"v0".*"v1"/.test(unpacked(snapshot.body));
  });
  await agent.stop();
  assert.equal(await agent.ended, null);
  const { head } = await store.kept(KEY);
  assert.equal(head?.bye, true);
  assert.equal(head?.seq, agent.state.seq);
  assert.equal(head?.counts.names, 2);
  // lo in each, and the pair.
  assert.ok((head?.counts.links ?? 0) >= 4, `${head?.counts.links} links`);
});
