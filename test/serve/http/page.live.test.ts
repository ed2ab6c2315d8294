/** The files of the page, over HTTP. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { ip } from '../../support/netns.ts';
import { served } from '../support/served.ts';

test('the page and what it loads, for GET and HEAD, once for each that a browser has', async (t) => {
  ip('link', 'set', 'lo', 'up');
  const { get } = await served(t);
  const page = await get('/');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const paths = [...page.text.matchAll(/(?:href|src)="(\/page[^"]*)"/g)].map(([, path]) => path ?? '');
  assert.deepEqual(paths.sort(), ['/page.css', '/page.js']);
  assert.doesNotMatch(
    page.text,
    /<script(?![^>]*src)|\sstyle=|\son[a-z]+=/,
    'nothing that the policy refuses',
  );
  let bytes = page.text.length;
  for (const path of paths) {
    const { status, headers, text } = await get(path);
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', path.endsWith('js') ? /^text\/javascript;/ : /^text\/css;/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    const { etag = '' } = headers;
    assert.match(etag, /^"[\w-]{43}"$/);
    const known = await get(path, { 'if-none-match': etag });
    assert.deepEqual([known.status, known.text, known.headers.etag], [304, '', etag]);
    const head = await get(path, {}, 'HEAD');
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(text)));
    assert.equal((await get(path, {}, 'POST')).status, 405);
    bytes += Buffer.byteLength(text);
  }
  assert.ok(bytes < 120_000, `${bytes}`);
  for (const path of ['/page', '/page.js/', '/page.js.map', '/index.html', '/page/page.js', '//page.js'])
    assert.equal((await get(path)).status, 404, path);
});
