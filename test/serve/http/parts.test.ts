/** Small parts of HTTP: where to listen, what `Accept` asks for, tags, paths, options. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { addressText, isLoopback, listenAddressOf } from '../../../src/serve/http/listen-address.ts';
import { isNotModified } from '../../../src/serve/http/not-modified.ts';
import { percentDecoded } from '../../../src/serve/http/percent-decoded.ts';
import { streamFormatOf } from '../../../src/serve/http/stream-format.ts';
import { checkServeOptions } from '../../../src/serve/serve-options.ts';
import type { ServeOptions } from '../../../src/serve/serve-options.ts';

const refusal = (options: unknown): string => {
  try {
    checkServeOptions(options as ServeOptions);
    return '';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('an address is written as such, with its port', () => {
  assert.deepEqual(listenAddressOf('127.0.0.1:80'), { host: '127.0.0.1', port: 80 });
  assert.deepEqual(listenAddressOf('localhost:0'), { host: '127.0.0.1', port: 0 });
  assert.deepEqual(listenAddressOf('[::1]:65535'), { host: '::1', port: 65_535 });
  assert.deepEqual(listenAddressOf('unix:/run/x'), { path: '/run/x' });
  for (const listen of [
    '',
    ':80',
    '80',
    '127.0.0.1',
    '127.0.0.1:',
    '::1:80',
    'example.org:80',
    '[127.0.0.1]:80',
  ])
    assert.equal(refusal({ listen }), 'ERR_NLINK_INVALID_ARGUMENT', listen);
  for (const listen of ['127.0.0.1:65536', 'unix:', 'unix:a\0b', `unix:${'x'.repeat(108)}`, 80, null])
    assert.equal(refusal({ listen }), 'ERR_NLINK_INVALID_ARGUMENT', String(listen));
  assert.equal(addressText({ host: '::1', port: 0 }, 81), 'http://[::1]:81');
  assert.equal(addressText({ path: '/run/x' }, 0), 'unix:/run/x');
});

test('what other machines can reach needs a token', () => {
  const token = 'a-token-of-sixteen-or-more';
  for (const listen of [
    '0.0.0.0:0',
    '[::]:0',
    '192.0.2.1:1',
    '[fe80::1]:1',
    '[::ffff:127.0.0.1]:1',
    '128.0.0.1:1',
  ]) {
    assert.equal(refusal({ listen }), 'ERR_NLINK_TOKEN_REQUIRED', listen);
    assert.equal(refusal({ listen, token }), '', listen);
  }
  for (const host of ['127.0.0.1', '127.9.9.9', '::1']) assert.ok(isLoopback(host), host);
});

test('options are checked', () => {
  assert.equal(refusal({}), '');
  const wrong: Record<keyof ServeOptions, unknown> = {
    listen: 1,
    token: 'short',
    allowedHosts: ['a b'],
    include: 'x',
    exclude: { device: [1] },
    allMetrics: 1,
    clients: 0,
    ringEvents: 1.5,
    ringBytes: '1',
    deadNamespaces: -1,
    directory: '',
    proc: '/nowhere',
    onEvent: 1,
    signal: {},
  };
  for (const [name, value] of Object.entries(wrong))
    assert.equal(refusal({ [name]: value }), 'ERR_NLINK_INVALID_ARGUMENT', name);
  assert.equal(refusal(null), 'ERR_NLINK_INVALID_ARGUMENT');
});

test('Accept chooses NDJSON where it prefers that', () => {
  for (const accept of [
    undefined,
    '*/*',
    'text/event-stream',
    'application/json',
    '',
    'application/x-ndjson;q=0',
  ])
    assert.equal(streamFormatOf(accept), 'sse', accept);
  for (const accept of [
    'application/x-ndjson',
    'text/html, application/x-ndjson;q=0.1',
    'text/event-stream;q=0.5,application/ndjson;q=0.6',
    'Application/X-NDJSON',
  ])
    assert.equal(streamFormatOf(accept), 'ndjson', accept);
  assert.equal(streamFormatOf('text/event-stream, application/x-ndjson;q=0.9'), 'sse');
  assert.equal(streamFormatOf('application/x-ndjson;q=x'), 'sse');
});

test('a tag is the same, weak or not, among several', () => {
  for (const header of ['"a:1"', 'W/"a:1"', '"b", "a:1"', '*'])
    assert.ok(isNotModified(header, '"a:1"'), header);
  for (const header of [undefined, '', 'a:1', '"a:10"', '"a"'])
    assert.ok(!isNotModified(header, '"a:1"'), header);
});

test('a segment of a path is bytes', () => {
  assert.deepEqual(percentDecoded('caf%e9%00+'), Buffer.from('caf\xe9\0+', 'latin1'));
  for (const segment of ['a/b', '%', '%e', '%zz']) assert.equal(percentDecoded(segment), null, segment);
});
