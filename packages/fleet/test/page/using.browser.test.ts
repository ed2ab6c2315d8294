/** The page of a fleet as people use it: search, keys, links to it, other looks. */
import { strict as assert } from 'node:assert';
import { isAccessible } from '../../../../test/page/support/accessible.ts';
import { hiddenInForms, inState } from '../../../../test/page/support/reading.ts';
import { waitFor } from '../../../../test/support/wait.ts';
import { FleetLab } from '../serve/support/fleet-lab.ts';
import { HOSTILE, lab } from '../serve/support/hosts.ts';
import { boxesOn, fleetTest, head, shownHosts } from './support/fleet-browsing.ts';

function threeRacks(): FleetLab {
  const fleet = new FleetLab();
  for (let at = 0; at < 12; at++)
    fleet.add(`host${at}`, { name: `rack${at % 3}-${at}` }, lab(['web', `only-${at}`, 'db']));
  return fleet;
}

fleetTest('a search is over all hosts, and a match unfolds its host', async ({ serve, open }) => {
  const { page } = await open(await serve(threeRacks()));
  await inState(page, 'live');
  await page.locator('#search').fill('only-7');
  await page.locator('#found', { hasText: /^1 match on 1 host$/ }).waitFor();
  assert.deepEqual(
    (await shownHosts(page)).map(({ id }) => id),
    ['host7'],
  );
  await page.locator('#search').press('Enter');
  await page.locator('#panel-title', { hasText: 'only-7' }).waitFor();
  assert.match((await page.locator('#side .on').textContent()) ?? '', /rack1-7/);
  await page.locator('.host[data-id="host7"] g.box.lit.selected').waitFor();
  await page.locator('#search').fill('rack2 web');
  await page.locator('#found', { hasText: /^4 matches on 4 hosts$/ }).waitFor();
  await page.locator('.host[data-id="host5"] .hits button', { hasText: 'web' }).click();
  await page.locator('#panel-title', { hasText: 'web' }).waitFor();
  await page.locator('#search').fill('there-is-no-such');
  await page.locator('.empty').waitFor();
  assert.deepEqual(await hiddenInForms(page), []);
  await page.locator('#search').fill('');
  await waitFor('all again', async () => (await shownHosts(page)).length === 12);
});

fleetTest('everything can be done by keys', async ({ serve, open }) => {
  const { page } = await open(await serve(threeRacks()));
  await page.locator('.host').first().waitFor();
  const { keyboard } = page;
  const focused = (): Promise<string | null> =>
    page.evaluate('document.activeElement.closest(".host")?.dataset.id ?? document.activeElement.id');
  const reaches = (id: string): Promise<void> =>
    waitFor(`the focus at ${id}`, async () => (await focused()) === id);
  await keyboard.press('/');
  await reaches('search');
  await keyboard.press('Escape');
  await reaches('host0');
  await keyboard.press('ArrowRight');
  await reaches('host3');
  await keyboard.press('End');
  await reaches('host11');
  await keyboard.press('Home');
  await reaches('host0');
  await keyboard.press('Enter');
  await waitFor('its picture', async () => (await boxesOn(page, 'host0')).length === 4);
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.matches(".graph")'), true);
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await page.locator('#panel').waitFor();
  const active = await page.locator('.host[data-id="host0"] .graph').getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`[id="${active}"]`).count(), 1);
  await keyboard.press('Escape');
  await page.locator('#panel').waitFor({ state: 'detached' });
  await keyboard.press('t');
  await page.locator('.host[data-id="host0"] .table tr[data-key]').first().waitFor();
  await page.locator(head('host0')).focus();
  await keyboard.press('Enter');
  await waitFor('it to be folded', async () => (await shownHosts(page)).every(({ isOpen }) => !isOpen));
  await keyboard.press('?');
  await page.locator('#legend').waitFor();
  await keyboard.press('Escape');
  await page.locator('#legend').waitFor({ state: 'detached' });
});

fleetTest('an address leads to what was looked at', async ({ serve, open }) => {
  const served = await serve(threeRacks());
  const { page } = await open(served);
  await page.locator(head('host4')).click();
  await waitFor('its picture', async () => (await boxesOn(page, 'host4')).length === 4);
  await page.locator('.host[data-id="host4"] g.box:not(.own)', { hasText: 'only-4' }).click();
  await page.locator('#panel-title', { hasText: 'only-4' }).waitFor();
  await waitFor('the address', () => /host=host4.*only-4/.test(page.url()));
  const { hash } = new URL(page.url());
  const other = await open(served, `/${hash}`);
  await other.page.locator('#panel-title', { hasText: 'only-4' }).waitFor();
  assert.deepEqual(
    (await shownHosts(other.page)).filter(({ isOpen }) => isOpen).map(({ id }) => id),
    ['host4'],
  );
  await page.locator(head('host4')).click();
  await waitFor('it to be folded', async () => !/host=/.test(page.url()));
  await page.goBack();
  await waitFor('it to be unfolded', async () => (await boxesOn(page, 'host4')).length === 4);
  // Back out of the panel, and into it again.
  await other.page.locator('#panel .close').click();
  await other.page.locator('#panel').waitFor({ state: 'detached' });
  await other.page.goBack();
  await other.page.locator('#panel-title', { hasText: 'only-4' }).waitFor();
  await other.page.goForward();
  await other.page.locator('#panel').waitFor({ state: 'detached' });
  assert.equal(new URL(other.page.url()).hash, '#host=host4');
  const unknown = await open(served, '/#host=nobody&state=odd');
  await waitFor('all', async () => (await shownHosts(unknown.page)).length === 12);
});

fleetTest('Enter goes on from where it was, whatever is found meanwhile', async ({ serve, open }) => {
  const fleet = threeRacks();
  const { page } = await open(await serve(fleet));
  await inState(page, 'live');
  await page.locator('#search').fill('only');
  await page.locator('#found', { hasText: /^12 matches/ }).waitFor();
  const on = (name: string): Promise<void> => page.locator('#side .on', { hasText: name }).waitFor();
  await page.locator('#search').press('Enter');
  await on('rack0-0');
  await page.locator('#search').press('Enter');
  await on('rack0-3');
  fleet.add('first', { name: 'a-first' }, lab(['only-first']));
  await page.locator('#found', { hasText: /^3 of 13 matches/ }).waitFor();
  await page.locator('#search').press('Enter');
  await on('rack0-6');
  await page.locator('#search').press('Escape');
  await page.locator('#panel').waitFor({ state: 'detached' });
});

fleetTest('all hosts are printed, not only those that are seen', async ({ serve, open }) => {
  const fleet = new FleetLab();
  for (let at = 0; at < 1300; at++) fleet.add(`h${at}`, { name: `node-${at}` }, null);
  const options = { viewport: { width: 800, height: 600 } };
  const { page } = await open(await serve(fleet), '/', options);
  await page.locator('#show-all', { hasText: '1,300 hosts' }).waitFor();
  await page.emulateMedia({ media: 'print' });
  await page.evaluate('window.dispatchEvent(new Event("beforeprint"))');
  // Two or three abreast, in 400 rows.
  const printed = (await shownHosts(page)).length;
  assert.ok(printed >= 800, String(printed));
  const rest = (await page.locator('.rest').textContent()) ?? '';
  assert.equal(rest.trim(), `${1300 - printed} more hosts not printed: search for them`);
  const heights = 'document.documentElement.scrollHeight / window.innerHeight';
  assert.ok((await page.evaluate<number>(heights)) > 20);
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate('window.dispatchEvent(new Event("afterprint"))');
  assert.ok((await shownHosts(page)).length < 100);
});

fleetTest(
  'a wheel over a picture scrolls the list, unless the picture has the focus',
  async ({ serve, open }) => {
    const { page } = await open(await serve(threeRacks()), '/', { viewport: { width: 700, height: 420 } });
    await page.locator(head('host0')).click();
    await waitFor('its picture', async () => (await boxesOn(page, 'host0')).length > 0);
    const graph = page.locator('.host[data-id="host0"] .graph');
    const transform = (): Promise<string | null> => graph.locator('.world').getAttribute('transform');
    const top = (): Promise<number> => page.evaluate('document.querySelector("#hosts").scrollTop');
    await graph.hover();
    const before = await transform();
    await page.mouse.wheel(0, 60);
    await waitFor('the list to be scrolled', async () => (await top()) > 0);
    assert.equal(await transform(), before);
    await graph.focus();
    await page.mouse.wheel(0, 60);
    await waitFor('the picture to be zoomed', async () => (await transform()) !== before);
  },
);

fleetTest(
  'nothing keeps anybody from using it, in the dark and on a phone as well',
  async ({ serve, open }) => {
    const fleet = threeRacks();
    fleet.add('late', { name: HOSTILE[0] as string }, lab(HOSTILE), 200_000);
    fleet.add('gone', { name: 'gone', bye: true }, lab([]));
    const served = await serve(fleet);
    const phone = { width: 390, height: 800 };
    for (const options of [
      { colorScheme: 'light' },
      { colorScheme: 'dark', reducedMotion: 'reduce' },
      { colorScheme: 'light', viewport: phone },
      { colorScheme: 'light', forcedColors: 'active' },
    ] as const) {
      const { page } = await open(served, '/', options);
      await page.locator('.host').first().waitFor();
      await isAccessible(page, 'folded');
      await page.locator(head('late')).click();
      await waitFor('its picture', async () => (await boxesOn(page, 'late')).length > 0);
      await isAccessible(page, 'unfolded');
      await page.locator('.host.open .tools button', { hasText: 'Table' }).click();
      await page.locator('.host.open .table button.plain').first().click();
      await page.locator('#panel').waitFor();
      await isAccessible(page, 'a table, and a panel');
      await page.locator('#panel .close').click();
      await page.locator('#search').fill('web');
      await page.locator('#found', { hasText: 'match' }).waitFor();
      await isAccessible(page, 'what was found');
      await page.locator('#help').click();
      await isAccessible(page, 'help');
      assert.equal(
        await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
        false,
      );
    }
  },
);
