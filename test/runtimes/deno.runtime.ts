/**
 * nlink under Deno: what is watched is told, all of it, and the process can end. Fails where a
 * handle tells once and for all.
 */
import {
  ip,
  netnsDirectory,
  addNamespace,
  mountNamespace,
  unmountNamespace,
  freshRun,
} from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { main } from '../cli/support/program.ts';
import { within } from '../support/wait.ts';
import { fixture, run, start } from './binaries.ts';

const COUNT = 20;
const names = Array.from({ length: COUNT }, (_, index) => `n${index}`);

test('twenty names, one by one and in a burst, with ids: each is told; SIGINT', async (t) => {
  freshRun(t);
  const { child, stdout, stderr, ended } = start(t, 'deno', main, 'watch', '--json');
  assert.match(await stderr.next(), /does not exist yet; waiting for it$/);
  ip('netns', 'add', 'first');
  assert.match(await stderr.next(), /is there now$/);
  assert.equal((await stdout.nextJson())['name'], 'first');
  for (const name of names) {
    ip('netns', 'add', name);
    const event = await stdout.nextJson();
    assert.deepEqual([event['type'], event['name']], ['created', name]);
    ip('netns', 'set', name, 'auto');
    const assigned = await stdout.nextJson();
    assert.equal(assigned['type'], 'nsidAssigned');
    assert.equal(typeof assigned['nsid'], 'number');
  }
  execFileSync('sh', ['-c', 'for name; do ip netns delete "$name"; done', 'sh', ...names]);
  const deleted: unknown[] = [];
  for (let destroyed = 0; destroyed < COUNT;) {
    const { type, name } = await stdout.nextJson();
    if (type === 'deleted') deleted.push(name);
    else if (type === 'destroyed') destroyed++;
    else assert.fail(String(type));
  }
  assert.deepEqual(new Set(deleted), new Set(names));
  assert.equal(deleted.length, COUNT);
  child.kill('SIGINT');
  assert.equal(await within('the end', ended), 0);
});

test('a name that is unmounted and mounted again; --count ends it', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/blue`);
  const watch = start(t, 'deno', main, 'watch', '--json', '--directory', directory, '--count', '2');
  assert.equal((await watch.stdout.nextJson())['type'], 'present');
  unmountNamespace(`${directory}/blue`);
  assert.equal((await watch.stdout.nextJson())['type'], 'unmounted');
  mountNamespace(`${directory}/blue`);
  assert.equal((await watch.stdout.nextJson())['type'], 'mounted');
  assert.equal(await within('the end', watch.ended), 0);
});

// Unless it is let go, a handle or its timer keeps the process alive.
test('the library: all watchers, a namespace made by Deno itself; after stop() the process ends', () => {
  const { status, stdout, stderr } = run('deno', fixture('stop'), netnsDirectory());
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [['names', 'created'], ['names', 'deleted'], ['both', 'created'], ['both', 'deleted'], 'stopped'],
  );
  assert.deepEqual([status, stderr], [0, '']);
});

// Closing frees what the callback needs: without the wait for it (src/sys/retire.ts) the process is
// killed by SIGSEGV.
test('a handle that is closed while its callback is under way', () => {
  const { status, signal, stdout, stderr } = run('deno', fixture('close'));
  assert.deepEqual([status, signal, stdout], [0, null, 'alive\n'], stderr);
});

test('what needs no wake; doctor names the runtime', () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/blue`);
  const listed = run('deno', main, 'list', '--json', '--directory', directory);
  assert.match(listed.stdout, /"blue"/, listed.stderr);
  const { status, stdout } = run('deno', main, 'doctor', '--directory', directory);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /Deno \S+ in place of Node \S+ on linux-/);
});
