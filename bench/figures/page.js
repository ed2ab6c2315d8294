/**
 * What the page of `nlink serve` takes in Chromium: from the moment that its data is there until it
 * is painted, and how long frames take while a hundred links change each second; beside cytoscape
 * with its layout fcose, which draws the same network. And what an open page costs the server while
 * nothing happens.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withNamespaces } from '../lib/nsids.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { Peer, run, script } from '../lib/peer.js';
import { missing, notMeasured, section, table, target } from '../lib/section.js';
import { hasPackage, hasProgram } from '../lib/tools.js';
import { inPage, withStream } from '../peers/page/in-page.js';

const CHROMIUM = '/usr/bin/chromium';
const OPTIONS = ['--no-sandbox', '--disable-gpu'];
/** Of boxes. */
const SIZES = [500, 5000];
/** Milliseconds from data to paint, and of a frame (the 95th of a hundred), by size. */
const TARGETS = new Map([
  [500, { paint: 300, frame: 33 }],
  [5000, { paint: 1000, frame: 50 }],
]);
/** Updates of a turn: a hundred a second. */
const UPDATES = 500;
const MOMENTS = UPDATES * 10;
/** How long a program may take to draw, in milliseconds. */
const PATIENCE = 60_000;
/** Namespaces, seconds and rounds, of an idle server. */
const IDLE_NAMES = 100;
const IDLE_SECONDS = 30;
const IDLE_ROUNDS = 3;
const NLINK = 'nlink';
const SERVER = fileURLToPath(new URL('../../build/src/serve/server.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));

const PEERS = [
  {
    name: NLINK,
    there: existsSync(SERVER),
    script: 'page/server.js',
    prepare: inPage(`document.querySelector('#picture g[data-key], #picture path')`) + withStream,
    update: (peer) => peer.turn(UPDATES),
  },
  {
    name: 'cytoscape, fcose',
    there: hasPackage('cytoscape') && hasPackage('cytoscape-fcose'),
    script: 'page/cytoscape.js',
    prepare: inPage('window.drawn'),
    update: (_, page) => page.evaluate(`window.update(${MOMENTS})`),
  },
];

/** One turn: a page of its own. @returns milliseconds; null: it was not drawn in time */
async function turn(browser, { prepare, update }, peer, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(prepare);
    await page.goto(address, { waitUntil: 'commit' });
    const isPainted = () => page.evaluate('window.figure?.painted != null');
    for (const end = performance.now() + PATIENCE; !(await isPainted()); await sleep(100))
      if (performance.now() > end) return { paint: null, frame: null };
    const paint = await page.evaluate('window.figure.painted - window.figure.data');
    await sleep(1000);
    const [frames] = await Promise.all([
      page.evaluate(`window.figure.frames(${MOMENTS})`),
      update(peer, page),
    ]);
    return { paint, frame: percentile(frames, 0.95) };
  } finally {
    await context.close();
  }
}

const percentile = (numbers, part) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];

/** By peer: milliseconds, by round. */
async function measure(browser, size, rounds) {
  const results = [];
  for (const it of PEERS.filter(({ there }) => there)) {
    const peer = new Peer(script(it.script, String(size)));
    results.push({
      it,
      name: it.name,
      size,
      peer,
      address: (await peer.ready()).trim(),
      paint: [],
      frame: [],
    });
  }
  for (let round = 0; round < rounds; round++)
    for (let next = 0; next < results.length; next++) {
      const one = results[(next + round) % results.length];
      // One that did not come to an end is not waited for again.
      if (one.paint.includes(null)) continue;
      const { paint, frame } = await turn(browser, one.it, one.peer, one.address);
      one.paint.push(paint);
      one.frame.push(frame);
    }
  for (const { peer } of results) await peer.finish();
  return results.map(({ name, paint, frame }) => ({ name, size, paint, frame }));
}

/** What the server costs with a page open, and with the same browser open and none of it. */
async function idle(browser, directory, rounds) {
  const taken = { without: [], with: [] };
  await withNamespaces(directory, IDLE_NAMES, async () => {
    const server = new Peer([process.execPath, COMMAND, 'serve', '--listen', '127.0.0.1:0', '-d', directory]);
    const address = await server.says(/listening on (http:\S+)/);
    for (let round = 0; round < rounds; round++)
      for (const kind of round % 2 === 0 ? ['without', 'with'] : ['with', 'without']) {
        const page = await browser.newPage();
        await page.goto(kind === 'with' ? address : 'about:blank');
        await sleep(5000);
        const before = server.sample();
        await sleep(IDLE_SECONDS * 1000);
        const after = server.sample();
        taken[kind].push({ cpu: (after.cpu - before.cpu) / 1000, sleeps: after.sleeps - before.sleeps });
        await page.close();
      }
    await server.stop();
  });
  return taken;
}

export async function page({ directory, rounds, names }) {
  const sizes = names === undefined ? SIZES : [names];
  const title = `${sizes.join(' and ')} boxes, ${rounds} rounds`;
  if (!existsSync(CHROMIUM)) return notMeasured(title, `needs ${CHROMIUM}`);
  const { chromium } = await import('playwright-core');
  await run(['ip', 'link', 'set', 'lo', 'up']);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: OPTIONS });
  try {
    const measured = [];
    for (const size of sizes) measured.push(...(await measure(browser, size, rounds)));
    const idling =
      hasProgram('adder') && existsSync(COMMAND)
        ? await idle(browser, directory, Math.min(rounds, IDLE_ROUNDS))
        : null;
    return section(title, { ...missing(PEERS), ...report(measured, idling) });
  } finally {
    await browser.close();
  }
}

/** One that did not come to an end has taken longer than anybody waits. */
const middle = (rounds) => (rounds.includes(null) ? null : median(rounds));
const inWords = (milliseconds) =>
  milliseconds === null ? `not in ${PATIENCE / 1000} s` : shown(milliseconds, 1);

function report(measured, idling) {
  const tables = [
    table(
      'Data to paint, and frames at 100 updates a second, ms',
      ['', 'boxes', 'paint', 'times nlink', 'p95 of frames'],
      measured.map(({ name, size, paint, frame }) => {
        const nlink = measured.find((other) => other.name === NLINK && other.size === size);
        const ratios =
          nlink === undefined || [...paint, ...nlink.paint].includes(null)
            ? []
            : paint.map((value, at) => value / nlink.paint[at]);
        return [name, size, inWords(middle(paint)), shownRatios(ratios), inWords(middle(frame))];
      }),
    ),
  ];
  const targets = measured
    .filter(({ name, size }) => name === NLINK && TARGETS.has(size))
    .flatMap(({ size, paint, frame }) => {
      const limits = TARGETS.get(size);
      const limit = (what, rounds, most) =>
        target(
          `${size} boxes: ${what} at most ${most} ms (${inWords(middle(rounds))})`,
          middle(rounds) === null ? false : middle(rounds) <= most,
        );
      return [limit('first paint', paint, limits.paint), limit('p95 of frames', frame, limits.frame)];
    });
  if (idling !== null) {
    const of = (kind, key) => median(idling[kind].map((sample) => sample[key]));
    tables.push(
      table(
        `Server among ${IDLE_NAMES} namespaces, ${IDLE_SECONDS} s without events`,
        ['', 'CPU ms', 'wake-ups'],
        ['without', 'with'].map((kind) => [
          kind === 'with' ? 'a page is open' : 'none is open',
          shown(of(kind, 'cpu'), 1),
          of(kind, 'sleeps'),
        ]),
      ),
    );
    const more = of('with', 'sleeps') - of('without', 'sleeps');
    // Two or three pings, each of which wakes a thread or two.
    targets.push(target(`an open page costs the server pings alone (${more} wake-ups more)`, more <= 20));
  }
  return { tables, targets, measured: { measured, idling } };
}
