/** Long answers in JSON are packed for who takes that, and are the same to `If-None-Match`. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Outgoing } from '../../../src/serve/http/outgoing.ts';
import { sendJson } from '../../../src/serve/http/packed-answer.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';

const TAG = '"a"';
const LONG = JSON.stringify(Array.from({ length: 2000 }, (_, at) => `ä${at}`));

type Get = (headers?: Record<string, string>, method?: string) => Promise<Response>;

async function serving(
  t: TestContext,
  json: string,
  tag: string | null = TAG,
  outgoing: Outgoing = new Outgoing(systemClock),
): Promise<Get> {
  const server = createServer((request, response) => void sendJson(request, response, outgoing, json, tag));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return (headers = {}, method = 'GET') =>
    fetch(`http://127.0.0.1:${port}/`, { method, headers: { connection: 'close', ...headers } });
}

const kindOf = ({ headers }: Response): (string | null)[] =>
  ['content-encoding', 'etag', 'vary'].map((name) => headers.get(name));

test('packed where it is long and the client likes that', async (t) => {
  const get = await serving(t, LONG);
  for (const accepted of ['gzip', 'deflate, gzip;q=0.5', '*', 'x-gzip']) {
    const answer = await get({ 'accept-encoding': accepted });
    assert.deepEqual(kindOf(answer), ['gzip', 'W/"a"', 'accept-encoding'], accepted);
    assert.ok(Number(answer.headers.get('content-length')) < LONG.length / 2);
    assert.equal(await answer.text(), `${LONG}\n`);
  }
  for (const accepted of ['identity', 'gzip;q=0', 'br', 'gzip;q=0.1, identity;q=0.2', 'gzip;q=x']) {
    const answer = await get({ 'accept-encoding': accepted });
    assert.deepEqual(kindOf(answer), [null, '"a"', 'accept-encoding'], accepted);
    assert.equal(await answer.text(), `${LONG}\n`);
  }
  const short = await (await serving(t, '[]'))({ 'accept-encoding': 'gzip' });
  assert.deepEqual([...kindOf(short), await short.text()], [null, '"a"', 'accept-encoding', '[]\n']);
});

test('whoever has it in either form has it; HEAD is told the same as GET', async (t) => {
  const get = await serving(t, LONG);
  for (const [known, accepted, tag] of [
    ['"a"', 'gzip', 'W/"a"'],
    ['W/"a"', 'gzip', 'W/"a"'],
    ['W/"a"', 'identity', '"a"'],
  ] as const) {
    const answer = await get({ 'if-none-match': known, 'accept-encoding': accepted });
    assert.deepEqual([answer.status, answer.headers.get('etag'), await answer.text()], [304, tag, '']);
  }
  const other = await get({ 'if-none-match': '"b"', 'accept-encoding': 'gzip' });
  assert.equal(other.status, 200);
  const length = other.headers.get('content-length');
  await other.text();
  const head = await get({ 'accept-encoding': 'gzip' }, 'HEAD');
  assert.deepEqual([head.headers.get('content-length'), kindOf(head)[0]], [length, 'gzip']);
});

test('what there is no room for is not packed either', async (t) => {
  const full = new Outgoing(systemClock);
  full.take = () => false;
  const answer = await (await serving(t, LONG, TAG, full))({ 'accept-encoding': 'gzip' });
  assert.deepEqual([answer.status, ...kindOf(answer)], [503, null, null, 'accept-encoding']);
  assert.match(await answer.text(), /^others have yet to read/);
});
