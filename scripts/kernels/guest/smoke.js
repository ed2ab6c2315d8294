/**
 * In the machine: the command from end to end, with iproute2 as the other side. What holds on every
 * kernel, and what differs by version.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { release } from 'node:os';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { ok } from './programs.js';

const version = release().split('.').slice(0, 2).map(Number);
const since = (major, minor) => version[0] > major || (version[0] === major && version[1] >= minor);

/** Only a failure takes that long, on an emulated processor too. */
const timeout = 900_000;

test(
  'watch tells of a name from beginning to end, started before /run/netns exists',
  { timeout },
  async (t) => {
    const child = spawn('nlink', ['watch', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill());
    const said = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value);
    assert.match((await said.next()).value, /does not exist yet/);

    ok('ip', 'netns', 'add', 'blue');
    const created = await next();
    assert.deepEqual([created.type, created.name, created.ready], ['created', 'blue', true]);
    // File handles of namespaces came with 6.18 (docs/kernel.md).
    assert.equal(created.namespace.id !== null, since(6, 18));

    ok('ip', 'netns', 'set', 'blue', '7');
    const assigned = await next();
    assert.deepEqual([assigned.type, assigned.nsid], ['nsidAssigned', 7]);

    ok('ip', 'netns', 'delete', 'blue');
    const rest = [await next(), await next()];
    assert.deepEqual(new Set(rest.map(({ type }) => type)), new Set(['deleted', 'destroyed']));
    assert.ok(rest.every(({ nsid }) => nsid === 7));
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  },
);

test('add, list, wait, id, explain and delete agree with ip', { timeout }, (t) => {
  ok('nlink', 'add', 'red');
  assert.match(ok('ip', 'netns', 'list'), /^red/m);
  ok('nlink', 'wait', 'red');
  ok('ip', 'netns', 'set', 'red', '9');
  assert.equal(ok('nlink', 'id', 'red').trim(), '9');
  const holder = spawn('ip', ['netns', 'exec', 'red', 'sleep', '600']);
  t.after(() => holder.kill());
  const explained = JSON.parse(ok('nlink', 'explain', 'red', '--json'));
  assert.equal(explained.nsid, 9);
  assert.deepEqual(
    explained.names.map(({ name }) => name),
    ['red'],
  );
  const listed = ok('nlink', 'list');
  assert.match(listed, /red/);
  holder.kill();
  ok('nlink', 'delete', 'red');
  ok('nlink', 'wait', '--gone', 'red');
  assert.equal(ok('ip', 'netns', 'list').trim(), '');
});

test('doctor finds all well, and shows it by making a namespace', { timeout }, () => {
  const { status, checks } = JSON.parse(ok('nlink', 'doctor', '--try', '--json'));
  const not = checks.filter((check) => check.status !== 'ok').map(({ name, found }) => `${name}: ${found}`);
  assert.deepEqual([status, ...not], ['ok']);
});
