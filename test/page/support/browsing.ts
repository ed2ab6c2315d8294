/** A test in a real browser, of the page of a real server, with nothing but its own in /run. */
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import type { ServeOptions } from '../../../src/serve/serve-options.ts';
import { served } from '../../serve/support/served.ts';
import type { Served } from '../../serve/support/served.ts';
import '../../support/pid-namespace.ts';
import { freshRun } from '../../support/netns.ts';
import { DEADLINE } from '../../support/wait.ts';
import { sharedBrowser, withoutChromium } from './chromium.ts';
import { Tab } from './tab.ts';

export interface Browsing {
  t: TestContext;
  /** A server, until the end of the test. */
  serve: (options?: ServeOptions) => Promise<Served>;
  /** A tab in a context of its own: cookies and settings are not shared. */
  open: (served: Served, options?: BrowserContextOptions) => Promise<Tab>;
}

/** Skipped where there is no Chromium, which CI takes for a failure. */
export function browserTest(name: string, run: (browsing: Browsing) => Promise<void>): void {
  test(name, { skip: withoutChromium ?? false }, async (t) => {
    freshRun(t);
    const tabs: Tab[] = [];
    const open: Browsing['open'] = async ({ port }, options) => {
      const context = await (await sharedBrowser()).newContext(options);
      t.after(() => context.close());
      context.setDefaultTimeout(DEADLINE);
      const tab = await Tab.open(context, originOf(port));
      tabs.push(tab);
      return tab;
    };
    await run({ t, serve: (options) => served(t, options), open });
    for (const tab of tabs) tab.check();
  });
}

export const originOf = (port: number): string => `http://127.0.0.1:${port}`;
