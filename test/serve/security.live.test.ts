/** What strangers may send to a server that listens, and what they get. */
import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freshRun, ip } from '../support/netns.ts';
import { waitFor, within } from '../support/wait.ts';
import { raw, served } from './support/served.ts';
import type { Served } from './support/served.ts';

const TOKEN = 'a-token-of-sixteen-or-more';
const HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const open = async (t: TestContext, token?: string): Promise<Served> => {
  freshRun(t);
  return served(t, { token, allowedHosts: ['nlink.example'] });
};

/** The status lines of what came. */
const statuses = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));

const line = (rest: string, host = 'localhost'): string => `GET ${rest} HTTP/1.1\r\nHost: ${host}\r\n`;

test('every answer has the headers, and none is for pages of other origins', async (t) => {
  const { get, port } = await open(t);
  const answers = [
    await get('/'),
    await get('/v1/links'),
    await get('/nothing'),
    await get('/', {}, 'POST'),
    await get('/', { host: 'evil.example' }),
    await get('/v1/events', {}, 'HEAD'),
    await get('/v1/namespaces', { origin: 'http://evil.example' }),
    await get('/v1/namespaces', { 'sec-fetch-site': 'cross-site' }),
  ];
  for (const { headers, status } of answers) {
    for (const [name, value] of Object.entries(HEADERS))
      assert.equal(headers[name], value, `${status} ${name}`);
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control-')),
      [],
    );
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 404, 405, 421, 200, 403, 403],
  );
  // Also what Node answers by itself.
  for (const bytes of [
    'nonsense\r\n\r\n',
    `${line('/')}X: ${'x'.repeat(9000)}\r\n\r\n`,
    'GET / HTTP/1.1\r\nA b\r\n\r\n',
  ]) {
    const text = await raw(port, bytes);
    for (const [name, value] of Object.entries(HEADERS))
      assert.ok(text.includes(`${name}: ${value}\r\n`), text);
    assert.match(text, /^HTTP\/1\.1 4(?:00|31) /);
  }
});

test('a name that was rebound to this address gets nothing, the stream neither', async (t) => {
  const { get } = await open(t);
  for (const path of ['/', '/v1/events', '/v1/namespaces', '/metrics', '/healthz', '/nothing']) {
    const { status, text } = await get(path, { host: 'rebound.example:9478' });
    assert.equal(status, 421, path);
    assert.doesNotMatch(text, /netns|namespace/);
  }
  assert.equal((await get('/healthz', { host: 'nlink.example' })).status, 200);
});

test('requests that are none of a browser or program are refused', async (t) => {
  const { port } = await open(t);
  const end = 'Connection: close\r\n\r\n';
  assert.deepEqual(statuses(await raw(port, `GET / HTTP/1.1\r\n${end}`)), [421]);
  assert.deepEqual(
    statuses(await raw(port, `GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n${end}`)),
    [421],
  );
  assert.deepEqual(
    statuses(await raw(port, `GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n${end}`)),
    [400],
  );
  assert.deepEqual(statuses(await raw(port, line(`/${'x'.repeat(3000)}`) + end)), [414]);
  assert.deepEqual(statuses(await raw(port, `${line('/')}Content-Length: 5\r\n${end}hello`)), [413]);
  assert.deepEqual(
    statuses(await raw(port, `${line('/')}Transfer-Encoding: chunked\r\n${end}5\r\nhello\r\n0\r\n\r\n`)),
    [413],
  );
  assert.deepEqual(
    statuses(await raw(port, `${line('/')}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n${end}`)),
    [400],
  );
  assert.deepEqual(statuses(await raw(port, `${line('/')}Upgrade: websocket\r\n${end}`)), [200]);
  const many = Array.from({ length: 400 }, (_, at) => `X${at}: y\r\n`).join('');
  assert.deepEqual(statuses(await raw(port, `${line('/healthz')}${many}${end}`)), [200]);
  // What comes after many is heeded as well.
  for (const [more, status] of [
    ['Origin: http://evil.example', 403],
    ['Content-Length: 5', 413],
    ['Host: evil.example', 421],
  ] as const)
    assert.deepEqual(
      statuses(await raw(port, `${line('/healthz')}${many}${more}\r\n${end}`)),
      [status],
      more,
    );
});

test('a request that comes slowly is cut off, one that never comes too', { timeout: 60_000 }, async (t) => {
  const { port, get } = await open(t);
  const slow = connect(port, '127.0.0.1');
  slow.on('error', () => {});
  slow.resume();
  slow.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
  const drip = setInterval(() => slow.write('X: y\r\n'), 500);
  const closed = new Promise((resolve) => slow.once('close', resolve));
  t.after(() => clearInterval(drip));
  const silent = raw(port, '');
  await within('the end of the slow one', closed);
  assert.equal((await get('/healthz')).status, 200);
  await silent;
});

test('with a token nothing is told without it, and none of it in any answer', async (t) => {
  const { get, port } = await open(t, TOKEN);
  ip('netns', 'add', 'secret');
  const answers = [];
  for (const path of [
    '/',
    '/metrics',
    '/v1/events',
    '/v1/namespaces',
    '/v1/namespaces/secret',
    '/v1/links',
    '/x',
  ])
    answers.push(
      await get(path),
      await get(path, { authorization: 'Bearer wrong-but-long-enough' }),
      await get(`${path}?token=wrong`),
    );
  for (const { status, text, headers } of answers) {
    assert.equal(status, 401);
    assert.equal(headers['www-authenticate'], 'Bearer');
    assert.doesNotMatch(text, /secret|netns/);
  }
  assert.equal((await get('/healthz')).text, 'ok\n');
  const entered = await get(`/?token=${TOKEN}`);
  assert.deepEqual([entered.status, entered.headers.location], [303, '/']);
  const [cookie = ''] = entered.headers['set-cookie'] ?? [];
  assert.match(cookie, new RegExp(`^nlink-${port}=.*; HttpOnly; SameSite=Strict; Path=/$`));
  const inside = await get('/v1/namespaces', { cookie: cookie.split(';')[0] as string });
  assert.equal(inside.status, 200);
  assert.equal((await get('/v1/links', { authorization: `Bearer ${TOKEN}` })).status, 200);
  for (const { text, headers } of [...answers, entered, inside])
    assert.ok(!`${text}${JSON.stringify(headers)}`.includes(TOKEN));
});

test('connections without end are dropped, and those who serve themselves are served again', async (t) => {
  const { port, get } = await open(t);
  const sockets = Array.from({ length: 400 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    return socket;
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const dropped = (): number => sockets.filter(({ closed, destroyed }) => closed || destroyed).length;
  for (const socket of sockets) socket.resume();
  await waitFor('the first to be dropped', () => dropped() >= 200);
  for (const socket of sockets) socket.destroy();
  await waitFor('an answer', async () => (await get('/healthz').catch(() => ({ status: 0 }))).status === 200);
});
