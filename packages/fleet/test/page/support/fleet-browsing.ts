/** A test in a real browser, of the page of a real server over a fleet in memory. */
import '../../../../../test/support/pid-namespace.ts';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { originOf } from '../../../../../test/page/support/browsing.ts';
import { sharedBrowser, withoutChromium } from '../../../../../test/page/support/chromium.ts';
import { Tab } from '../../../../../test/page/support/tab.ts';
import { DEADLINE } from '../../../../../test/support/wait.ts';
import { servedFleet } from '../../serve/support/fleet-lab.ts';
import type { FleetLab, ServedFleet } from '../../serve/support/fleet-lab.ts';
import type { ServeFleetOptions } from '../../../src/serve/serve-fleet-options.ts';

export interface FleetBrowsing {
  t: TestContext;
  serve: (fleet: FleetLab, options?: ServeFleetOptions) => Promise<ServedFleet>;
  /** A tab in a context of its own, in which nothing may go wrong. */
  open: (served: ServedFleet, path?: string, options?: BrowserContextOptions) => Promise<Tab>;
}

/** Skipped where there is no Chromium, which CI takes for a failure. */
export function fleetTest(name: string, run: (browsing: FleetBrowsing) => Promise<void>): void {
  test(name, { skip: withoutChromium ?? false }, async (t) => {
    const tabs: Tab[] = [];
    const open: FleetBrowsing['open'] = async ({ port }, path = '/', options = {}) => {
      const viewport = { width: 1280, height: 800 };
      const context = await (await sharedBrowser()).newContext({ viewport, ...options });
      t.after(() => context.close());
      context.setDefaultTimeout(DEADLINE);
      const tab = await Tab.open(context, originOf(port));
      tabs.push(tab);
      await tab.visit(path);
      return tab;
    };
    await run({ t, serve: (fleet, options) => servedFleet(t, fleet, options), open });
    for (const tab of tabs) tab.check();
  });
}

export interface ShownHost {
  id: string;
  name: string;
  state: string;
  isOpen: boolean;
}

/** Those that are in the document, in its order. */
export const shownHosts = (page: Page): Promise<ShownHost[]> =>
  page.evaluate(`Array.from(document.querySelectorAll('.host'), (host) => ({
    id: host.dataset.id,
    name: host.querySelector('.name').textContent,
    state: host.querySelector('.word').textContent,
    isOpen: host.querySelector('.head').getAttribute('aria-expanded') === 'true',
  }))`);

/** What the boxes in the picture of a host say, without those that have ended. */
export const boxesOn = (page: Page, id: string): Promise<string[]> =>
  page.evaluate(`Array.from(
    document.querySelectorAll('[data-id=${JSON.stringify(id)}] .graph g.box[data-key]:not([data-ended])'),
    (box) => box.getAttribute('aria-label').split(',')[0],
  ).sort()`);

export const head = (id: string): string => `.host[data-id=${JSON.stringify(id)}] .head`;
