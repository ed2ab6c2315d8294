/** Who is let in: the table in gate.ts, and the token. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { admit, hostName } from '../../../src/serve/http/gate.ts';
import type { GatePolicy, GateRequest, Refusal } from '../../../src/serve/http/gate.ts';
import { TokenCheck, tokenOption } from '../../../src/serve/http/token.ts';

const OPEN: GatePolicy = { allowedHosts: new Set(['nlink.example']), token: null };
const TOKEN = 'a-token-of-sixteen-or-more';

interface Asked {
  method?: string;
  url?: string;
  host?: string | string[] | null;
  headers?: Record<string, string>;
  localAddress?: string | undefined;
}

function request({
  method = 'GET',
  url = '/',
  host = '127.0.0.1:9478',
  headers = {},
  ...rest
}: Asked): GateRequest {
  const hosts = host === null ? undefined : [host].flat();
  return {
    method,
    url,
    headers: { ...headers, host: hosts?.[0] },
    headersDistinct: hosts === undefined ? {} : { host: hosts },
    socket: { localAddress: 'localAddress' in rest ? rest.localAddress : '127.0.0.1' },
  };
}

function status(asked: Asked, policy: GatePolicy = OPEN): number {
  const result = admit(request(asked), policy);
  return 'status' in result ? result.status : 200;
}

test('GET and HEAD alone, and what may be asked with others is said', () => {
  assert.equal(status({ method: 'HEAD' }), 200);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND']) {
    const refused = admit(request({ method }), OPEN) as Refusal;
    assert.deepEqual([refused.status, refused.headers], [405, { allow: 'GET, HEAD' }], method);
  }
});

test('a URL is a path of this server, of a bounded length', () => {
  assert.equal(status({ url: `/${'x'.repeat(2047)}` }), 200);
  assert.equal(status({ url: `/${'x'.repeat(2048)}` }), 414);
  for (const url of ['http://evil.example/', '*', '', 'evil.example:80', '/a b', '/\u{e9}', '/a#b', '/\x00'])
    assert.equal(status({ url }), 400, url);
});

test('no body is read', () => {
  assert.equal(status({ headers: { 'content-length': '0' } }), 200);
  assert.equal(status({ headers: { 'content-length': '1' } }), 413);
  assert.equal(status({ headers: { 'transfer-encoding': 'chunked' } }), 413);
});

test('the address that it came to, its name, and names that are allowed are hosts; nothing else is', () => {
  for (const host of ['127.0.0.1', '127.0.0.1:1', 'localhost', 'LOCALHOST:9478', 'nlink.example:443'])
    assert.equal(status({ host }), 200, host);
  for (const host of [
    null,
    '',
    'evil.example',
    '127.0.0.2',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.0.0.1@evil.example',
    '127.0.0.1:9478:1',
    '[::1]',
    '0.0.0.0',
    ['127.0.0.1', 'evil.example'],
    ['127.0.0.1', '127.0.0.1'],
  ])
    assert.equal(status({ host }), 421, String(host));
  assert.equal(status({ host: '[::1]:9478', localAddress: '::1' }), 200);
  assert.equal(status({ host: 'localhost', localAddress: '::1' }), 200);
  // An IPv4 client of a socket for both.
  assert.equal(status({ host: '192.0.2.1', localAddress: '::ffff:192.0.2.1' }), 200);
  assert.equal(status({ host: 'localhost', localAddress: '192.0.2.1' }), 421);
  // A Unix socket has no address.
  assert.equal(status({ host: 'localhost', localAddress: undefined }), 200);
  assert.equal(status({ host: '127.0.0.1', localAddress: undefined }), 421);
});

test('a page of another origin gets nothing, whatever it asks', () => {
  for (const site of ['cross-site', 'same-site', 'anything'])
    for (const mode of ['cors', 'no-cors', 'navigate'])
      assert.equal(status({ headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode } }), 403, site);
  for (const site of ['none', 'same-origin'])
    assert.equal(status({ headers: { 'sec-fetch-site': site } }), 200, site);
  for (const origin of ['null', 'http://evil.example', 'http://127.0.0.1:8080', 'http://127.0.0.1'])
    assert.equal(status({ headers: { origin } }), 403, origin);
  assert.equal(status({ headers: { origin: 'http://127.0.0.1:9478' } }), 200);
});

test('hosts are names and addresses', () => {
  assert.equal(hostName('Nlink.Example:1'), 'nlink.example');
  assert.equal(hostName('[FE80::1]'), 'fe80::1');
  for (const text of ['', ':1', '[x]', '[::1', 'a b', 'a/b', 'a:b', 'a@b', '[::1]x'])
    assert.equal(hostName(text), null, text);
});

const check = new TokenCheck(TOKEN, 9478);
const CLOSED: GatePolicy = { ...OPEN, token: check };
const session = check.cookie.split(';')[0] as string;

test('with a token: by a header or a cookie; how it is doing may be asked without', () => {
  for (const url of ['/', '/metrics', '/v1/events', '/v1/links?x=1', '/nothing'])
    assert.equal(status({ url }, CLOSED), 401, url);
  for (const url of ['/healthz', '/readyz']) assert.equal(status({ url }, CLOSED), 200, url);
  assert.equal(status({ headers: { authorization: `Bearer ${TOKEN}` } }, CLOSED), 200);
  assert.equal(status({ headers: { cookie: `a=b; ${session}; c=d` } }, CLOSED), 200);
  for (const authorization of [
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    'Bearer',
  ])
    assert.equal(status({ headers: { authorization } }, CLOSED), 401, authorization);
  for (const cookie of [`nlink-9478=${TOKEN}`, `nlink-1=${session.split('=')[1]}`, session.slice(0, -1), ''])
    assert.equal(status({ headers: { cookie } }, CLOSED), 401, cookie);
});

test('the token in the URL becomes a cookie once, and is not in it; nobody is sent elsewhere by it', () => {
  const enter = (url: string): Refusal => admit(request({ url }), CLOSED) as Refusal;
  const { status: code, headers } = enter(`/v1/links?token=${TOKEN}&a=b`);
  assert.deepEqual([code, headers['location']], [303, '/v1/links?a=b']);
  assert.match(headers['set-cookie'] ?? '', /^nlink-9478=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  assert.doesNotMatch(JSON.stringify(headers), new RegExp(TOKEN));
  assert.equal(enter(`//evil.example?token=${TOKEN}`).headers['location'], '/evil.example');
  assert.equal(enter(`/?token=${TOKEN}`).headers['location'], '/');
  assert.equal(enter(`/?token=${TOKEN}x`).status, 401);
  // Who may not ask at all is not told whether it was right.
  assert.equal(status({ url: `/?token=${TOKEN}`, host: 'evil.example' }, CLOSED), 421);
  assert.equal(status({ url: `/?token=${TOKEN}`, headers: { 'sec-fetch-site': 'cross-site' } }, CLOSED), 403);
});

test('a token is long and plain, and no message has it', () => {
  assert.equal(tokenOption(undefined), null);
  assert.equal(tokenOption(TOKEN), TOKEN);
  for (const token of ['short', 'x'.repeat(513), `${TOKEN}\n`, `${TOKEN};`, 17, null, ''])
    assert.throws(
      () => tokenOption(token),
      (error: Error & { code?: string }) =>
        error.code === 'ERR_NLINK_INVALID_ARGUMENT' && !error.message.includes(TOKEN),
      String(token),
    );
});

test('no header, method or URL makes it fail', () => {
  const word = fc.string({ unit: 'binary', maxLength: 30 });
  const headers = fc.dictionary(
    fc.constantFrom('authorization', 'cookie', 'origin', 'sec-fetch-site', 'content-length'),
    word,
  );
  fc.assert(
    fc.property(word, word, word, headers, (method, url, host, given) => {
      const asked = { method, url: `/${url}`, host, headers: given };
      assert.ok(status(asked, CLOSED) >= 200);
      assert.ok(status({ ...asked, method: 'GET', host: 'localhost' }, CLOSED) >= 200);
    }),
  );
});
