/** What the page says of its connection: no place for it, no token, hidden. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { served as serving } from '../serve/support/served.ts';
import { freshRun, ip } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { browserTest, originOf } from './support/browsing.ts';
import { tabbedBrowser, withoutChromium } from './support/chromium.ts';
import { inState, pictureIsTrue } from './support/reading.ts';
import { Tab } from './support/tab.ts';

const TOKEN = 'of-a-test-0123456789';
const OTHER = 'another-one-0123456789';

browserTest('over the limit it says so, and comes back by itself', async ({ serve, open }) => {
  const served = await serve({ clients: 1 });
  const first = await open(served);
  await first.visit();
  await inState(first.page, 'live');
  const second = await open(served);
  // Its clock is put forward, so that nobody waits for it.
  await second.page.clock.install();
  await second.visit();
  await inState(second.page, 'busy');
  assert.match(await second.page.locator('#state').innerText(), /busy|place/i);
  await first.page.close();
  await waitFor('room', () => served.server.clients === 0);
  await second.page.clock.fastForward(60_000);
  await inState(second.page, 'live');
  await pictureIsTrue(second.page, served);
});

browserTest(
  'without a token it says what to do; with one in the URL it has a cookie',
  async ({ serve, open }) => {
    ip('netns', 'add', 'blue');
    const served = await serve({ token: TOKEN });
    const tab = await open(served);
    const { page } = tab;
    tab.expect(/status of 401/);
    await tab.visit();
    assert.match(await page.locator('body').innerText(), /token/);
    await tab.visit(`/?token=${TOKEN}`);
    await inState(page, 'live');
    await pictureIsTrue(page, served);
    assert.ok(!page.url().includes(TOKEN), page.url());
    assert.equal(await page.evaluate('document.cookie'), '', 'a script may read the cookie');
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite]),
      [[true, 'Strict']],
    );
    assert.ok(!cookies.some(({ value }) => value.includes(TOKEN)));
    await page.reload();
    await inState(page, 'live');
  },
);

browserTest('when the token is another one it says that it is refused', async ({ serve, open }) => {
  const first = await serve({ token: TOKEN });
  const tab = await open(first);
  const { page } = tab;
  await tab.visit(`/?token=${TOKEN}`);
  await inState(page, 'live');
  tab.expect(
    /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|status of 401/,
  );
  await first.server.stop();
  await serve({ token: OTHER, listen: `127.0.0.1:${first.port}` });
  await inState(page, 'refused');
  assert.match(await page.locator('body').innerText(), /token/);
});

test(
  'of many tabs each works when it is in front, and the others hold no connection',
  { skip: withoutChromium ?? false },
  async (t) => {
    freshRun(t);
    ip('netns', 'add', 'first');
    const served = await serving(t);
    await using tabbed = await tabbedBrowser();
    const [context] = tabbed.browser.contexts();
    assert.ok(context !== undefined);
    const tabs: Tab[] = [];
    // HTTP/1.1: a browser has six connections to a host for all its tabs.
    for (let count = 0; count < 9; count++) {
      const tab = await Tab.open(context, originOf(served.port));
      tabs.push(tab);
      await tab.page.bringToFront();
      await tab.visit();
      await inState(tab.page, 'live');
      await pictureIsTrue(tab.page, served);
    }
    await waitFor('the hidden ones to close their streams', () => served.server.clients === 1);
    ip('netns', 'add', 'later');
    const [oldest] = tabs;
    assert.ok(oldest !== undefined);
    const { page } = oldest;
    assert.ok(!(await text(page)).includes('later'));
    await page.bringToFront();
    await inState(page, 'live');
    await pictureIsTrue(page, served);
    await waitFor('one stream again', () => served.server.clients === 1);
    for (const tab of tabs) tab.check();
  },
);

const text = (page: Page): Promise<string> => page.locator('body').innerText();
