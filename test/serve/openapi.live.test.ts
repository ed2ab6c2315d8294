/** openapi.json says what the server does: paths, statuses, types, and every field of its JSON. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { read } from '../docs/tables.ts';
import { addNamespace, deleteNamespace, freshRun, ip } from '../support/netns.ts';
import { waitFor } from '../support/wait.ts';
import { EventClient, served } from './support/served.ts';
import type { Answer } from './support/served.ts';
import { Schemas } from './support/json-schema.ts';
import type { Schema } from './support/json-schema.ts';
import { StreamReader } from './support/stream-reader.ts';
import type { Fields } from './support/stream-reader.ts';

const document = JSON.parse(read('openapi.json')) as Schema & { paths: Record<string, { get: Schema }> };
const schemas = new Schemas(document);
const schema = (name: string): Schema => schemas.at({ $ref: `#/components/schemas/${name}` });

/** What an operation says of a status. */
function responseOf(path: string, status: number): Schema {
  const responses = document.paths[path]?.get['responses'] as Record<string, Schema>;
  return schemas.at(responses[String(status)] ?? assert.fail(`${path} has no ${status}`));
}

/** @param at the path as it was asked for, if it has a place for a word */
function check(path: string, { status, headers, text }: Answer): void {
  const { content, headers: named = {} } = responseOf(path, status);
  const type = headers['content-type']?.split(';')[0] ?? '';
  if (content === undefined) return;
  const media = (content as Record<string, Schema>)[type] ?? assert.fail(`${path} ${status} is ${type}`);
  for (const [name, header] of Object.entries(named as Record<string, Schema>))
    assert.deepEqual(schemas.faults(headers[name.toLowerCase()], header['schema'] as Schema), [], name);
  const value: unknown = type === 'application/json' ? JSON.parse(text) : text;
  assert.deepEqual(schemas.faults(value, media['schema'] as Schema, path), []);
}

test('each path is answered as it says, and each refusal', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  ip('netns', 'add', 'gone');
  ip('link', 'add', 'vethb', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  addNamespace('/run/netns/caf\udce9');
  const { get, json } = await served(t);
  const has = async (): Promise<boolean> =>
    (await json('/v1/links')).some(({ peerState }) => peerState === 'paired');
  await waitFor('a pair', has);
  const rows = await json('/v1/namespaces');
  const id = String(
    (rows.find(({ name }) => name === 'gone')?.['namespace'] as { id?: string } | undefined)?.id,
  );
  deleteNamespace('/run/netns/gone');
  const isDead = async (): Promise<boolean> =>
    (JSON.parse((await get(`/v1/namespaces/id:${id}`)).text) as Fields)['alive'] === false;
  await waitFor('its end', isDead);
  const seen = new Set<string>();
  const ask = async (
    path: string,
    url: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<void> => {
    const answer = await get(url, headers, method);
    check(path, answer);
    seen.add(`${path} ${answer.status}`);
  };
  for (const path of Object.keys(document.paths)) {
    const url = path.replace('{word}', 'blue');
    if (path === '/v1/events') await ask(path, url, {}, 'HEAD');
    else await ask(path, url);
    await ask(path, url, {}, 'POST');
    await ask(path, url, { host: 'evil.example' });
    await ask(path, url, { 'sec-fetch-site': 'cross-site' });
  }
  for (const [path, url] of [
    ['/', '/'],
    ['/page.js', '/page.js'],
    ['/page.css', '/page.css'],
    ['/v1/namespaces', '/v1/namespaces'],
    ['/v1/links', '/v1/links'],
    ['/v1/namespaces/{word}', '/v1/namespaces/blue'],
  ] as const)
    await waitFor(`nothing to happen between two questions for ${url}`, async () => {
      const tag = String((await get(url)).headers.etag);
      await ask(path, url, { 'if-none-match': tag });
      return seen.has(`${path} 304`);
    });
  const addressed = await json('/v1/links?addresses');
  assert.deepEqual(
    addressed.flatMap((row) => schemas.faults(row, schema('LinkRow'))),
    [],
  );
  assert.ok(addressed.some(({ addresses }) => Array.isArray(addresses)));
  await ask('/v1/namespaces/{word}', `/v1/namespaces/id:${id}`);
  await ask('/v1/namespaces/{word}', '/v1/namespaces/caf%e9');
  await ask('/v1/namespaces/{word}', '/v1/namespaces/missing');
  await ask('/v1/namespaces/{word}/holders', '/v1/namespaces/missing/holders');
  const missing = Object.entries(document.paths).flatMap(([path, { get: operation }]) =>
    Object.keys(operation['responses'] as Schema)
      .map((status) => `${path} ${status}`)
      .filter((one) => !seen.has(one) && !/ 401$| 503$|^\/ 303$/.test(one)),
  );
  assert.deepEqual(missing, []);
});

test('what needs a token says so', async (t) => {
  freshRun(t);
  const token = 'a-token-of-sixteen-or-more';
  const { get } = await served(t, { token });
  for (const [path, { get: operation }] of Object.entries(document.paths)) {
    const answer = await get(path.replace('{word}', 'blue'));
    const isOpen = operation['security'] !== undefined;
    assert.equal(answer.status, isOpen ? 200 : 401, path);
    check(path, answer);
  }
  check('/', await get(`/?token=${token}`));
});

test('a snapshot and events are as it says', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const faults: string[] = [];
  const types = new Set<unknown>();
  const names = new Set<unknown>();
  const reader = new StreamReader(
    (snapshot) => faults.push(...schemas.faults(snapshot, schema('Snapshot'))),
    (event) => {
      types.add(event['type']);
      faults.push(...schemas.faults(event, schema('Event')));
      if (!('link' in event)) return;
      names.add((event['link'] as Fields)['name']);
      faults.push(...schemas.faults(event['link'], schema('LinkFields')));
    },
  );
  const { port } = await served(t);
  await new EventClient(port, reader).connect();
  await waitFor('a snapshot', () => reader.snapshots === 1);
  ip('link', 'add', 'vethb', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  // What happens within some milliseconds may be told as one.
  await waitFor('both ends', () => names.has('vethb') && names.has('eth0'));
  ip('link', 'set', 'vethb', 'mtu', '1400');
  await waitFor('a change', () => types.has('linkChanged'));
  ip('link', 'set', 'vethb', 'netns', 'blue');
  await waitFor('a move', () => types.has('linkMoved'));
  ip('netns', 'del', 'blue');
  await waitFor('the end', () => types.has('deleted') && types.has('destroyed') && types.has('linkRemoved'));
  assert.deepEqual(faults, []);
  assert.ok(types.has('linkAdded') && types.has('deleted'), [...types].join(' '));
});
