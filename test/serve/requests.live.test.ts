/** Requests of every form that a stranger may think of: each has a definite answer. */
import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { addNamespace, freshRun, ip } from '../support/netns.ts';
import { waitFor, within } from '../support/wait.ts';
import { HttpReplay } from './support/http-replay.ts';
import { EventClient, raw, served } from './support/served.ts';
import type { Served } from './support/served.ts';
import { StreamReader } from './support/stream-reader.ts';

const TOKEN = 'Base64+with/signs==';
const END = 'Connection: close\r\n\r\n';

const open = async (t: TestContext, options: Parameters<typeof served>[1] = {}): Promise<Served> => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  return served(t, options);
};

/** The status lines of what came. */
const statuses = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));

const get = (rest: string, ...headers: string[]): string =>
  [`GET ${rest} HTTP/1.1`, ...headers, ''].join('\r\n') + END;

const LOCAL = 'Host: localhost';

/** Each request, and its answers. */
async function answered(port: number, all: readonly (readonly [string, ...number[]])[]): Promise<void> {
  const wrong: string[] = [];
  for (const [bytes, ...expected] of all) {
    const text = await raw(port, bytes);
    if (statuses(text).join() !== expected.join())
      wrong.push(`${JSON.stringify(bytes.slice(0, 200))}: ${statuses(text).join()}, not ${expected.join()}`);
    // Nothing but what was asked for.
    if (expected.every((status) => status >= 400)) assert.doesNotMatch(text, /"namespace"|netns=/);
  }
  assert.deepEqual(wrong, []);
}

test('whatever Host says: its own address, its port or another, and nothing else', async (t) => {
  const { port } = await open(t);
  const with200 = ['localhost', 'LocalHost', `127.0.0.1:${port}`, '127.0.0.1', `LOCALHOST:${port}`];
  const with421 = [
    'localhost.',
    '127.0.0.1.',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[localhost]',
    'localhost:',
    'localhost:x',
    'localhost:123456',
    'user@localhost',
    'localhost/',
    'localhost, evil.example',
    'localhost evil.example',
    'evil.example#localhost',
    '\xff\xfe',
    '',
    '"localhost"',
    'xn--localhost-',
    'localhost.evil.example',
    'evillocalhost',
  ];
  await answered(port, [
    ...with200.map((host) => [get('/healthz', `Host: ${host}`), 200] as const),
    ...with421.map((host) => [get('/healthz', `Host: ${host}`), 421] as const),
    [get('/healthz', `host:localhost`), 200],
    [get('/healthz'), 421],
    [get('/healthz', LOCAL, LOCAL), 421],
    [get('/healthz', 'X-Forwarded-Host: localhost', 'Host: evil.example'), 421],
  ]);
});

test('on IPv6 it is the address in brackets', async (t) => {
  freshRun(t);
  ip('link', 'set', 'lo', 'up');
  const { server } = await served(t, { listen: '[::1]:0' });
  const port = Number(/:(\d+)$/.exec(server.address)?.[1]);
  for (const [host, status] of [
    [`[::1]:${port}`, 200],
    ['[::1]', 200],
    ['localhost', 200],
    ['::1', 421],
    ['[::2]', 421],
    ['[::1%25lo]', 421],
    ['127.0.0.1', 421],
  ] as const) {
    const text = await raw(port, get('/healthz', `Host: ${host}`), '::1');
    assert.deepEqual(statuses(text), [status], host);
  }
});

test('pages of other origins, by whatever header they give themselves away', async (t) => {
  const { port } = await open(t);
  const of = (...headers: string[]): string => get('/v1/namespaces', LOCAL, ...headers);
  await answered(port, [
    [of(), 200],
    [of('Sec-Fetch-Site: none'), 200],
    [of('Sec-Fetch-Site: same-origin', 'Origin: http://localhost'), 200],
    [of('Sec-Fetch-Site: same-site'), 403],
    [of('Sec-Fetch-Site: cross-site'), 403],
    [of('Sec-Fetch-Site: '), 403],
    [of('Sec-Fetch-Site: NONE'), 403],
    [of('Sec-Fetch-Site: none', 'Sec-Fetch-Site: cross-site'), 403],
    [of('Origin: null'), 403],
    [of('Origin: '), 403],
    [of('Origin: http://localhost:1'), 403],
    [of('Origin: http://evil.example'), 403],
    [of('Origin: http://localhost', 'Origin: http://evil.example'), 403],
    [of('Origin: ftp://localhost'), 403],
    [of('Origin: https://localhost'), 200],
  ]);
});

test('methods, versions and forms of a request', async (t) => {
  const { port } = await open(t);
  const line = (text: string, ...more: string[]): string => [text, LOCAL, ...more, ''].join('\r\n') + END;
  const methods = ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE', 'M-SEARCH'];
  await answered(port, [
    ...methods.map((method) => [line(`${method} /v1/namespaces HTTP/1.1`), 405] as const),
    [line('OPTIONS * HTTP/1.1'), 405],
    [line('CONNECT localhost:1 HTTP/1.1'), 405],
    [line('POST / HTTP/1.1', 'Content-Length: 5').concat('hello'), 405],
    [line('get / HTTP/1.1'), 400],
    [line('NONSENSE / HTTP/1.1'), 400],
    [line('GET / HTTP/1.0'), 200],
    [line('GET / HTTP/9.9'), 400],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['GET / HTTP/1.0\r\n\r\n', 421],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    [line('GET http://localhost/v1/namespaces HTTP/1.1'), 400],
    [line('GET http://evil.example/v1/namespaces HTTP/1.1'), 400],
    [line('GET //evil.example/v1/namespaces HTTP/1.1'), 404],
    [line('GET v1/namespaces HTTP/1.1'), 400],
    [line('GET /v1/namespaces#x HTTP/1.1'), 400],
    [line('GET /v1/\x80 HTTP/1.1'), 400],
    [line('GET / HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: x'), 200],
    [line('GET / HTTP/1.1', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'), 200],
    [line('GET / HTTP/1.1', 'Expect: 100-continue'), 200],
    [line('GET / HTTP/1.1', 'Expect: the-unexpected'), 200],
    [line('GET / HTTP/1.1', 'Transfer-Encoding: chunked').concat('0\r\n\r\n'), 413],
    [line('GET / HTTP/1.1', 'Transfer-Encoding: gzip'), 413],
    [line('GET / HTTP/1.1', 'Content-Length: -1'), 400],
    [line('GET / HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2'), 400],
    [line('GET / HTTP/1.1', 'Content-Length: 0'), 200],
    [line('GET / HTTP/1.1', 'Range: bytes=0-1'), 200],
    [line('GET / HTTP/1.1', 'X: \x00'), 400],
    [line('GET / HTTP/1.1', ' folded'), 400],
    [line('GET / HTTP/1.1', 'X : y'), 400],
    [line('GET / HTTP/1.1').replaceAll('\r\n', '\n'), 400],
  ]);
  const shown = await raw(port, line('TRACE / HTTP/1.1', 'Cookie: secret=1'));
  assert.doesNotMatch(shown, /secret/);
});

test('paths, however they are written', async (t) => {
  const { port } = await open(t);
  const of = (path: string, status: number): readonly [string, number] => [get(path, LOCAL), status];
  await answered(port, [
    ...['/v1/namespaces/blue', '/v1/namespaces/%62lue', '/v1/namespaces/name:blue'].map((path) =>
      of(path, 200),
    ),
    of('/v1/namespaces/blue?x=/../../etc/passwd', 200),
    of('/metrics?name[]=up', 200),
    ...[
      '/v1/namespaces/..%2f..%2fetc%2fpasswd',
      '/v1/namespaces/../namespaces/blue',
      '/v1/namespaces/./blue',
      '/v1/namespaces//blue',
      '/v1/namespaces/blue/',
      '/v1/namespaces/blue%00',
      '/v1/namespaces/%2562lue',
      '/v1/namespaces/%c0%af',
      '/v1/namespaces/%u0062lue',
      '/v1/namespaces/%',
      '/v1/namespaces/%6',
      '/v1/namespaces/%zz',
      '/v1/namespaces/BLUE',
      '/v1/namespaces/blue;x',
      '/v1/namespaces/inode:-1',
      '/v1/namespaces/inode:0x1',
      '/v1/namespaces/inode:99999999999999999999',
      '/v1/namespaces/id:184467440737095516160000',
      '/v1/namespaces/nsid:-1',
      '/v1/namespaces/nsid:',
      '/v1/namespaces/name:',
      '/v1/namespaces/__proto__',
      '/v1/namespaces/constructor',
      '/V1/namespaces',
      '/v1//namespaces',
      '/v1/namespaces%2fblue',
      '/%6detrics',
      '/metrics/',
      '/metrics;x',
      '/metrics%3f',
      '/.git/config',
      '/healthz/..',
    ].map((path) => of(path, 404)),
    of(`/${'%61'.repeat(700)}`, 414),
    [`GET /${'x'.repeat(70_000)} HTTP/1.1\r\n${LOCAL}\r\n${END}`, 431],
  ]);
});

test('a token in a URL beside other words, of any signs, and never in the answer', async (t) => {
  const { port } = await open(t, { token: TOKEN });
  const answer = (path: string, ...headers: string[]): Promise<string> =>
    raw(port, get(path, LOCAL, ...headers));
  for (const [path, location] of [
    [`/?token=${TOKEN}`, '/'],
    [`/?token=${encodeURIComponent(TOKEN)}`, '/'],
    [`/v1/links?a=1&token=${TOKEN}&b=%26`, '/v1/links?a=1&b=%26'],
    [`//evil.example/?token=${TOKEN}`, '/evil.example/'],
    [`/\\evil.example/?token=${TOKEN}`, '/evil.example/'],
    [`/\\/evil.example?token=${TOKEN}&token=x`, '/evil.example'],
  ] as const) {
    const text = await answer(path);
    assert.deepEqual(statuses(text), [303], path);
    assert.ok(text.toLowerCase().includes(`\r\nlocation: ${location}\r\n`), text);
    assert.ok(!text.includes('Base64') && !/token=/.test(text), text);
  }
  const [, cookie = ''] = /^set-cookie: ([^;]*)/im.exec(await answer(`/?token=${TOKEN}`)) ?? [];
  const [name = '', value = ''] = cookie.split('=');
  const tries: readonly (readonly [string, number])[] = [
    [`Cookie: ${cookie}`, 200],
    [`Cookie: a="b;c"; =; ;; ${cookie}; ${name}=x`, 200],
    [`Cookie: \xff\x80=\xfe; ${cookie}`, 200],
    [`Cookie: ${name}=${value}x`, 401],
    [`Cookie: ${name}=`, 401],
    [`Cookie: ${name}`, 401],
    [`Cookie: x${cookie}`, 401],
    [`Cookie: ${name.toUpperCase()}=${value}`, 401],
    [`Cookie: ${name}=${TOKEN}`, 401],
    [`Cookie: ${name}=\xff${value}`, 401],
    [`Authorization: Bearer ${TOKEN}`, 200],
    [`Authorization: bearer   ${TOKEN}`, 200],
    [`Authorization: Bearer ${TOKEN} x`, 401],
    [`Authorization: Bearer ${TOKEN.toLowerCase()}`, 401],
    [`Authorization: Bearer ${' '.repeat(7000)}`, 401],
    [`Authorization: Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`, 401],
    [`Authorization: ${TOKEN}`, 401],
    [`Proxy-Authorization: Bearer ${TOKEN}`, 401],
  ];
  for (const [header, status] of tries)
    assert.deepEqual(statuses(await answer('/v1/namespaces', header)), [status], header.slice(0, 80));
  for (const path of [
    `/v1/namespaces?Token=${TOKEN}`,
    `/v1/namespaces?token[]=${TOKEN}`,
    `/v1/namespaces?token=x&token=${TOKEN}`,
    `/v1/namespaces;token=${TOKEN}`,
    `/v1/events?since=${TOKEN}`,
  ]) {
    const text = await answer(path);
    assert.deepEqual(statuses(text), [401], path);
    assert.ok(!text.includes('Base64'), path);
  }
});

test('of requests sent ahead the first is answered, the next refused, and that is the end', async (t) => {
  const { port } = await open(t);
  const one = (path: string): string => `GET ${path} HTTP/1.1\r\n${LOCAL}\r\n\r\n`;
  for (const path of ['/v1/links', '/metrics', '/healthz'])
    for (const count of [2, 3, 50])
      assert.deepEqual(statuses(await raw(port, one(path).repeat(count))), [200, 503], path);
  // Thousands, by one who reads nothing meanwhile.
  const deaf = connect(port, '127.0.0.1');
  deaf.on('error', () => {});
  deaf.pause();
  deaf.write(one('/v1/links').repeat(20_000));
  for (let at = 0; at < 10; at++) assert.deepEqual(statuses(await raw(port, get('/healthz', LOCAL))), [200]);
  let read = '';
  deaf.on('data', (bytes) => (read += bytes.toString()));
  deaf.resume();
  await new Promise((resolve) => deaf.once('close', resolve));
  // An end with requests that nobody read is a reset, which may overtake an answer.
  assert.ok(['200,503', '200', ''].includes(statuses(read).join()), statuses(read).join());
  // One after the other they are as many as one likes.
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString()));
  for (let at = 1; at <= 20; at++) {
    socket.write(`GET /healthz HTTP/1.1\r\n${LOCAL}\r\n\r\n`);
    await waitFor('an answer', () => text.split('ok\n').length === at + 1);
  }
  assert.equal(statuses(text).filter((status) => status === 200).length, 20);
});

test('what comes after a request for the stream is no answer in the stream', async (t) => {
  const { port, server } = await open(t);
  for (const rest of ['nonsense\r\n\r\n', `GET /metrics HTTP/1.1\r\n${LOCAL}\r\n\r\n`.repeat(500)]) {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('error', () => {});
    socket.write(`GET /v1/events HTTP/1.1\r\n${LOCAL}\r\n\r\n`);
    await waitFor('a snapshot', () => text.includes('event: snapshot'));
    socket.write(rest);
    const [status] = await within('an answer', raw(port, get('/healthz', LOCAL)).then(statuses));
    assert.equal(status, 200);
    await waitFor('its end', () => server.clients === 0);
    assert.deepEqual(statuses(text), [200]);
    assert.doesNotMatch(text, /nlink_|Bad Request/);
  }
});

test('a stream for HTTP/1.0, without chunks', async (t) => {
  const { port } = await open(t);
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString()));
  socket.write(`GET /v1/events HTTP/1.0\r\n${LOCAL}\r\n\r\n`);
  await waitFor('a snapshot', () => /\r\n\r\nretry: 2000\n\nevent: snapshot\nid: /.test(text));
  assert.doesNotMatch(text, /transfer-encoding/i);
});

test('one who follows the events is not disturbed by any of them', async (t) => {
  const { port, watcher, json } = await open(t, { ringEvents: 20 });
  const replay = new HttpReplay();
  const reader = new StreamReader(replay.snapshot, replay.event);
  const client = new EventClient(port, reader);
  await client.connect();
  await waitFor('a snapshot', () => reader.snapshots === 1);
  const noise = Array.from({ length: 60 }, (_, at) =>
    raw(port, at % 3 === 0 ? 'nonsense\r\n\r\n' : get(at % 3 === 1 ? '/metrics' : '/v1/links', LOCAL)),
  );
  // Far more than is kept.
  for (let at = 0; at < 200; at++) addNamespace(`/run/netns/n${at}`);
  await Promise.all(noise);
  await waitFor('all that is there', async () => {
    const now = new HttpReplay();
    now.snapshot({ namespaces: await json('/v1/namespaces'), links: await json('/v1/links') });
    return now.describe().join('\n') === replay.describe().join('\n');
  });
  assert.deepEqual([client.connections, client.isClosed], [1, false]);
  const { pauses, overflows } = watcher.stats();
  assert.deepEqual([pauses, overflows], [0, 0]);
});
