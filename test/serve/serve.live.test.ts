/** The server as a program meets it: each answer, tags, streams, its end, a Unix socket. */
import { strict as assert } from 'node:assert';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { serve } from '../../src/serve/serve.ts';
import { UnifiedNamespaceWatcher } from '../../src/watch/unified/unified-namespace-watcher.ts';
import type { UnifiedEvent } from '../../src/watch/unified/unified-events.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { addNamespace, deleteNamespace, freshRun, ip } from '../support/netns.ts';
import { waitFor, within } from '../support/wait.ts';
import { HttpReplay } from './support/http-replay.ts';
import { ownVersion } from '../../src/serve/own-version.ts';
import { checked } from './metrics/support/checked.ts';
import { ask, EventClient, served } from './support/served.ts';
import { StreamReader } from './support/stream-reader.ts';
import type { Fields } from './support/stream-reader.ts';

/** A byte that is no UTF-8, markup, and an override of direction. */
const HOSTILE = '<b>\u202e\udce9';

test('what is there, one of it, and what died not long ago', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const { get, json } = await served(t);
  const rows = await json('/v1/namespaces');
  const blue = rows.find(({ name }) => name === 'blue') as Fields & { namespace: Record<string, string> };
  assert.equal(blue['ready'], true);
  assert.ok(rows.some(({ own, name }) => own === true && name === null));
  const links = await json('/v1/links');
  assert.ok(
    links.some(({ netns, name, linksState }) => netns === 'blue' && name === 'lo' && linksState === 'live'),
  );
  const one = JSON.parse((await get(`/v1/namespaces/inode:${blue.namespace['ino']}`)).text) as Fields;
  assert.deepEqual([one['alive'], one['netns']], [true, 'blue']);
  ip('netns', 'del', 'blue');
  const dead = async (): Promise<boolean> =>
    (JSON.parse((await get(`/v1/namespaces/id:${blue.namespace['id']}`)).text) as Fields)['alive'] === false;
  await waitFor('its end', dead);
  const { status } = await get('/v1/namespaces/blue');
  assert.equal(status, 404);
});

test('a name is JSON whatever its bytes, and is found by them', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'first');
  addNamespace(`/run/netns/${HOSTILE}`);
  const { get } = await served(t);
  const { text, headers } = await get('/v1/namespaces');
  assert.match(text, /"<b>\\u202e\\udce9","rawName":"3c623ee280aee9"/);
  assert.match(headers['content-type'] ?? '', /^application\/json/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal((await get('/v1/namespaces/%3cb%3e%e2%80%ae%e9')).status, 200);
  assert.equal((await get('/v1/namespaces/%3cb%3e%e2%80%ae%e8')).status, 404);
});

test('a tag says whether anything is different', async (t) => {
  freshRun(t);
  const { get, server } = await served(t);
  let tag = '';
  await waitFor('nothing to happen between questions', async () => {
    tag = String((await get('/v1/namespaces')).headers.etag);
    const again = await get('/v1/namespaces', { 'if-none-match': tag });
    const links = await get('/v1/links', { 'if-none-match': tag });
    if (again.status !== 304 || links.status !== 304) return false;
    assert.deepEqual([again.text, again.headers.etag], ['', tag]);
    return true;
  });
  assert.match(tag, new RegExp(`^"${server.epoch}:\\d+"$`));
  ip('netns', 'add', 'blue');
  await waitFor('another tag', async () => (await get('/v1/links', { 'if-none-match': tag })).status === 200);
});

test('the rest, HEAD, and what is not there', async (t) => {
  freshRun(t);
  const { get } = await served(t);
  for (const path of ['/', '/metrics', '/v1/namespaces', '/v1/links', '/healthz', '/readyz']) {
    // What was there before this test may yet come to an end.
    await waitFor(`GET and HEAD of ${path} at one revision`, async () => {
      const { status, text, headers } = await get(path);
      const head = await get(path, {}, 'HEAD');
      assert.deepEqual([status, head.status, head.text], [200, 200, '']);
      assert.equal(head.headers['content-type'], headers['content-type']);
      return path === '/metrics' || head.headers['content-length'] === String(Buffer.byteLength(text));
    });
  }
  const stream = await get('/v1/events', {}, 'HEAD');
  assert.deepEqual(
    [stream.status, stream.headers['content-type']],
    [200, 'text/event-stream; charset=utf-8'],
  );
  for (const path of [
    '/x',
    '/v1',
    '/v1/namespaces/',
    '/v1/namespaces/a/b',
    '/v1/namespaces/%',
    '/v1/namespaces/..',
    '//',
  ])
    assert.equal((await get(path)).status, 404, path);
});

test('metrics as they are asked for: both formats, by weight, with gzip or without', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const { get, port } = await served(t);
  const text = 'text/plain; version=0.0.4; charset=utf-8';
  const open = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  for (const [accept, type] of [
    [undefined, text],
    ['*/*', text],
    ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5', open],
    ['application/openmetrics-text;version=1.0.0;q=0.1,text/plain;version=0.0.4;q=0.9', text],
    ['application/openmetrics-text;q=0,text/html', text],
    ['nonsense;;q=x', text],
  ] as const) {
    const { status, headers, text: body } = await get('/metrics', accept === undefined ? {} : { accept });
    assert.deepEqual([status, headers['content-type'], headers.etag], [200, type, undefined], accept);
    assert.deepEqual([headers.vary, headers['content-encoding']], ['accept, accept-encoding', undefined]);
    const read = checked(body, type === open ? 'openmetrics' : 'text');
    assert.deepEqual(read.series.get('nlink_build_info'), [{ version: ownVersion(), node: process.version }]);
    assert.ok(read.series.get('nlink_network_up')?.some(({ netns }) => netns === 'blue'));
    assert.equal(read.values.get('nlink_part_up{part="counters"}'), 1);
  }
  for (const [coding, isGzip] of [
    ['gzip', true],
    ['gzip;q=0, identity', false],
    ['br, *;q=0.1', true],
    ['identity', false],
  ] as const) {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      headers: { 'accept-encoding': coding },
    });
    assert.equal(response.headers.get('content-encoding'), isGzip ? 'gzip' : null, coding);
    checked(await response.text(), 'text');
  }
  const head = await get('/metrics', { 'accept-encoding': 'gzip' }, 'HEAD');
  assert.deepEqual([head.status, head.headers['content-encoding'], head.text], [200, 'gzip', '']);
  // There is no tag to compare with.
  assert.equal((await get('/metrics', { 'if-none-match': '*' })).status, 200);
});

for (const isNdjson of [false, true])
  test(`events come as they happen, as ${isNdjson ? 'NDJSON' : 'SSE'}, and to the one who serves`, async (t) => {
    freshRun(t);
    const told: UnifiedEvent[] = [];
    const { port, server } = await served(t, { onEvent: (event) => told.push(event) });
    const events: Fields[] = [];
    /** How many there were before the snapshot. */
    let before = 0;
    const reader = new StreamReader(
      ({ seq }) => (before = Number(seq)),
      (event) => events.push(event),
    );
    const client = new EventClient(port, reader, isNdjson);
    await client.connect();
    await waitFor('a snapshot', () => reader.snapshots === 1);
    assert.equal(server.clients, 1);
    ip('netns', 'add', 'blue');
    await waitFor('created', () => events.some(({ type, name }) => type === 'created' && name === 'blue'));
    ip('netns', 'del', 'blue');
    await waitFor('destroyed', () => events.some(({ type }) => type === 'destroyed'));
    assert.equal(reader.snapshots, 1);
    await waitFor('all of them', () => before + events.length === told.length);
    assert.deepEqual(
      events.map(({ type }) => type),
      told.slice(before).map(({ type }) => type),
    );
    await server.stop();
    await client.ended;
    assert.equal(reader.last, 'end');
    assert.equal(await server.ended, null);
  });

test('after a restart a client begins with a snapshot', async (t) => {
  freshRun(t);
  const first = await served(t);
  const replay = new HttpReplay();
  const reader = new StreamReader(replay.snapshot, replay.event);
  await new EventClient(first.port, reader).connect();
  await waitFor('a snapshot', () => reader.snapshots === 1);
  const { cursor } = reader;
  await first.server.stop();
  const second = await served(t);
  assert.notEqual(second.server.epoch, first.server.epoch);
  await new EventClient(second.port, reader).connect();
  await waitFor('another one', () => reader.snapshots === 2);
  assert.notEqual(reader.cursor, cursor);
});

test('over the limit a client is told so by a stream that ends, and there is room again later', async (t) => {
  freshRun(t);
  const { port, get, server } = await served(t, { clients: 1 });
  const client = new EventClient(port, new StreamReader());
  await client.connect();
  const busy = await get('/v1/events');
  assert.deepEqual(
    [busy.status, busy.headers['content-type'], busy.text],
    [
      200,
      'text/event-stream; charset=utf-8',
      'retry: 15000\nevent: busy\ndata: {"type":"busy","limit":1,"retry":15000}\n\n',
    ],
  );
  assert.match((await get('/v1/events', { accept: 'application/x-ndjson' })).text, /^{"type":"busy".*}\n$/);
  client.cut();
  await waitFor('room', () => server.clients === 0);
  await client.connect();
  await waitFor('a snapshot', () => client.reader.snapshots >= 1);
});

test('a Unix socket is for its user; a stale one is replaced, one in use and a file are not', async (t) => {
  freshRun(t);
  const path = '/run/nlink.sock';
  const open = async (): Promise<Awaited<ReturnType<typeof serve>>> => {
    const watcher = await UnifiedNamespaceWatcher.open({});
    t.after(() => watcher.stop());
    return serve(watcher, { listen: `unix:${path}` });
  };
  // Left behind by a server that was killed.
  const { spawnSync } = await import('node:child_process');
  const code = `require('node:net').createServer().listen('${path}', () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', code]);
  assert.ok(existsSync(path));
  const server = await open();
  t.after(() => server.stop());
  assert.equal(server.address, `unix:${path}`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const answer = await ask({ socketPath: path, path: '/healthz', headers: { host: 'localhost' } });
  assert.deepEqual([answer.status, answer.text], [200, 'ok\n']);
  assert.equal(
    (await ask({ socketPath: path, path: '/healthz', headers: { host: 'evil.example' } })).status,
    421,
  );
  await assert.rejects(open(), { code: 'EADDRINUSE' });
  await server.stop();
  assert.equal(existsSync(path), false);
});

// Fails if nobody listens for it yet while the socket is made.
test('a signal that comes while it opens stops it', async (t) => {
  freshRun(t);
  const watcher = await UnifiedNamespaceWatcher.open({});
  t.after(() => watcher.stop());
  const abort = new AbortController();
  const opening = serve(watcher, { listen: '127.0.0.1:0', signal: abort.signal });
  // The server is loaded by then, and has looked at the signal.
  await import('../../src/serve/server.ts');
  abort.abort();
  const server = await opening;
  assert.equal(await within('its end', server.ended), null);
});

test('where it cannot listen it says so, and the watcher may be served elsewhere', async (t) => {
  freshRun(t);
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const watcher = await UnifiedNamespaceWatcher.open({});
  t.after(() => watcher.stop());
  await assert.rejects(serve(watcher, { listen: `127.0.0.1:${port}` }), { code: 'EADDRINUSE' });
  await assert.rejects(serve(watcher, { listen: '0.0.0.0:0' }), { code: 'ERR_NLINK_TOKEN_REQUIRED' });
  await assert.rejects(serve(watcher, { signal: AbortSignal.abort() }), { code: 'ABORT_ERR' });
  const abort = new AbortController();
  const server = await serve(watcher, { listen: '127.0.0.1:0', signal: abort.signal });
  abort.abort();
  assert.equal(await within('the end', server.ended), null);
  await server.stop();
  assert.equal(watcher.isWatchingNetns, false);
});

test('what ends the watcher ends the server, and clients are told', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const abort = new AbortController();
  const watcher = await UnifiedNamespaceWatcher.open({ signal: abort.signal });
  const server = await serve(watcher, { listen: '127.0.0.1:0' });
  t.after(() => server.stop());
  const client = new EventClient(Number(/\d+$/.exec(server.address)?.[0]), new StreamReader());
  await client.connect();
  abort.abort(new Error('enough'));
  const error = await within('the end', server.ended);
  assert.equal((error as { code?: string } | null)?.code, 'ABORT_ERR');
  await client.ended;
  assert.equal(client.reader.last, 'end');
  deleteNamespace('/run/netns/blue');
});

test('a server that has stopped leaves nothing open', async (t) => {
  freshRun(t);
  await withoutLeak(async () => {
    const watcher = await UnifiedNamespaceWatcher.open({ links: true });
    await using server = await serve(watcher, { listen: '127.0.0.1:0' });
    const client = new EventClient(Number(/\d+$/.exec(server.address)?.[0]), new StreamReader());
    await client.connect();
    await waitFor('a snapshot', () => client.reader.snapshots === 1);
    await server.stop();
    await client.ended;
  });
});
