/** The pointer and the keyboard where something happens meanwhile. */
import { strict as assert } from 'node:assert';
import { ip } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { browserTest } from './support/browsing.ts';
import { smallHost } from './support/host.ts';
import { inState, pictureIsTrue } from './support/reading.ts';

browserTest('a pointer that is let go outside moves the picture no more', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  await pictureIsTrue(page, served);
  const place = (): Promise<string | null> => page.locator('#world').getAttribute('transform');
  const { x, y, height } = (await page.locator('#picture').boundingBox()) ?? { x: 0, y: 0, height: 0 };
  // Whoever has moved it keeps it: it is fitted no more.
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  await page.mouse.move(x + 40, y + 40);
  await page.mouse.up();
  const twoFrames = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
  await page.evaluate(twoFrames);
  const before = await place();
  await page.mouse.move(x + 3, y + height - 1.5);
  await page.mouse.down();
  await page.mouse.move(x + 3, y + height + 30);
  await page.mouse.up();
  await page.mouse.move(x + 200, y + 200);
  await page.mouse.move(x + 300, y + 300);
  await page.evaluate(twoFrames);
  assert.equal(await place(), before);
});

browserTest('the keyboard stays where it is while things come and go', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  const { page } = tab;
  await inState(page, 'live');
  ip('netns', 'add', 'first');
  const line = page.locator('#timeline button', { hasText: 'first created' });
  await line.focus();
  ip('netns', 'add', 'second');
  await page.locator('#timeline button', { hasText: 'second created' }).waitFor();
  const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent');
  assert.match(await focused(), /first created/);
  // In the panel of one that goes.
  await line.click();
  await page.locator('#panel .close').focus();
  ip('netns', 'del', 'first');
  await waitFor('no panel', async () => !(await page.locator('#panel').isVisible()));
  assert.equal(await page.evaluate('document.activeElement.id'), 'picture');
});
