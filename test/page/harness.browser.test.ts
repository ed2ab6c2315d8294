/** What the other tests rely on: a tab keeps whatever the browser complains of, and tabs can be hidden. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { served } from '../serve/support/served.ts';
import { freshRun } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { originOf } from './support/browsing.ts';
import { sharedBrowser, tabbedBrowser, withoutChromium } from './support/chromium.ts';
import { Tab } from './support/tab.ts';

const skip = withoutChromium ?? false;

test('a tab keeps what was refused, thrown, asked and shown', { skip }, async (t) => {
  freshRun(t);
  const { port } = await served(t);
  const context = await (await sharedBrowser()).newContext();
  t.after(() => context.close());
  const tab = await Tab.open(context, originOf(port));
  await tab.visit();
  assert.deepEqual(tab.faults, []);
  const seen = async (script: string, complaint: RegExp): Promise<void> => {
    await tab.page.evaluate(`void setTimeout(() => { ${script} })`);
    await waitFor(String(complaint), () => tab.faults.some((fault) => complaint.test(fault)));
  };
  const markup = (html: string): string =>
    `document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(html)})`;
  await seen(markup('<img src=x onerror="window.was = true">'), /^error: .*Content Security Policy/s);
  await seen(markup('<p style="color: red">'), /^error: .*style-src/s);
  await seen(markup('<img src="http://127.0.0.2:1/x.png">'), /^error: .*img-src/s);
  await seen('fetch("http://127.0.0.2:1/")', /^error: .*connect-src/s);
  await seen('throw new Error("of a test")', /^exception: of a test/);
  await seen('alert("of a test")', /^dialog: of a test/);
  assert.equal(await tab.page.evaluate('window.was'), undefined);
});

test('of the tabs of a window one is visible', { skip }, async () => {
  await using tabbed = await tabbedBrowser();
  const [context] = tabbed.browser.contexts();
  assert.ok(context !== undefined);
  const first = context.pages()[0] ?? assert.fail();
  const second = await context.newPage();
  const states = async (): Promise<unknown[]> =>
    Promise.all([first, second].map((page) => page.evaluate('document.visibilityState')));
  await second.bringToFront();
  await waitFor('the first to be hidden', async () => (await states()).join(' ') === 'hidden visible');
  await first.bringToFront();
  await waitFor('the second to be hidden', async () => (await states()).join(' ') === 'visible hidden');
});
