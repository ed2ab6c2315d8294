/** Counters and addresses over HTTP, as the kernel has them at that moment. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { freshRun, ip } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { served } from './support/served.ts';
import type { Fields } from './support/stream-reader.ts';

test('counters and addresses of a namespace, and addresses of all', async (t) => {
  freshRun(t);
  ip('link', 'set', 'lo', 'up');
  ip('netns', 'add', 'blue');
  ip('link', 'add', 'vethb', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  ip('-n', 'blue', 'link', 'add', 'br0', 'type', 'bridge');
  ip('-n', 'blue', 'link', 'set', 'eth0', 'master', 'br0');
  ip('-n', 'blue', 'address', 'add', '10.0.0.2/24', 'dev', 'br0');
  ip('-n', 'blue', 'link', 'set', 'lo', 'up');
  const { get, json } = await served(t);
  const read = async (word: string): Promise<Fields> =>
    JSON.parse((await get(`/v1/namespaces/${word}`)).text);
  const linkOf = (all: Fields, name: string): Fields =>
    (all['links'] as Fields[]).find((link) => link['name'] === name) ?? {};
  await waitFor('its links', async () => linkOf(await read('blue'), 'eth0')['masterName'] === 'br0');
  const blue = await read('blue');
  assert.deepEqual(linkOf(blue, 'br0')['addresses'], ['10.0.0.2/24']);
  assert.deepEqual(linkOf(blue, 'eth0')['addresses'], []);
  assert.ok(Math.abs(Date.parse(String(blue['read'])) - Date.now()) < 60_000);
  const before = linkOf(blue, 'lo')['counters'] as Fields;
  assert.deepEqual(Object.keys(before).length, 8);

  let etag = '';
  await waitFor('nothing to happen between two questions', async () => {
    etag = (await get('/v1/namespaces/blue')).headers.etag ?? '';
    return (await get('/v1/namespaces/blue', { 'if-none-match': etag })).status === 304;
  });
  const send =
    "const s = require('node:dgram').createSocket('udp4'); s.send('x', 9, '127.0.0.1', () => s.close())";
  ip('netns', 'exec', 'blue', process.execPath, '-e', send);
  const later = await get('/v1/namespaces/blue', { 'if-none-match': etag });
  assert.equal(later.status, 200, 'the counters are others');
  const after = linkOf(JSON.parse(later.text) as Fields, 'lo')['counters'] as Fields;
  assert.ok(Number(after['rxPackets']) > Number(before['rxPackets']));

  const links = await json('/v1/links?addresses');
  const addressed = links.filter(({ addresses }) => (addresses as string[]).includes('10.0.0.2/24'));
  assert.deepEqual(
    addressed.map(({ netns, name }) => `${String(netns)}:${String(name)}`),
    ['blue:br0'],
  );
  assert.ok(links.every(({ addresses }) => Array.isArray(addresses)));
  assert.equal((await get('/v1/links?addresses')).headers.etag, undefined);
  assert.ok((await json('/v1/links')).every((link) => !('addresses' in link)));
  const number = String(blue['number']);
  assert.equal((await read(`number:${number}`))['netns'], 'blue');
});
