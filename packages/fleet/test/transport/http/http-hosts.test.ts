/** Which URLs there may be, and what is made of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointsOf } from '../../../src/transport/http/http-hosts.ts';
import { httpTransport } from '../../../src/transport/http/http-transport.ts';

const invalid = { code: 'ERR_NLINK_INVALID_ARGUMENT' };

test('a URL leads to a server', () => {
  const of = (url: string): object => {
    const [{ at, path, target, name }] = endpointsOf([{ url }]) as [ReturnType<typeof endpointsOf>[number]];
    return { at, path, target, name };
  };
  assert.deepEqual(of('http://10.0.0.1:9478'), {
    at: { protocol: 'http:', hostname: '10.0.0.1', port: 9478 },
    path: '',
    target: '10.0.0.1:9478',
    name: '10.0.0.1:9478',
  });
  assert.deepEqual(of('https://node-1.example/nlink/'), {
    at: { protocol: 'https:', hostname: 'node-1.example', port: 443 },
    path: '/nlink',
    target: null,
    name: 'node-1.example/nlink',
  });
  assert.deepEqual(of('http://[fd00::1]:80/'), {
    at: { protocol: 'http:', hostname: 'fd00::1', port: 80 },
    path: '',
    target: '[fd00::1]:80',
    name: '[fd00::1]',
  });
  assert.deepEqual(of('unix:/run/nlink.sock'), {
    at: { socketPath: '/run/nlink.sock' },
    path: '',
    target: null,
    name: '/run/nlink.sock',
  });
});

test('the key is the same for the same URL, another for another, or what is given', () => {
  const [a, b, c] = endpointsOf([{ url: 'http://a' }, { url: 'http://b' }, { url: 'http://c', key: 'c-1' }]);
  assert.match(a?.key ?? '', /^[0-9a-f]{32}$/);
  assert.notEqual(a?.key, b?.key);
  assert.equal(c?.key, 'c-1');
  assert.equal(endpointsOf([{ url: 'http://a:80/', name: 'x' }])[0]?.key, a?.key);
});

test('what cannot be is refused before anything is asked', () => {
  for (const url of [
    '',
    'a:9478',
    'ftp://a',
    'http://',
    'unix:',
    'unix:rel',
    'http://u:p@a',
    'http://a/?x',
    'http://a/#x',
  ])
    assert.throws(() => endpointsOf([{ url }]), invalid, url);
  for (const more of [
    { name: '' },
    { name: 'x'.repeat(256) },
    { token: '' },
    { token: 'a b' },
    { key: 'a.b' },
  ])
    assert.throws(() => endpointsOf([{ url: 'http://a', ...more }]), invalid, JSON.stringify(more));
  assert.throws(() => endpointsOf([{ url: 'http://a' }, { url: 'http://a:80' }]), invalid);
  assert.throws(
    () => endpointsOf([{ url: 'http://a', token: 'se cret' }]),
    ({ message }: Error) => !message.includes('cret'),
  );
  for (const hosts of [undefined, [], 'http://a', [null]])
    assert.throws(() => httpTransport({ hosts: hosts as never }), invalid);
});
