/** A whole page, but for what is drawn, over a real server: restarted, cut off, out of sight. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { PageClient } from '../../../src/page/model/page-client.ts';
import type { PageNamespace } from '../../../src/replay/replay-types.ts';
import { serve } from '../../../src/serve/serve.ts';
import type { Serving } from '../../../src/serve/serving.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { freshRun, ip } from '../../support/netns.ts';
import { waitFor } from '../../support/wait.ts';
import { nodeIo } from '../support/node-io.ts';

async function open(t: TestContext, listen: string, token?: string): Promise<Serving> {
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
  t.after(() => watcher.stop());
  const server = await serve(watcher, { listen, token, clients: 1 });
  t.after(() => server.stop());
  return server;
}

function pageOf(t: TestContext, origin: string): { page: PageClient; states: string[] } {
  const states: string[] = [];
  const io = nodeIo(() => origin, 5);
  const page = new PageClient(io, (_, { state }) => {
    if (states.at(-1) !== state) states.push(state);
  });
  t.after(() => page.stop());
  page.start();
  return { page, states };
}

const called = (page: PageClient, label: string): PageNamespace | undefined =>
  [...page.model.namespaces.values()].find((box) => box.label === label);

test('a page follows, through a restart of the server and out of sight', async (t) => {
  freshRun(t);
  ip('link', 'set', 'lo', 'up');
  const first = await open(t, '127.0.0.1:0');
  const { page, states } = pageOf(t, first.address);
  await waitFor('it to be live', () => page.connection.state === 'live');
  ip('netns', 'add', 'blue');
  ip('link', 'add', 'vethb', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  await waitFor('a pair', () => {
    const blue = called(page, 'blue');
    const link = [...(blue?.links.values() ?? [])].find(({ name }) => name === 'eth0');
    return link?.peer?.namespace === 'own' && link.peer.name === 'vethb';
  });
  const { key } = called(page, 'blue') as PageNamespace;
  // No event tells its number.
  await waitFor('what no event tells', () => called(page, 'blue')?.linksState === 'live');

  await first.stop();
  await waitFor('its end', () => page.connection.state === 'ended');
  ip('netns', 'add', 'red');
  const second = await open(t, first.address.replace('http://', ''));
  await waitFor('the next', () => page.connection.state === 'live' && called(page, 'red') !== undefined);
  assert.equal(called(page, 'blue')?.key, key, 'it is the same box');
  assert.equal(second.address, first.address);

  page.visible(false);
  await waitFor('it to be hidden', () => page.connection.state === 'hidden');
  await waitFor('its place', () => second.clients === 0);
  ip('netns', 'del', 'blue');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(called(page, 'blue')?.ended, null);
  page.visible(true);
  await waitFor('what it missed', () => called(page, 'blue')?.ended !== null);
  await waitFor('it to go', () => called(page, 'blue') === undefined);
  assert.deepEqual(states, ['connecting', 'live', 'ended', 'live', 'hidden', 'connecting', 'live']);
});

test('the second page waits for a place, and gets it', async (t) => {
  freshRun(t);
  ip('link', 'set', 'lo', 'up');
  const server = await open(t, '127.0.0.1:0');
  const one = pageOf(t, server.address);
  await waitFor('the first', () => one.page.connection.state === 'live');
  const two = pageOf(t, server.address);
  await waitFor('the second', () => two.page.connection.state === 'busy');
  one.page.stop();
  await waitFor('its place', () => two.page.connection.state === 'live');
  assert.deepEqual(two.states, ['connecting', 'busy', 'live']);
});

test('without the token a page says so', async (t) => {
  freshRun(t);
  ip('link', 'set', 'lo', 'up');
  const server = await open(t, '127.0.0.1:0', 'a-token-that-is-long-enough');
  const { page } = pageOf(t, server.address);
  await waitFor('the word', () => page.connection.state === 'refused');
});
