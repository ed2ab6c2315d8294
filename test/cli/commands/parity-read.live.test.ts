/**
 * `nlink list`, `ids`, `pids` and `identify` beside `ip netns list`, `list-id`, `pids` and
 * `identify`, on the same host.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { addAlias, addNamespace, ip, spawnHolder } from '../../support/netns.ts';
import { freshHost } from '../support/nsid-host.ts';
import { run } from './parity.ts';
import { main } from '../support/program.ts';

const byIp = (...words: string[]): ReturnType<typeof run> => run(['ip', 'netns', ...words]);
const byNlink = (...words: string[]): ReturnType<typeof run> => run([process.execPath, main, ...words]);

/** A host with all that can stand in the directory. */
async function variedHost(t: TestContext): Promise<void> {
  await freshHost(t, 'blue', 'a b', 'line\nbreak', '-n', '.hidden', 'ü', '\\040', 'x'.repeat(255));
  addNamespace('/run/netns/\udcff\udc80raw');
  addAlias('/run/netns/blue', '/run/netns/azure');
  for (let at = 0; at < 50; at++) ip('netns', 'add', `many${at}`);
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  writeFileSync('/run/netns/file', 'content');
  mkdirSync('/run/netns/dir');
  symlinkSync('/nowhere', '/run/netns/dangling');
  symlinkSync('blue', '/run/netns/link');
  ip('netns', 'set', 'blue', '7');
  ip('netns', 'set', 'line\nbreak', '0');
  ip('netns', 'set', 'many7', '2147483647');
}

test('list --format ip: byte for byte, in the same order', async (t) => {
  await variedHost(t);
  const expected = byIp('list');
  const found = byNlink('list', '--format', 'ip');
  assert.deepEqual([found.status, found.stderr], [0, '']);
  assert.equal(found.stdout.toString('latin1'), expected.stdout.toString('latin1'));
  // ip says "Peer netns reference is invalid" once for each that is none, without its name.
  assert.match(expected.stderr, /Peer netns/);
  assert.equal(found.stdout.toString('latin1').split('\n').length - 1, 66, 'one name holds a newline');
});

test('list --format ip: no directory, an empty one', async (t) => {
  await freshHost(t);
  const none = { status: 0, stdout: Buffer.alloc(0), stderr: '' };
  assert.deepEqual(byIp('list'), none);
  assert.deepEqual(byNlink('list', '--format', 'ip'), none);
  mkdirSync('/run/netns');
  assert.deepEqual(byIp('list'), none);
  assert.deepEqual(byNlink('list', '--format', 'ip'), none);
});

test('ids: the ids of list-id', async (t) => {
  await variedHost(t);
  const expected = [
    ...byIp('list-id')
      .stdout.toString('latin1')
      .matchAll(/^nsid (\d+)/gm),
  ].map(([, id]) => Number(id));
  const rows = JSON.parse(byNlink('ids', '--json').stdout.toString()) as { nsid: number }[];
  assert.deepEqual(
    rows.map(({ nsid }) => nsid),
    expected,
  );
  assert.deepEqual(expected, [0, 7, 2147483647]);
});

test('pids: the same processes, for each name', async (t) => {
  await variedHost(t);
  await Promise.all([spawnHolder(t, '/run/netns/blue'), spawnHolder(t, '/run/netns/azure')]);
  for (const name of ['blue', 'azure', 'link', 'a b', 'line\nbreak', '\udcff\udc80raw', 'x'.repeat(255)]) {
    const expected = byIp('pids', name);
    const found = byNlink('pids', name);
    assert.deepEqual(
      [found.status, found.stdout.toString()],
      [expected.status, expected.stdout.toString()],
      name,
    );
  }
  assert.equal(byNlink('pids', 'blue').stdout.toString().split('\n').length - 1, 2);
  assert.deepEqual([byIp('pids', '-n').status, byNlink('pids', '--', '-n').status], [0, 0]);
  for (const word of ['missing', '', '..', 'x'.repeat(256)])
    assert.deepEqual(
      [byIp('pids', word).status === 0, byNlink('pids', word).status === 0],
      [false, false],
      word,
    );
});

test('pids, on purpose otherwise: what is no namespace', async (t) => {
  await variedHost(t);
  // ip compares inodes alone, finds no process, and says that all went well.
  for (const name of ['stale', 'file', 'dir'])
    assert.deepEqual([byIp('pids', name).status, byNlink('pids', name).status], [0, 1], name);
});

test('identify: a process in a namespace with a name, without one, and none', async (t) => {
  await variedHost(t);
  const [named, unnamed] = await Promise.all([spawnHolder(t, '/run/netns/a b'), spawnHolder(t)]);
  assert.equal(byIp('identify', String(named.pid)).stdout.toString(), 'a b\n');
  assert.equal(byNlink('identify', String(named.pid)).stdout.toString(), '"a b"\n');
  // ip prints an empty line, or none, where there is no name; nlink says on stderr which namespace
  // it is.
  for (const words of [[], ['self'], [String(unnamed.pid)]]) {
    assert.equal(
      byIp('identify', ...words)
        .stdout.toString()
        .trim(),
      '',
      words.join(),
    );
    const found = byNlink('identify', ...words);
    assert.deepEqual([found.status, found.stdout.toString()], [0, ''], words.join());
    assert.match(found.stderr, /^nlink: net:\[\d+\].* has no name in \/var\/run\/netns\n$/);
  }
  for (const word of ['999999999', 'abc', '-1', '0'])
    assert.deepEqual(
      [byIp('identify', word).status === 0, byNlink('identify', word).status === 0],
      [false, false],
      word,
    );
  await unnamed.end();
  assert.notEqual(byIp('identify', String(unnamed.pid)).status, 0);
  assert.equal(byNlink('identify', String(unnamed.pid)).status, 1);
});

test('identify, on purpose otherwise: all names, where ip prints one', async (t) => {
  await variedHost(t);
  const holder = await spawnHolder(t, '/run/netns/blue');
  const one = byIp('identify', String(holder.pid)).stdout.toString().trim();
  const all = byNlink('identify', String(holder.pid)).stdout.toString().trim().split('\n');
  assert.deepEqual(all.sort(), ['azure', 'blue', 'link']);
  assert.ok(all.includes(one), one);
});
