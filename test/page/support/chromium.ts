/**
 * The Chromium of Debian, driven by playwright-core: one for all tests of a file. It runs in the
 * sandbox of the tests, whose loopback device is all that it can reach; no process of the host is
 * seen there.
 */
import '../../support/pid-namespace.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { within } from '../../support/wait.ts';

const EXECUTABLE = '/usr/bin/chromium';
/**
 * In the sandbox all run as root, for whom Chromium has no sandbox of its own. It draws the same
 * everywhere: no processor of graphics is used, and none of the settings of a user.
 */
const OPTIONS = ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'];

/** Why there is no browser; undefined: there is one. */
export const withoutChromium: string | undefined = existsSync(EXECUTABLE)
  ? undefined
  : `needs ${EXECUTABLE}: apt-get install chromium`;

let shared: Promise<Browser> | undefined;
// Of the file: within a test it would be the test's end.
after(async () => (await shared)?.close());

/** The same for all tests of a file; each opens contexts of its own. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= chromium.launch({ executablePath: EXECUTABLE, args: OPTIONS });
  return shared;
}

/** One whose tabs are those of a window: of them one is visible. */
export interface TabbedBrowser extends AsyncDisposable {
  browser: Browser;
}

/**
 * For tests, playwright tells each page that it has the focus, so that none is ever hidden. With
 * `noDefaults` it does not, and `bringToFront` hides the tab that was in front: but only in the
 * first context of a Chromium that it has not started itself.
 */
export async function tabbedBrowser(): Promise<TabbedBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'nlink-chromium-'));
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', EXECUTABLE, '--headless', ...OPTIONS].concat([
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ]),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    // Its other processes write in it for a while after it.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const endpoint = await within('Chromium', endpointOf(child.stderr));
    const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
    const dispose = async (): Promise<void> => {
      await browser.close();
      await end();
    };
    return { browser, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Chromium says on stderr where it listens. */
async function endpointOf(stderr: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stderr) {
    text += String(chunk);
    const [, endpoint] = /DevTools listening on (\S+)/.exec(text) ?? [];
    if (endpoint === undefined) continue;
    return endpoint;
  }
  throw new Error(`Chromium has ended: ${text}`);
}
