/** Which format and coding a client gets, by what it says that it wants. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { negotiate } from '../../../src/serve/metrics/negotiate.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const DRAFT = 'application/openmetrics-text; version=0.0.1; charset=utf-8';

const ACCEPTED: readonly (readonly [accept: string | undefined, contentType: string])[] = [
  [undefined, TEXT],
  ['', TEXT],
  ['*/*', TEXT],
  ['text/*', TEXT],
  ['text/html', TEXT],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT],
  ['application/openmetrics-text', OPEN],
  ['application/OpenMetrics-Text; version="1.0.0"', OPEN],
  ['application/openmetrics-text;version=0.0.1', DRAFT],
  ['application/openmetrics-text;version=2.0.0', TEXT],
  ['application/openmetrics-text;q=0', TEXT],
  ['application/openmetrics-text;q=0, */*', TEXT],
  ['text/plain, application/openmetrics-text', OPEN],
  ['text/plain;q=0.5, application/openmetrics-text;q=0.4', TEXT],
  ['text/plain;q=0.4, application/openmetrics-text;q=0.5', OPEN],
  ['text/plain;q=0, */*', OPEN],
  ['application/openmetrics-text;q=2', TEXT],
  ['application/json;a="x,application/openmetrics-text"', TEXT],
  // Prometheus 2.42, and 3.0.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    OPEN,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/*;q=0.1',
    OPEN,
  ],
];

for (const [accept, contentType] of ACCEPTED)
  test(`Accept: ${accept}`, () => {
    const found = negotiate(accept, undefined);
    assert.equal(found.contentType, contentType);
    assert.equal(found.format, contentType === TEXT ? 'text' : 'openmetrics');
    assert.equal(found.gzip, false);
  });

const ENCODINGS: readonly (readonly [acceptEncoding: string, gzip: boolean])[] = [
  ['gzip', true],
  ['x-gzip', true],
  ['GZIP;Q=0.5', true],
  ['deflate, gzip;q=0.1', true],
  ['*', true],
  ['br, *;q=0.1', true],
  ['identity', false],
  ['', false],
  ['gzip;q=0', false],
  ['gzip;q=0.000, *', false],
  ['gzip;q=0.5, identity', false],
  ['gzip;q=0.5, identity;q=0.5', true],
  ['*;q=0', false],
];

for (const [acceptEncoding, gzip] of ENCODINGS)
  test(`Accept-Encoding: ${acceptEncoding}`, () => {
    assert.equal(negotiate(undefined, acceptEncoding).gzip, gzip);
  });

test('any header gets an answer', () => {
  const header = fc.string({
    unit: fc.constantFrom(...'application/openmetrics-text,text/plain;q=10.\\" *'.split('')),
  });
  fc.assert(
    fc.property(header, header, (accept, acceptEncoding) => {
      assert.ok([TEXT, OPEN, DRAFT].includes(negotiate(accept, acceptEncoding).contentType));
    }),
  );
});
