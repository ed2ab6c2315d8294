/** The page in Chromium: what it shows, by the picture and by the table, whatever things are called. */
import { strict as assert } from 'node:assert';
import { shown } from '../../src/format/escape.ts';
import { addNamespace, ip, spawnHolder } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { browserTest } from './support/browsing.ts';
import { plug, remove, smallHost, WIRES } from './support/host.ts';
import {
  boxes,
  find,
  inState,
  pictureIsTrue,
  showPicture,
  showTable,
  tableIsTrue,
} from './support/reading.ts';

browserTest('shows each namespace as a box, and each pair of links as a wire', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  await inState(tab.page, 'live');
  await pictureIsTrue(tab.page, served);
  const labels = (await boxes(tab.page)).map(({ label }) => label);
  for (const name of ['blue', 'red', 'alone', '(this namespace)'])
    assert.equal(labels.filter((label) => label.startsWith(`${name},`)).length, 1, labels.join('\n'));
  const ends = await tab.page.evaluate<string[]>(
    `Array.from(document.querySelectorAll('#picture [data-far]'), ({ dataset }) => dataset.link + ' ' + dataset.far)`,
  );
  assert.equal(ends.length, WIRES.length, ends.join('\n'));
});

browserTest('the table says what the server knows', async ({ t, serve, open }) => {
  smallHost(t);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  await inState(tab.page, 'live');
  await showTable(tab.page);
  await tableIsTrue(tab.page, served);
  // A name that comes later is what the far ends of others are called by.
  ip('netns', 'add', 'late');
  plug('late', 'eth0', 'vlate');
  t.after(() => remove('vlate'));
  await tableIsTrue(tab.page, served);
});

browserTest(
  'those that are alike are one box with a count, until it is opened',
  async ({ t, serve, open }) => {
    const count = 9;
    ip('link', 'add', 'br0', 'type', 'bridge');
    t.after(() => remove('br0'));
    for (let at = 0; at < count; at++) {
      const { pid } = await spawnHolder(t);
      ip('link', 'add', `v${at}`, 'master', 'br0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${pid}`);
      t.after(() => remove(`v${at}`));
    }
    const served = await serve();
    const tab = await open(served);
    await tab.visit();
    await inState(tab.page, 'live');
    const folded = tab.page.locator(`#picture g[data-folded="${count}"]`);
    await folded.waitFor();
    assert.ok((await folded.textContent())?.includes(`×${count}`));
    await folded.click();
    await folded.waitFor({ state: 'detached' });
    await tab.page.locator('#fit').click();
    await pictureIsTrue(tab.page, served);
  },
);

/** Each is a name that somebody might choose to do harm. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(2)<\\script>',
  '"><svg onload=alert(3)>',
  "' onfocus='alert(4)",
  '${alert(5)} {{alert(6)}}',
  'javascript:alert(7)',
  '\u202egnp.exe\u2066',
  'line\nfeed\ttab\u001b[31mred',
  'no\u200bwidth\ufeff',
  'caf\udce9',
  '-',
  ' ',
  'x'.repeat(255),
  'é'.repeat(127),
  '&lt;b&gt;&amp;',
];

browserTest('names that were made to do harm are text, with escapes', async ({ serve, open }) => {
  ip('netns', 'add', 'plain');
  for (const name of HOSTILE) addNamespace(`/run/netns/${name}`);
  const served = await serve();
  const tab = await open(served);
  await tab.visit();
  await inState(tab.page, 'live');
  const { page } = tab;
  await pictureIsTrue(page, served);
  const labels = (await boxes(page)).map(({ label }) => label);
  for (const name of HOSTILE)
    assert.ok(
      labels.some((label) => label.startsWith(`${shown(name)},`)),
      `${shown(name)} is not among ${labels.join('\n')}`,
    );
  const look = async (): Promise<void> => {
    const made = 'img[src="x"], script:not([src]), [onerror], [onload], [onfocus], [href^="javascript:"], b';
    assert.equal(await page.locator(made).count(), 0);
    // None of it is there as it is, in whatever attribute or text.
    const source = await page.content();
    for (const raw of ['\u202e', '\u2066', '\u200b', '\ufeff', '\u001b'])
      assert.ok(!source.includes(raw), `U+${raw.charCodeAt(0).toString(16)} is in the page`);
  };
  await look();
  await showTable(page);
  await tableIsTrue(page, served);
  await look();
  await showPicture(page);
  // What is opened says it once more: in the panel, and in the command to copy.
  for (const name of HOSTILE.slice(0, 4)) {
    await find(page, name.slice(0, 12));
    await look();
  }
  await waitFor('the address to be a URL', () => URL.canParse(page.url()));
  assert.equal(await page.evaluate('document.querySelectorAll("script").length'), 1);
});
