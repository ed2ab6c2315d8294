/** Messages read back as they were made, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeDelta, encodeDelta } from '../../src/wire/delta.ts';
import { decodeHead, encodeHead } from '../../src/wire/head.ts';
import type { Head } from '../../src/wire/head.ts';
import { hostKey, isKey } from '../../src/wire/key.ts';
import { unpacked } from '../../src/wire/payload.ts';
import { decodePart, encodeSnapshot, PART_BYTES, SnapshotParts } from '../../src/wire/snapshot.ts';
import type { Snapshot } from '../../src/wire/snapshot.ts';
import { askSubject, deltaSubject, headSubject, markSubject, parseSubject } from '../../src/wire/subjects.ts';
import { deltasLane, HEADS, isShard, snapshotSubject, subjectsOf } from '../../src/wire/subjects.ts';

const EPOCH = '0123456789abcdef';
const HEAD: Head = {
  epoch: EPOCH,
  seq: 7,
  interval: 15_000,
  time: '2026-11-30T12:00:00.000Z',
  name: 'node-1 "ä"\n',
  shard: '0',
  counts: { namespaces: 3, names: 2, links: null },
  versions: { nlink: '0.1.0', node: '20.20.2', kernel: '6.18.44' },
  target: null,
  unavailable: ['links'],
  bye: false,
};
const malformed = { code: 'ERR_FLEET_MALFORMED' };

test('a key tells hosts apart, and does not tell the machine id', () => {
  const id = '0123456789abcdef0123456789abcdef';
  assert.match(hostKey(id), /^[0-9a-f]{32}$/);
  assert.equal(hostKey(`${id}\n`), hostKey(id));
  assert.notEqual(hostKey(id), hostKey(id.replace('0', '1')));
  assert.ok(!hostKey(id).includes(id.slice(0, 8)));
  assert.ok(isKey(hostKey(id)) && isKey('a'.repeat(200)));
  for (const text of ['', 'a'.repeat(201), 'a.b', 'a b', '*', '>', 'all', 'ä']) assert.ok(!isKey(text), text);
});

test('subjects are read back, and others are none of ours', () => {
  assert.deepEqual(parseSubject(headSubject('k')), { kind: 'head', key: 'k' });
  assert.deepEqual(parseSubject(deltaSubject('s1', 'k')), { kind: 'delta', shard: 's1', key: 'k' });
  assert.deepEqual(parseSubject(snapshotSubject('k', 12)), { kind: 'snapshot', key: 'k', part: 12 });
  const lane = deltasLane('s1');
  assert.deepEqual(parseSubject(markSubject(lane, 'r')), { kind: 'mark', lane, reader: 'r' });
  assert.deepEqual(subjectsOf(lane), ['nlink.delta.s1.*', 'nlink.mark.deltas-s1.*']);
  assert.deepEqual(subjectsOf(HEADS), ['nlink.head.*', 'nlink.mark.heads.*']);
  for (const subject of [
    askSubject('k'),
    'nlink.head',
    'nlink.head.k.x',
    'other.head.k',
    'nlink.head.*',
    'nlink.delta.S.k',
  ])
    assert.equal(parseSubject(subject), null, subject);
  assert.ok(isShard('0') && !isShard('A') && !isShard('a-b') && !isShard(''));
});

test('a head is read back; one that no agent makes is refused', () => {
  assert.deepEqual(decodeHead(encodeHead(HEAD)), HEAD);
  for (const change of [
    { epoch: 'x' },
    { seq: -1 },
    { interval: 10 },
    { interval: 3_600_001 },
    { name: 'x'.repeat(256) },
    { counts: null },
    { versions: { nlink: 1 } },
    { v: 2 },
  ])
    assert.throws(() => decodeHead(Buffer.from(JSON.stringify({ v: 1, ...HEAD, ...change }))), malformed);
});

test('a delta is read back, packed where it is long', () => {
  const event = (at: number): string => `{"type":"created","time":"t","name":"blue-${at}"}`;
  for (const length of [1, 3, 400]) {
    const events = Array.from({ length }, (_, at) => event(at));
    const bytes = encodeDelta(EPOCH, 5, events);
    const { first, epoch, events: read } = decodeDelta(bytes);
    assert.deepEqual([first, epoch, read.length], [5, EPOCH, length]);
    assert.deepEqual(read, JSON.parse(`[${events.join(',')}]`));
    if (length === 400) assert.ok(bytes.length < 4000, String(bytes.length));
  }
  assert.throws(() => decodeDelta(encodeDelta(EPOCH, 5, [])), malformed);
  assert.throws(() => decodeDelta(encodeDelta(EPOCH, 5, ['{}'])), malformed);
});

/** Text that gzip does not make shorter by much. */
const noise = (length: number): string =>
  Array.from({ length: length / 8 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, 'x')).join('');

test('a snapshot is put together from its parts in any order, and never from those of two', () => {
  const one = `{"a":"${noise(2_000_000)}"}`;
  const two = `{"b":"${noise(1_000_000)}"}`;
  const [first, second] = [encodeSnapshot(EPOCH, 1, one, null), encodeSnapshot(EPOCH, 2, two, 'timeout')];
  assert.ok(first.length > second.length && second.length > 1);
  assert.ok(first.every((part) => part.length <= PART_BYTES + 512));
  const parts = new SnapshotParts();
  const give = (messages: readonly Buffer[]): (Snapshot | null)[] =>
    messages.map((message) => parts.add(decodePart(message)));
  assert.deepEqual(give([first[0] as Buffer, ...second.slice(1)]).filter(Boolean), []);
  const whole = parts.add(decodePart(second[0] as Buffer));
  assert.deepEqual([whole?.seq, whole?.resync], [2, 'timeout']);
  assert.equal(unpacked((whole as Snapshot).body), two);
  assert.equal(unpacked((give(first.toReversed()).at(-1) as Snapshot).body), one);
});

test('parts belong together only where all of them say the same', () => {
  const json = `{"a":"${noise(1_000_000)}"}`;
  const [one, two] = [encodeSnapshot(EPOCH, 1, json, null), encodeSnapshot(EPOCH, 2, json, null)];
  assert.equal(one.length, two.length);
  const parts = new SnapshotParts();
  const give = (part: Buffer | undefined): Snapshot | null => parts.add(decodePart(part as Buffer));
  for (const [at, part] of two.entries()) assert.equal(give(at === 0 ? one[0] : part), null, String(at));
  assert.equal(give(two[0])?.seq, 2);
});

/** A part of its own making. */
const partOf = (change: object, body = 'abc'): Buffer => {
  const head = { v: 1, epoch: EPOCH, seq: 1, resync: null, part: 0, parts: 1, bytes: body.length };
  return Buffer.from(`${JSON.stringify({ ...head, ...change })}\n${body}`);
};

test('a part that cannot be is refused; a whole of another length than it says is none', () => {
  assert.equal(new SnapshotParts().add(decodePart(partOf({})))?.body.toString(), 'abc');
  for (const bytes of [2, 4]) assert.equal(new SnapshotParts().add(decodePart(partOf({ bytes }))), null);
  for (const change of [{ part: 1 }, { parts: 0 }, { part: 2, parts: 2 }, { parts: 513 }, { part: -1 }])
    assert.throws(() => decodePart(partOf(change)), malformed, JSON.stringify(change));
  assert.throws(() => decodePart(partOf({}, 'x'.repeat(PART_BYTES + 1))), malformed);
});

test('what is packed is refused where it is longer than any of its kind', () => {
  const padded = (bytes: Buffer, length: number): Buffer =>
    gzipSync(`${unpacked(bytes)}${' '.repeat(length)}`);
  const [head, delta] = [encodeHead(HEAD), encodeDelta(EPOCH, 1, ['{"type":"found","time":"t"}'])];
  assert.equal(decodeHead(padded(head, 8000)).seq, 7);
  assert.throws(() => decodeHead(padded(head, 16_384)), malformed);
  assert.equal(decodeDelta(padded(delta, 4_000_000)).first, 1);
  assert.throws(() => decodeDelta(padded(delta, 8 * 1024 * 1024)), malformed);
});

test('bytes from anywhere are refused with the one code, or are what they say', () => {
  const read = [decodeHead, decodeDelta, decodePart];
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((json) => Buffer.from(json)),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.concat([Buffer.from([0x1f, 0x8b]), bytes])),
  );
  fc.assert(
    fc.property(anything, fc.constantFrom(...read), (bytes, decode) => {
      try {
        decode(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ERR_FLEET_MALFORMED');
      }
    }),
    { numRuns: 300 },
  );
});
