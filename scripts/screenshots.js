/**
 * Makes the pictures of docs/serve.md: the page of `nlink serve` on an invented host
 * (scripts/page/lab.js), in Debian's Chromium, in a sandbox. As root, by hand: `npm run
 * docs:screenshots`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { enterSandbox, makeLab } from './page/lab.js';

const MOST = 150_000;
const images = fileURLToPath(new URL('../docs/images/', import.meta.url));
const command = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));

/** Each is drawn twice as fine on a screen that is as wide as given. */
const PICTURES = [
  { file: 'serve-light.png', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { file: 'serve-dark.png', colorScheme: 'dark', viewport: { width: 1280, height: 800 }, opens: true },
  { file: 'serve-narrow.png', colorScheme: 'light', viewport: { width: 400, height: 720 } },
];

if (enterSandbox('NLINK_SCREENSHOTS')) await make();

async function make() {
  mkdirSync(images, { recursive: true });
  const lab = await makeLab();
  const server = spawn(process.execPath, [command, 'serve', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const address = await addressOf(server);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'],
  });
  for (const { file, opens, ...look } of PICTURES) {
    const page = await (await browser.newContext({ ...look, reducedMotion: 'reduce' })).newPage();
    await page.goto(address);
    await page.locator('#state[data-state="live"]').waitFor();
    lab.happen();
    await page.locator('#timeline', { hasText: 'late' }).waitFor({ state: 'attached' });
    lab.die();
    // What follows is told at once; the last of it some milliseconds later.
    await setTimeout(1500);
    if (opens) await page.locator(`#picture g[aria-label^="${lab.opened},"]`).click();
    await setTimeout(1000);
    await page.screenshot({ path: images + file });
    const { size } = statSync(images + file);
    console.log(`${file} ${size} bytes${size > MOST ? `: more than ${MOST}` : ''}`);
    await page.context().close();
    lab.again();
    // What has ended is shown for ten seconds.
    await setTimeout(11_000);
  }
  await browser.close();
  server.kill();
  await once(server, 'exit');
  lab.end();
}

/** What it says once it listens. */
async function addressOf({ stdout, stderr }) {
  for (const stream of [stdout, stderr]) stream.setEncoding('utf8');
  let text = '';
  return new Promise((resolve, reject) => {
    const take = (chunk) => {
      text += chunk;
      const [, address] = /listening on (http:\S+)/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    };
    stdout.on('data', take);
    stderr.on('data', take);
    stderr.on('end', () => reject(new Error(`nlink serve has ended: ${text}`)));
  });
}
