/** Using the page: by keyboard, by search, by its address; saved, printed, on small screens. */
import { strict as assert } from 'node:assert';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { ip, spawnHolder } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { browserTest } from './support/browsing.ts';
import { smallHost } from './support/host.ts';
import { find, hiddenInForms, inState, pictureIsTrue, showPicture, showTable } from './support/reading.ts';
import type { Page } from 'playwright-core';

const focused = (page: Page): Promise<string> =>
  page.evaluate(
    `document.activeElement?.id + ' ' + (document.activeElement?.getAttribute('aria-label') ?? '')`,
  );

browserTest('from loading to the far end of a wire by the keyboard alone', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, served);
  const { keyboard } = page;
  await keyboard.press('/');
  assert.match(await focused(page), /^search/);
  await keyboard.type('blue');
  await page.locator('#found', { hasText: /[1-9]/ }).waitFor();
  await keyboard.press('Enter');
  const panel = page.locator('#panel');
  // Into the picture, and there from box to box.
  for (let presses = 0; !(await focused(page)).startsWith('picture'); presses++) {
    assert.ok(presses < 30, await focused(page));
    await keyboard.press('Tab');
  }
  await keyboard.press('Enter');
  await panel.waitFor();
  assert.match(await panel.innerText(), /blue/);
  const opened = await panel.innerText();
  await keyboard.press('l');
  await keyboard.press('l');
  await keyboard.press('f');
  await keyboard.press('Enter');
  await waitFor('another one in the panel', async () => (await panel.innerText()) !== opened);
  // Back from the link, from the panel.
  for (let presses = 0; await panel.isVisible(); presses++) {
    assert.ok(presses < 5);
    await keyboard.press('Escape');
  }
});

browserTest('finds by name, process, MAC and inode', async ({ t, serve, open }) => {
  smallHost(t);
  const holder = await spawnHolder(t, '/run/netns/red');
  const { ino } = statSync('/run/netns/alone');
  const [, mac = ''] = /link\/ether (\S+)/.exec(ip('-n', 'blue', 'link', 'show', 'eth0')) ?? [];
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, served);
  for (const [query, name] of [
    ['alone', 'alone'],
    [`pid:${holder.pid}`, 'red'],
    [mac, 'blue'],
    [mac.toUpperCase(), 'blue'],
    [`inode:${ino}`, 'alone'],
  ] as const) {
    await find(page, query);
    const first = page.locator('#panel');
    await waitFor(`${query} to open ${name}`, async () => (await first.innerText()).includes(name));
    await page.locator('#search').press('Escape');
  }
  await page.locator('#search').fill('no such thing');
  await waitFor('none', async () =>
    /\b(0|no|nothing|none)\b/i.test(await page.locator('#found').innerText()),
  );
  assert.deepEqual(await hiddenInForms(page), []);
});

browserTest('its address leads to the same again', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await find(page, 'blue');
  await page.locator('#panel').getByText('blue').first().waitFor();
  await showTable(page);
  await waitFor('an address of it', () => new URL(page.url()).hash !== '');
  const address = page.url();
  for (const again of [tab, await open(served)]) {
    await again.page.goto('about:blank');
    await again.page.goto(address);
    await inState(again.page, 'live');
    await again.page.locator('#panel').getByText('blue').first().waitFor();
    await again.page.locator('#table').waitFor();
    assert.equal(await again.page.locator('#search').inputValue(), 'blue');
  }
});

browserTest('Save SVG gives a picture that stands alone', async ({ t, serve, open }) => {
  smallHost(t);
  ip('netns', 'add', '<b>&"\u202e');
  // No XML may hold it, and it is in the key of a name without a namespace.
  writeFileSync('/run/netns/\u0001', '');
  const served = await serve();
  const tab = await open(served, { acceptDownloads: true });
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, served);
  const coming = page.waitForEvent('download');
  await page.locator('#save-svg').click();
  const download = await coming;
  assert.match(download.suggestedFilename(), /\.svg$/);
  const source = readFileSync(await download.path(), 'utf8');
  for (const name of ['blue', 'red', 'alone', '\\u202e', '\\x01', 'to-red'])
    assert.ok(source.includes(name), name);
  assert.doesNotMatch(source, /<script|<foreignObject|<image|\son\w+=|\u202e/);
  assert.doesNotMatch(source, /(?:href|src)\s*=|url\(\s*['"]?(?!#)|@import/);
  // Where no policy of the server's is in force, as where it is opened.
  const elsewhere = await page.context().newPage();
  const parsed = await elsewhere.evaluate<[string, string | null, number]>(`(() => {
    const parsed = new DOMParser().parseFromString(${JSON.stringify(source)}, 'image/svg+xml');
    return [parsed.documentElement.namespaceURI, parsed.querySelector('parsererror')?.textContent ?? null,
      parsed.querySelectorAll('text').length];
  })()`);
  assert.equal(parsed[0], 'http://www.w3.org/2000/svg');
  assert.equal(parsed[1], null);
  assert.ok(parsed[2] > 5);
});

browserTest('prints what it shows, without what is to be clicked', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, served);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#search').isVisible(), false);
  assert.equal(await page.locator('#picture').isVisible(), true);
  assert.ok((await page.pdf({ printBackground: true })).length > 5000);
});

browserTest('with less motion nothing is animated', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served, { reducedMotion: 'reduce' });
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await find(page, 'blue');
  ip('netns', 'add', 'late');
  await pictureIsTrue(page, served);
  assert.equal(await page.evaluate('document.getAnimations().length'), 0);
});

for (const width of [1280, 480, 320])
  browserTest(`${width} wide: nothing is cut off, and both views can be had`, async ({ t, serve, open }) => {
    smallHost(t);
    const served = await serve();
    const tab = await open(served, { viewport: { width, height: 700 } });
    await tab.visit();
    const { page } = tab;
    await inState(page, 'live');
    for (const show of [showTable, showPicture]) {
      await show(page);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(wide <= width, `${wide} wide`);
    }
    assert.ok((await page.locator('#picture g[data-key], #picture path.boxes').count()) > 0);
  });
