/** Messages are the same however their bytes are cut, and none may be too long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SseReader } from '../../../src/transport/http/sse-reader.ts';
import type { SseMessage } from '../../../src/transport/http/sse-reader.ts';

function read(chunks: readonly Buffer[], most = 1 << 20): SseMessage[] {
  const messages: SseMessage[] = [];
  const reader = new SseReader(most, (message) => messages.push(message));
  for (const chunk of chunks) reader.push(chunk);
  return messages;
}

test('cut anywhere, also within a character', () => {
  const message = fc.record({
    type: fc.constantFrom('snapshot', 'events', 'ping'),
    id: fc.stringMatching(/^[0-9a-f:]{0,20}$/),
    data: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n]/.test(text)),
  });
  const property = fc.property(
    fc.array(message),
    fc.array(fc.nat(), { maxLength: 20 }),
    fc.constantFrom('\n', '\r\n'),
    (drawn, cuts, end) => {
      const messages = drawn.map((one) => ({ ...one }));
      const lines = messages.flatMap(({ type, id, data }) => [
        `event: ${type}`,
        ...(id === '' ? [] : [`id: ${id}`]),
        `data: ${data}`,
        '',
      ]);
      const bytes = Buffer.from(['retry: 2000', '', ...lines, ''].join(end));
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const chunks = places.slice(1).map((to, at) => bytes.subarray(places[at], to));
      assert.deepEqual(read(chunks), messages);
    },
  );
  fc.assert(property);
});

test('several lines of data, a comment, a field without a value', () => {
  const text = ': hello\nevent:a\ndata: 1\ndata:2\nid\n\nevent: b\n\ndata: 3\n\n';
  assert.deepEqual(read([Buffer.from(text)]), [
    { type: 'a', id: '', data: '1\n2' },
    { type: 'message', id: '', data: '3' },
  ]);
});

test('a message that does not end is not held for ever', () => {
  const line = Buffer.from(`data: ${'x'.repeat(50)}`);
  assert.throws(
    () =>
      read(
        Array.from({ length: 3 }, () => line),
        100,
      ),
    RangeError,
  );
  assert.throws(
    () =>
      read(
        Array.from({ length: 3 }, () => Buffer.concat([line, Buffer.from('\n')])),
        100,
      ),
    RangeError,
  );
  // What is complete no longer counts.
  const whole = Buffer.concat([line, Buffer.from('\n\n')]);
  assert.equal(
    read(
      Array.from({ length: 9 }, () => whole),
      100,
    ).length,
    9,
  );
});

test('bytes that come one by one take no more room than others', () => {
  const reader = new SseReader(1 << 22, () => {});
  const one = Buffer.from('x');
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;
  const before = used();
  for (let at = 0; at < 2_000_000; at++) reader.push(one);
  const taken = (used() - before) / 1024 / 1024;
  assert.ok(taken < 64, `${taken} MiB for 2 MiB`);
});
