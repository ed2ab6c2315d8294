/** The page can be used by people with other senses and devices, however it is drawn (axe-core). */
import type { TestContext } from 'node:test';
import { ip, spawnHolder } from '../support/netns.ts';
import type { Served } from '../serve/support/served.ts';
import { isAccessible } from './support/accessible.ts';
import { browserTest } from './support/browsing.ts';
import type { Browsing } from './support/browsing.ts';
import { smallHost } from './support/host.ts';
import { find, inState, showPicture, showTable } from './support/reading.ts';

/** One of each that is drawn in its own way. */
async function variedHost(t: TestContext, serve: Browsing['serve']): Promise<Served> {
  smallHost(t);
  ip('-n', 'blue', 'link', 'set', 'eth0', 'up');
  ip(
    '-n',
    'alone',
    'link',
    'add',
    'vx',
    'type',
    'vxlan',
    'id',
    '7',
    'remote',
    '192.0.2.1',
    'dstport',
    '4789',
  );
  ip('netns', 'add', '<b>\u202e');
  for (let count = 0; count < 5; count++) await spawnHolder(t);
  return serve();
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 480])
    browserTest(`axe finds nothing: ${colorScheme}, ${width} wide`, async ({ t, serve, open }) => {
      const served = await variedHost(t, serve);
      const tab = await open(served, { colorScheme, viewport: { width, height: 800 } });
      await tab.visit();
      const { page } = tab;
      await inState(page, 'live');
      await showPicture(page);
      await isAccessible(page, 'picture');
      await find(page, 'blue');
      await isAccessible(page, 'panel');
      await showTable(page);
      await isAccessible(page, 'table');
      ip('netns', 'del', 'alone');
      await showPicture(page);
      await page.locator('#fit').click();
      // Far out, as on a small screen, it is a part of a path.
      await page.locator('#picture g[data-ended], #picture path.ended').first().waitFor();
      await isAccessible(page, 'one that ended');
    });

browserTest('axe finds nothing: forced colours, less motion', async ({ t, serve, open }) => {
  const served = await variedHost(t, serve);
  const tab = await open(served, { forcedColors: 'active', reducedMotion: 'reduce' });
  await tab.visit();
  await inState(tab.page, 'live');
  await isAccessible(tab.page, 'picture');
});
