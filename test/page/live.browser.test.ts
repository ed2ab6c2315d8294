/** The page follows what happens: events, a restart of the server, a loss. */
import { strict as assert } from 'node:assert';
import { unlinkSync, writeFileSync } from 'node:fs';
import { addNamespace, ip, spawnHolder, unmountNamespace } from '../support/netns.ts';
import { isBrief } from '../support/runs.ts';
import { waitFor } from '../support/wait.ts';
import { browserTest } from './support/browsing.ts';
import { churn, plug, remove, smallHost } from './support/host.ts';
import { boxes, inState, pictureIsTrue, showTable, tableIsTrue } from './support/reading.ts';

browserTest('namespaces and wires come, move and go while it is open', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, served);
  const has = async (name: string): Promise<boolean> =>
    (await boxes(page)).some(({ label }) => label.startsWith(`${name},`));
  ip('netns', 'add', 'green');
  await waitFor('a box', () => has('green'));
  plug('green', 'eth0', 'vgreen');
  t.after(() => remove('vgreen'));
  await pictureIsTrue(page, served);
  ip('-n', 'green', 'link', 'set', 'eth0', 'name', 'wan0');
  ip('-n', 'green', 'link', 'set', 'wan0', 'up');
  await pictureIsTrue(page, served);
  ip('-n', 'green', 'link', 'set', 'wan0', 'netns', 'red');
  await pictureIsTrue(page, served);
  ip('netns', 'del', 'green');
  const green = page.locator('#picture g[data-ended]', { hasText: 'green' });
  await green.waitFor();
  assert.match((await green.getAttribute('data-ended')) ?? '', /^(destroyed|deleted)/);
  // For some seconds.
  await green.waitFor({ state: 'detached' });
  assert.equal(await has('green'), false);
  await pictureIsTrue(page, served);
});

browserTest(
  'a namespace that loses its name lives on as long as somebody is in it',
  async ({ t, serve, open }) => {
    ip('netns', 'add', 'blue');
    const holder = await spawnHolder(t, '/run/netns/blue');
    const served = await serve();
    const tab = await open(served);
    await tab.visit();
    const { page } = tab;
    await inState(page, 'live');
    await pictureIsTrue(page, served);
    unmountNamespace('/run/netns/blue');
    await page.locator('#picture g[data-key]', { hasText: 'lives without a name' }).waitFor();
    await page.locator('#picture g[data-key]', { hasText: 'not ready' }).waitFor();
    unlinkSync('/run/netns/blue');
    await holder.end();
    await page.locator('#picture g[data-ended]').first().waitFor();
    await pictureIsTrue(page, served);
    await page.locator('#picture g[data-ended]').first().waitFor({ state: 'detached' });
    await pictureIsTrue(page, served);
  },
);

browserTest('it comes back by itself when the server was restarted', async ({ serve, open }) => {
  ip('netns', 'add', 'before');
  const first = await serve();
  const tab = await open(first);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, first);
  tab.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
  await first.server.stop();
  await page.locator('#state:not([data-state="live"])').waitFor({ state: 'attached' });
  ip('netns', 'del', 'before');
  ip('netns', 'add', 'after');
  const second = await serve({ listen: `127.0.0.1:${first.port}` });
  await inState(page, 'live');
  await pictureIsTrue(page, second);
  ip('netns', 'add', 'later');
  await pictureIsTrue(page, second);
});

/** More than inotify's queue of 16,384 holds, in one turn of the event loop. */
function loseEvents(): void {
  for (let pair = 0; pair < 10_000; pair++) {
    writeFileSync('/run/netns/storm', '');
    unlinkSync('/run/netns/storm');
  }
  addNamespace('/run/netns/meanwhile');
}

browserTest('it says when events were lost, and is right again', async ({ serve, open }) => {
  ip('netns', 'add', 'blue');
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  assert.equal(await page.getByText(/events were lost/).count(), 0);
  loseEvents();
  await page
    .getByText(/events were lost/)
    .first()
    .waitFor();
  await pictureIsTrue(page, served);
});

browserTest('of a hundred updates a second nothing is lost in the end', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  const done = await churn(['vblue', 'vred', 'br0'], isBrief ? 2 : 6);
  t.diagnostic(`${done} updates`);
  await pictureIsTrue(page, served);
  await showTable(page);
  await tableIsTrue(page, served);
});
