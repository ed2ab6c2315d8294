/** The sandbox keeps its word, and the helpers of the live tests do what the tests rely on. */
import { strict as assert } from 'node:assert';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { withoutLeak } from './descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  ipAsync,
  netnsDirectory,
  spawnHolder,
} from './netns.ts';
import { spawnOrdinary } from './ordinary.ts';
import './sandbox.ts';
import { waitFor, within } from './wait.ts';

test('the namespaces are not those outside, and no mount reaches them', () => {
  assert.match(ip('-o', 'link'), /^1: lo: .*UP.*\n$/);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), / (shared|master):/);
  assert.equal(statSync('/var/run').ino, statSync('/run').ino);
});

test('freshRun: no /var/run/netns, and everything back at the end', async (t) => {
  ip('netns', 'add', 'outer');
  await t.test('inside', async (t) => {
    freshRun(t);
    assert.deepEqual(readdirSync('/run'), []);
    await ipAsync('netns', 'add', 'inner');
    assert.equal(ip('netns').trim(), 'inner');
  });
  assert.equal(ip('netns').trim(), 'outer');
  ip('netns', 'del', 'outer');
});

test('addNamespace and deleteNamespace, with any bytes in the name', async () => {
  const path = `${netnsDirectory()}/a b\n\udcff`;
  await withoutLeak(() => {
    const own = readlinkSync('/proc/self/ns/net');
    addNamespace(path);
    assert.equal(readlinkSync('/proc/self/ns/net'), own);
    deleteNamespace(path);
  });
});

test('spawnHolder: a process in the namespace of a name, or in a new one', async (t) => {
  const path = `${netnsDirectory()}/held`;
  addNamespace(path);
  const named = await spawnHolder(t, path);
  const free = await spawnHolder(t);
  assert.equal(statSync(`/proc/${named.pid}/ns/net`).ino, statSync(path).ino);
  assert.notEqual(readlinkSync(`/proc/${free.pid}/ns/net`), readlinkSync('/proc/self/ns/net'));
  await named.end();
  assert.equal(existsSync(`/proc/${named.pid}`), false);
  await assert.rejects(spawnHolder(t, '/run/missing'));
});

test('spawnOrdinary: no capability', async () => {
  const status = await text(
    spawnOrdinary(fileURLToPath(new URL('fixtures/status.js', import.meta.url))).stdout,
  );
  assert.match(status, /^CapEff:\t0+$/m);
  assert.match(status, /^CapBnd:\t/m);
});

test('withoutLeak sees what stays open', async () => {
  let fd = -1;
  const leak = (): void => {
    fd = openSync('/dev/null', 'r');
  };
  await assert.rejects(withoutLeak(leak), /left open/);
  closeSync(fd);
});

test('waitFor and within', async () => {
  let asked = 0;
  await waitFor('the third question', () => ++asked === 3);
  assert.equal(await within('a value', Promise.resolve(5)), 5);
  await assert.rejects(within('nothing', new Promise(() => {}), 1), /in vain for nothing/);
});
