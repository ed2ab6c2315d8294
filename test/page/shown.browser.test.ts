/** The page in Chromium: what it shows, and that nothing in it goes wrong. */
import { strict as assert } from 'node:assert';
import { browserTest } from './support/browsing.ts';

browserTest('opens without a complaint of the browser', async ({ serve, open }) => {
  const tab = await open(await serve());
  await tab.visit();
  assert.match(await tab.page.title(), /nlink/);
});
