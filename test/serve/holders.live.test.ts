/** What keeps a namespace alive, over HTTP. */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { freshRun, ip } from '../support/netns.ts';
import { served } from './support/served.ts';
import type { Fields } from './support/stream-reader.ts';

test('mounts and descriptors of a name; 404 for what is not there', async (t) => {
  freshRun(t);
  // A name may be called as the last part of the path is.
  for (const name of ['blue', 'holders']) ip('netns', 'add', name);
  const fd = openSync('/run/netns/blue', 'r');
  t.after(() => closeSync(fd));
  const { get, json } = await served(t);
  const holdersOf = async (word: string): Promise<Record<string, Fields[]>> => {
    const { status, text } = await get(`/v1/namespaces/${word}/holders`);
    assert.equal(status, 200, text);
    return JSON.parse(text) as Record<string, Fields[]>;
  };
  const found = await holdersOf('blue');
  const mine = found['descriptors']?.filter(({ pid }) => pid === process.pid);
  assert.deepEqual(
    mine?.map((one) => [one['fd'], one['pathOnly']]),
    [[fd, false]],
  );
  assert.ok(found['mounts']?.some(({ mountPoint }) => String(mountPoint).endsWith('/netns/blue')));
  assert.deepEqual([found['processes'], found['sockets'], found['inFlight']], [[], [], []]);
  assert.deepEqual((await holdersOf('holders'))['descriptors'], []);
  assert.equal((await get('/v1/namespaces/holders')).status, 200);
  const rows = await json('/v1/namespaces');
  const ownRow = rows.find((row) => row['own'] === true) ?? assert.fail('the own namespace');
  const own = await holdersOf(`inode:${(ownRow['namespace'] as { ino: string }).ino}`);
  const self = own['processes']?.find(({ pid }) => pid === process.pid);
  // Node 26 calls its main thread `node-MainThread`.
  assert.match(String(self?.['comm']), /^node/);
  assert.equal(self !== undefined && 'command' in self, false);
  for (const word of ['green', 'nsid:77', 'inode:1', ''])
    assert.equal((await get(`/v1/namespaces/${word}/holders`)).status, 404, word);
});
