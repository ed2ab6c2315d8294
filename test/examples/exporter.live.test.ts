/** examples/exporter.js, as it stands there, and the metrics that the guide shows. */
import { freshRun } from '../support/netns.ts';
import { ip } from '../support/sigstop.ts';
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { blocks } from '../docs/guide.ts';
import { freshTable } from '../support/nsids.ts';
import { waitFor } from '../support/wait.ts';
import { startExample } from './example.ts';

const shown = blocks.find(({ language }) => language === 'text')?.text;

test('serves what the guide shows, and ends by a signal', async (t) => {
  assert.ok(shown);
  freshTable(t);
  freshRun(t);
  const { next, end } = startExample(t, 'exporter.js', '0');
  const address = await next();
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  await ip('link', 'set', 'lo', 'up');
  const metrics = async (): Promise<string> => (await fetch(address)).text();
  /** The exporter has taken in what was done until then. */
  const seen = (line: string): Promise<void> =>
    waitFor(line, async () => (await metrics()).split('\n').includes(line));

  await ip('netns', 'add', 'blue');
  await ip('netns', 'add', 'red');
  await seen('nlink_events_total{type="created"} 2');
  const holder = openSync('/run/netns/red', 'r');
  await ip('netns', 'del', 'red');
  await seen('nlink_events_total{type="deleted"} 1');
  const response = await fetch(address);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
  assert.equal(await response.text(), shown);
  closeSync(holder);
  await seen('nlink_events_total{type="destroyed"} 1');
  assert.equal((await fetch(new URL('/', address))).status, 404);
  assert.deepEqual(await end(), { lines: [], status: 0 });
});
