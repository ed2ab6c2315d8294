/** What a page says, by the picture and by the table. Texts within are source of the page's own. */
import { strict as assert } from 'node:assert';
import type { Page } from 'playwright-core';
import type { Served } from '../../serve/support/served.ts';
import { waitFor } from '../../support/wait.ts';
import { labelsOf, lineOf, linesOf } from './truth.ts';

export interface ShownBox {
  key: string;
  /** What it is called, and more, in one sentence. */
  label: string;
  /** Why it is no more. */
  ended: string | null;
}

export const boxes = (page: Page): Promise<ShownBox[]> =>
  page.evaluate(`Array.from(document.querySelectorAll('#picture g[data-key]'), (box) => ({
    key: box.dataset.key,
    label: box.getAttribute('aria-label'),
    ended: box.dataset.ended ?? null,
  }))`);

/** Waits for a state of the connection. */
export async function inState(page: Page, state: string): Promise<void> {
  await page.locator(`#state[data-state="${state}"]`).waitFor({ state: 'attached' });
}

export const showTable = (page: Page): Promise<void> => show(page, 'table');
export const showPicture = (page: Page): Promise<void> => show(page, 'picture');

/** There is a button for what is not shown. */
async function show(page: Page, view: 'table' | 'picture'): Promise<void> {
  const button = page.locator(`#show-${view}`);
  if ((await button.count()) > 0) await button.click();
  await page.locator(`#${view}`).waitFor();
}

/** Searches, goes to the first that is found, and opens it. */
export async function find(page: Page, query: string): Promise<void> {
  await page.locator('#search').fill(query);
  await page.locator('#found', { hasText: /[1-9]/ }).waitFor();
  await page.locator('#search').press('Enter');
  await page.locator('#found', { hasText: /1 of/ }).waitFor();

  await page.locator('#panel').waitFor();
}

/** Ids and names in a form that hide what each form has of itself, as `form.matches`. */
export const hiddenInForms = (page: Page): Promise<string[]> =>
  page.evaluate(`Array.from(document.forms, (form) => Array.from(form.elements))
    .flat()
    .flatMap(({ id, name }) => [id, name])
    .filter((word) => word !== '' && word in HTMLFormElement.prototype)`);

/** The rows of the table as lines (truth.ts), sorted. */
async function tableLines(page: Page): Promise<string[]> {
  const rows = await page.evaluate<string[][]>(`Array.from(
    document.querySelectorAll('#table tr[data-key]'),
    (row) => Array.from(row.cells, (cell) => cell.textContent.trim()),
  )`);
  return rows
    .map(([namespace = '', , , link = '', kind = '', , master = '', far = '']) =>
      lineOf([namespace.split(' · ')[0] ?? '', link, kind, master, far.replace(/ \([\w-]+\)$/, '')]),
    )
    .sort();
}

/** Waits until the table says what the server knows. */
export async function tableIsTrue(page: Page, served: Served): Promise<void> {
  const isTrue = async (): Promise<boolean> =>
    (await tableLines(page)).join('\n') === linesOf(served).join('\n');
  await waitFor('the table to be right', isTrue).catch(() => {});
  assert.deepEqual(await tableLines(page), linesOf(served));
}

/** Waits until there is a box for each namespace that the server knows, and for no other. */
export async function pictureIsTrue(page: Page, served: Served): Promise<void> {
  const found = async (): Promise<string[]> => {
    const labels = labelsOf(served);
    const shown = (await boxes(page)).filter(({ ended }) => ended === null);
    return shown
      .map(({ label }) => labels.find((known) => label === known || label.startsWith(`${known},`)) ?? label)
      .sort();
  };
  const isTrue = async (): Promise<boolean> => (await found()).join('\n') === labelsOf(served).join('\n');
  await waitFor('the picture to be right', isTrue).catch(() => {});
  assert.deepEqual(await found(), labelsOf(served));
}
