/** What somebody looks at stays where it is, and so does the focus, while the fleet changes. */
import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import { waitFor } from '../../../../test/support/wait.ts';
import { FleetLab } from '../serve/support/fleet-lab.ts';
import { lab } from '../serve/support/hosts.ts';
import { boxesOn, fleetTest, head, shownHosts } from './support/fleet-browsing.ts';

function manyHosts(count: number): FleetLab {
  const fleet = new FleetLab();
  for (let at = 0; at < count; at++) fleet.add(`h${at}`, { name: `node-${at}` }, lab(['web']));
  return fleet;
}

const focused = (page: Page): Promise<string | null> =>
  page.evaluate('document.activeElement.closest(".host")?.dataset.id ?? null');
const topOf = (page: Page, id: string): Promise<number> =>
  page.evaluate(`document.querySelector('${head(id)}').getBoundingClientRect().top`);
const isListed = (page: Page, count: number): Promise<void> =>
  page.locator('#show-all', { hasText: `${count} hosts` }).waitFor();

fleetTest('the focus stays at its host while others come before it', async ({ serve, open }) => {
  const fleet = manyHosts(12);
  const { page } = await open(await serve(fleet));
  await isListed(page, 12);
  await page.locator(head('h0')).focus();
  await page.keyboard.press('ArrowDown');
  await waitFor('the second row', async () => (await focused(page)) === 'h4');
  for (let more = 1; more <= 4; more++) {
    fleet.add(`first${more}`, { name: `a-${more}` }, lab([]));
    await isListed(page, 12 + more);
    assert.equal(await focused(page), 'h4');
  }
  await page.keyboard.press('ArrowRight');
  await waitFor('the next one', async () => (await focused(page)) === 'h5');
});

fleetTest(
  'where the host with the focus is listed no more, the one in its place has it',
  async (browsing) => {
    const fleet = manyHosts(12);
    const { page } = await browsing.open(await browsing.serve(fleet));
    await isListed(page, 12);
    await page.locator('#show-live').click();
    await page.locator(head('h0')).focus();
    for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowRight');
    await waitFor('the sixth', async () => (await focused(page)) === 'h5');
    fleet.head('h5', { bye: true });
    await waitFor('it to be gone', async () => (await shownHosts(page)).every(({ id }) => id !== 'h5'));
    await waitFor('the next one', async () => (await focused(page)) === 'h6');
  },
);

fleetTest('what is read stays in its place while hosts come and unfold above it', async ({ serve, open }) => {
  const fleet = manyHosts(120);
  const { page } = await open(await serve(fleet), '/', { viewport: { width: 700, height: 600 } });
  await isListed(page, 120);
  await page.locator(head('h3')).click();
  await waitFor('its picture', async () => (await boxesOn(page, 'h3')).length > 0);
  await page.evaluate('document.querySelector("#hosts").scrollTop = 2000');
  await waitFor('the middle', async () => (await shownHosts(page)).some(({ id }) => id === 'h50'));
  const [, seen = ''] = /"([^"]+)"/.exec(
    await page.evaluate<string>(`JSON.stringify(
      document.elementFromPoint(100, 400).closest('.host').dataset.id)`),
  ) as RegExpExecArray;
  const before = await topOf(page, seen);
  for (let more = 1; more <= 6; more++) fleet.add(`first${more}`, { name: `a-${more}` }, lab([]));
  await isListed(page, 126);
  assert.equal(await topOf(page, seen), before);
  await page.locator('#fold-all').click();
  await page.locator('#fold-all').waitFor({ state: 'detached' });
  assert.equal(await topOf(page, seen), before);
});

fleetTest(
  'a box that is opened is not covered by the panel that comes beside it',
  async ({ serve, open }) => {
    const { page } = await open(await serve(manyHosts(1)));
    await page.locator(head('h0')).click();
    await waitFor('its picture', async () => (await boxesOn(page, 'h0')).length === 2);
    const box = page.locator('.host .graph g.box[data-key]:not(.own)');
    await box.click({ position: { x: 8, y: 8 } });
    await page.locator('#panel-title').waitFor();
    const right = (selector: string): Promise<number> =>
      page.evaluate(`document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().right`);
    await waitFor(
      'it to be in sight',
      async () => (await right('.graph g.box[data-key]:not(.own)')) <= (await right('.host .graph')),
    );
  },
);

fleetTest(
  'on a phone all that is said of a host can be read, and so can its table',
  async ({ serve, open }) => {
    const fleet = new FleetLab();
    const unavailable = ['links', 'nsids', 'deaths'];
    fleet.add(
      'one',
      { name: 'a-name-as-long-as-of-a-cloud-instance-1', unavailable },
      lab(['web', 'database']),
    );
    const { page } = await open(await serve(fleet), '/', { viewport: { width: 360, height: 700 } });
    await page.locator(head('one')).click();
    const notes = page.locator('.host .notes');
    await notes.waitFor();
    assert.equal(await notes.textContent(), 'without links, nsids, deaths');
    const isWhole = (selector: string): Promise<boolean> =>
      page.evaluate(`(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(
      document.querySelector(${JSON.stringify(selector)}))`);
    assert.ok(await isWhole('.host .notes'));
    await page.locator('.host .tools button', { hasText: 'Table' }).click();
    await page.locator('.host .table button.plain', { hasText: 'database' }).first().waitFor();
    assert.ok(await isWhole('.host .table tr:last-child button.plain'));
  },
);
