/** openapi.json says what the server does: paths, statuses, types, and every field of its JSON. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Schemas } from '../../../../test/serve/support/json-schema.ts';
import type { Schema } from '../../../../test/serve/support/json-schema.ts';
import type { Answer } from '../../../../test/serve/support/served.ts';
import { waitFor } from '../../../../test/support/wait.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { FleetLab, servedFleet } from './support/fleet-lab.ts';
import { FleetStream } from './support/fleet-stream.ts';
import { HOSTILE, lab } from './support/hosts.ts';

type Document = Schema & {
  paths: Record<string, { get: Schema }>;
  components: { schemas: Record<string, Schema> };
};
const root = new URL('../../../../../', import.meta.url);
const read = (path: string): Document => JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Document;
const document = read('packages/fleet/openapi.json');
const schemas = new Schemas(document);
const schema = (name: string): Schema => schemas.at({ $ref: `#/components/schemas/${name}` });

/** What an operation says of a status. */
function responseOf(path: string, status: number): Schema {
  const responses = document.paths[path]?.get['responses'] as Record<string, Schema>;
  return schemas.at(responses[String(status)] ?? assert.fail(`${path} has no ${status}`));
}

function check(path: string, { status, headers, text }: Answer): void {
  const { content, headers: known = {} } = responseOf(path, status);
  const type = headers['content-type']?.split(';')[0] ?? '';
  if (content === undefined) return;
  const media = (content as Record<string, Schema>)[type] ?? assert.fail(`${path} ${status} is ${type}`);
  for (const [name, header] of Object.entries(known as Record<string, Schema>))
    assert.deepEqual(schemas.faults(headers[name.toLowerCase()], header['schema'] as Schema), [], name);
  const value: unknown = type === 'application/json' ? JSON.parse(text) : text;
  assert.deepEqual(schemas.faults(value, media['schema'] as Schema, path), []);
}

/** With one host that is told of by a feed as of a real agent, and that is made anew after events. */
function mixedFleet(): { fleet: FleetLab; agent: MemoryAgent } {
  const fleet = new FleetLab();
  fleet.add('late', { name: HOSTILE[0] as string, target: 'a.example:9478' }, null, 300_000);
  fleet.add('bare', {}, null);
  const agent = new MemoryAgent(fleet.broker, 'real');
  for (let at = 0; at < 60; at++) agent.act(at % 14, at, at * 7);
  return { fleet, agent };
}

test('each path is answered as it says, and each refusal', async (t) => {
  const { get, json } = await servedFleet(t, mixedFleet().fleet);
  const seen = new Set<string>();
  const ask = async (path: string, url: string, headers = {}, method = 'GET'): Promise<Answer> => {
    const answer = await get(url, headers, method);
    check(path, answer);
    seen.add(`${path} ${answer.status}`);
    return answer;
  };
  await waitFor('what is on the host', async () => (await get('/v1/hosts/real/links')).status === 200);
  const urlOf = (path: string): string => path.replace('{id}', 'real').replace('/search', '/search?q=a');
  for (const path of Object.keys(document.paths)) {
    const url = urlOf(path);
    await ask(path, url, {}, path === '/v1/events' ? 'HEAD' : 'GET');
    await ask(path, url, {}, 'POST');
    await ask(path, url, { host: 'evil.example' });
    await ask(path, url, { 'sec-fetch-site': 'cross-site' });
    if (JSON.stringify(responseOf(path, 200)).includes('"ETag"'))
      await waitFor(`the same of ${url} twice`, async () => {
        const tag = String((await get(url)).headers.etag);
        return (await ask(path, url, { 'if-none-match': tag })).status === 304;
      });
  }
  for (const path of ['/v1/hosts/{id}', '/v1/hosts/{id}/namespaces', '/v1/hosts/{id}/links']) {
    await ask(path, path.replace('{id}', 'nobody'));
    await ask(path, path.replace('{id}', 'bare'));
  }
  await ask(
    '/v1/events',
    `/v1/events?open=${'x,'.repeat(3)}${Array.from({ length: 17 }, (_, at) => at).join()}`,
  );
  assert.ok((await json('/v1/hosts/real/namespaces')).length > 1);
  const missing = Object.entries(document.paths).flatMap(([path, { get: operation }]) =>
    Object.keys(operation['responses'] as Schema)
      .map((status) => `${path} ${status}`)
      .filter((one) => !seen.has(one) && !/ 401$| 503$|^\/ 303$/.test(one)),
  );
  assert.deepEqual(missing, []);
});

test('what needs a token says so', async (t) => {
  const token = 'a-token-of-sixteen-or-more';
  const { get } = await servedFleet(t, mixedFleet().fleet, { token });
  for (const [path, { get: operation }] of Object.entries(document.paths)) {
    const answer = await get(path.replace('{id}', 'real'));
    assert.equal(answer.status, operation['security'] === undefined ? 401 : 200, path);
    check(path, answer);
  }
  check('/', await get(`/?token=${token}`));
});

test('every message of the stream is as it says', async (t) => {
  const { fleet, agent } = mixedFleet();
  const { port, transport } = await servedFleet(t, fleet);
  const stream = await FleetStream.open(t, port, '/v1/events?open=real,late');
  await stream.until('what is open', () => stream.of('hostSnapshot').length >= 1);
  for (let at = 0; at < 140; at++) agent.act(at % 14, at * 3, at);
  await stream.until('events', () => stream.of('hostEvents').length > 0);
  agent.happen(0, 1, 2);
  fleet.head('bare', { counts: { namespaces: 5, names: 5, links: null } });
  agent.drop('timeout');
  fleet.add('new', { bye: true }, lab([]));
  transport.cut();
  transport.heal(false);
  const restarted = agent.restarted();
  restarted.act(0, 1, 2);
  const wanted = [
    'hostAdded',
    'hostChanged',
    'hostRestarted',
    'resynced',
    'connection',
    'heard',
    'hostEvents',
  ];
  const missing = (): string => {
    const seen = new Set([...stream.events, ...stream.messages].map(({ type }) => type));
    return wanted.filter((type) => !seen.has(type)).join();
  };
  await stream
    .until('all kinds', () => {
      fleet.head('bare');
      return missing() === '';
    })
    .catch(() => assert.fail(missing()));
  const kinds: Readonly<Record<string, string>> = {
    snapshot: 'Snapshot',
    heard: 'Heard',
    hostSnapshot: 'HostSnapshot',
    hostEvents: 'HostEvents',
  };
  const faults = stream.messages.flatMap(({ type, data }) =>
    type === 'events'
      ? (data as unknown[]).flatMap((event) => schemas.faults(event, schema('Event'), 'events'))
      : schemas.faults(data, schema(kinds[type] ?? assert.fail(type)), type),
  );
  assert.deepEqual([...new Set(faults)], []);
});

test('what is the same as of one host is described the same', () => {
  const core = read('openapi.json').components.schemas;
  const own = document.components.schemas;
  for (const name of ['Identity', 'Owner', 'Name', 'NamespaceRow', 'LinkFields', 'LinkRow', 'LinksState'])
    assert.deepEqual(own[name], core[name], name);
  assert.deepEqual(own['Inventory'], core['Snapshot']);
  assert.deepEqual(own['NamespaceEvent'], core['Event']);
});
