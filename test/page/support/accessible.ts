/** What axe-core finds that keeps somebody from using a page as it is drawn. */
import { strict as assert } from 'node:assert';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Of the guidelines WCAG 2.2, grades A and AA, and what axe calls best practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function isAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: TAGS, resultTypes: ['violations', 'incomplete'] });
  const { violations, passes } = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  const faults = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}\n${failureSummary ?? ''}`),
  );
  assert.deepEqual(faults, [], what);
  assert.ok(passes.length > 5, 'axe has looked at nothing');
}
