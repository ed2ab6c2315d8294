/** 10,000 hosts: only what is seen of them is in the document, and all can be reached. */
import { strict as assert } from 'node:assert';
import { waitFor } from '../../../../test/support/wait.ts';
import { FleetLab } from '../serve/support/fleet-lab.ts';
import { lab } from '../serve/support/hosts.ts';
import { boxesOn, fleetTest, head, shownHosts } from './support/fleet-browsing.ts';

const COUNT = 10_000;

fleetTest('10,000 hosts', async ({ serve, open }) => {
  const fleet = new FleetLab();
  const name = (at: number): string => `node-${String(at).padStart(5, '0')}`;
  for (let at = 0; at < COUNT; at++)
    fleet.add(`h${at}`, { name: name(at), bye: at % 100 === 7 }, at % 100 === 50 ? lab([`ns-${at}`]) : null);
  const { page } = await open(await serve(fleet));
  await page.locator('#show-all', { hasText: '10,000 hosts' }).waitFor();
  await page.locator('#show-gone', { hasText: '100 gone' }).waitFor();
  const elements = (): Promise<number> => page.evaluate('document.querySelectorAll("*").length');
  assert.ok((await elements()) < 1500, String(await elements()));
  const first = await shownHosts(page);
  assert.equal(first[0]?.name, name(0));
  assert.ok(first.length < 120, String(first.length));
  await page.locator(head('h0')).focus();
  await page.keyboard.press('End');
  await waitFor('the last', async () => (await shownHosts(page)).at(-1)?.name === name(COUNT - 1));
  assert.equal(await page.evaluate('document.activeElement.closest(".host").dataset.id'), `h${COUNT - 1}`);
  assert.ok((await elements()) < 1500, String(await elements()));
  const item = page.locator(`.host[data-id="h${COUNT - 1}"]`);
  assert.equal(await item.getAttribute('aria-setsize'), String(COUNT));
  assert.equal(await item.getAttribute('aria-posinset'), String(COUNT));
  await page.locator('#search').fill('ns-7750');
  await page.locator('#found', { hasText: /^1 match on 1 host$/ }).waitFor();
  await page.locator('#search').press('Enter');
  await waitFor('its picture', async () => (await boxesOn(page, 'h7750')).includes('ns-7750'));
  await page.locator('#search').fill('');
  await waitFor('it to be in sight among all', async () =>
    (await shownHosts(page)).some(({ id }) => id === 'h7750'),
  );
  for (let at = 0; at < 400; at++) fleet.head(`h${at}`, { bye: true });
  await page.locator('#show-gone', { hasText: /49\d gone/ }).waitFor();
});
