/** How one server is followed: states and times of host-stream.ts, with a clock that is held. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNREACHED } from '../../../src/wire/head.ts';
import { unpacked } from '../../../src/wire/payload.ts';
import { DATE, EPOCH, FollowedHost, live, NEXT } from './support/followed-host.ts';

test('a snapshot, events, pings: a head where it is due, with what is there', () => {
  const host = new FollowedHost();
  assert.deepEqual(host.asked, [null]);
  host.opened(DATE + 3_600_000);
  host.send('ping', '', { type: 'ping' });
  assert.deepEqual(host.take(), [], 'nothing is known yet');
  host.snapshot(EPOCH, 7, ['a', 'b']);
  assert.deepEqual(host.take(), ['snapshot 01:7', 'head 01:7']);
  assert.match(unpacked(host.snapshots[0]?.body ?? Buffer.of()), /"name":"b"/);
  const [head] = host.heads;
  assert.deepEqual(head?.counts, { namespaces: 2, names: 2, links: 0 });
  assert.equal(head?.time, '2026-11-30T13:00:00.000Z', 'by the clock of the server');
  host.events(EPOCH, 9, 2);
  assert.deepEqual(host.take(), ['delta 8+2']);
  host.send('ping', '', { type: 'ping' });
  assert.deepEqual(host.take(), ['head 01:9']);
  assert.deepEqual(host.states, ['live']);
});

test('cut off: again by the cursor, after pauses that grow; live when nothing was missed', () => {
  const host = live();
  const unreachable = { kind: 'unreachable', message: 'x' } as const;
  for (const pause of [500, 1000, 2000, 4000, 7500, 7500]) {
    host.handlers?.failed(unreachable);
    const asked = host.asked.length;
    host.clock.advance(pause - 1);
    assert.equal(host.asked.length, asked, `${pause}`);
    host.clock.advance(1);
    assert.equal(host.asked.length, asked + 1, `${pause}`);
  }
  assert.equal(host.asked.at(-1), `${EPOCH}:7`);
  host.opened();
  assert.deepEqual(host.take(), []);
  host.clock.advance(300);
  assert.deepEqual(host.take(), ['head 01:7']);
  assert.deepEqual(host.states, [...Array.from({ length: 6 }, () => 'unreachable'), 'live']);
  // What came resets the pauses.
  host.handlers?.failed(unreachable);
  host.clock.advance(500);
  assert.equal(host.asked.length, 8);
});

test('silence: asked anew after 35 s, and where no answer comes after 10 s', () => {
  const host = live();
  host.clock.advance(34_999);
  host.send('ping', '', {});
  host.clock.advance(34_999);
  assert.deepEqual(host.states, []);
  host.clock.advance(1);
  assert.deepEqual([host.states, host.asked.at(-1)], [['silent'], `${EPOCH}:7`]);
  host.clock.advance(10_000);
  assert.deepEqual(host.states, ['silent', 'silent']);
  host.clock.advance(500);
  assert.equal(host.asked.length, 3);
});

test('a long snapshot over a slow way: waited for while it comes, not for ever', () => {
  const host = new FollowedHost();
  host.opened();
  for (let at = 0; at < 8; at++) {
    host.clock.advance(30_000);
    host.handlers?.chunk(Buffer.from(at === 0 ? 'event: snapshot\ndata: {' : ' '));
  }
  assert.deepEqual([host.states, host.asked.length], [[], 1]);
  host.handlers?.chunk(Buffer.from('}\n\n'));
  assert.deepEqual(host.take(), ['malformed'], 'it is read when it is whole');
  const other = live();
  for (let at = 0; at < 10; at++) {
    other.clock.advance(30_000);
    other.handlers?.chunk(Buffer.from('x'));
  }
  assert.deepEqual(other.states, []);
  other.clock.advance(5000);
  assert.deepEqual([other.states, other.asked.at(-1)], [['silent'], `${EPOCH}:7`]);
});

test('events alone keep it live', () => {
  const host = live();
  for (let seq = 8; seq < 12; seq++) {
    host.clock.advance(30_000);
    host.events(EPOCH, seq);
  }
  assert.deepEqual(host.states, []);
});

test('a server that was started again: its snapshot under its own epoch', () => {
  const host = live();
  host.send('end', '', { type: 'end', reason: 'stopped' });
  assert.deepEqual(host.take(), ['head 01:7 bye']);
  host.clock.advance(500);
  host.opened();
  host.snapshot(NEXT, 0, ['c']);
  host.clock.advance(300);
  assert.deepEqual(host.take(), ['snapshot fe:0', 'head fe:0']);
  assert.deepEqual(host.heads.at(-1)?.counts, { namespaces: 1, names: 1, links: 0 });
  assert.deepEqual(host.states, ['ended', 'live']);
});

test('one that failed does not say goodbye', () => {
  const host = live();
  host.send('end', '', { type: 'end', reason: 'failed' });
  assert.deepEqual([host.take(), host.states], [[], ['ended']]);
});

test('busy: after the time that it says', () => {
  const host = new FollowedHost();
  host.opened();
  host.send('busy', '', { type: 'busy', limit: 1, retry: 15_000 });
  host.clock.advance(14_999);
  assert.deepEqual([host.asked.length, host.states], [1, ['busy']]);
  host.clock.advance(1);
  assert.equal(host.asked.length, 2);
});

test('busy for days, it says: asked after two minutes', () => {
  const host = new FollowedHost();
  host.opened();
  host.send('busy', '', { type: 'busy', limit: 1, retry: 1e9 });
  host.clock.advance(120_000);
  assert.equal(host.asked.length, 2);
});

test('refused, or something else: seldom again', () => {
  for (const kind of ['refused', 'wrong'] as const) {
    const host = new FollowedHost();
    host.handlers?.failed({ kind, message: '' });
    host.clock.advance(14_999);
    assert.equal(host.asked.length, 1);
    host.clock.advance(1);
    assert.equal(host.asked.length, 2);
  }
});

test('what is not right: said, and all is asked for anew', () => {
  const wrong: [string, string, unknown][] = [
    ['snapshot', 'x', {}],
    ['snapshot', `${EPOCH}:8`, []],
    ['snapshot', `${EPOCH}:8`, { epoch: EPOCH, unavailable: [], namespaces: [null], links: [] }],
    ['snapshot', `${NEXT}:8`, { epoch: EPOCH, unavailable: [], namespaces: [], links: [] }],
    ...[undefined, null, 'links', [1], [{}], ['x'.repeat(65)]].map(
      (unavailable): [string, string, unknown] => [
        'snapshot',
        `${EPOCH}:8`,
        { epoch: EPOCH, unavailable, namespaces: [], links: [] },
      ],
    ),
    ['snapshot', `${EPOCH}:9007199254740993`, { epoch: EPOCH, unavailable: [], namespaces: [], links: [] }],
    ['events', `${EPOCH}:8`, [{ type: 1 }]],
    ['events', `${EPOCH}:8`, []],
    ['events', `${NEXT}:8`, [{ type: 'found', time: '' }]],
    ['events', `${EPOCH}:1`, Array.from({ length: 3 }, () => ({ type: 'found', time: '' }))],
  ];
  for (const [type, id, data] of wrong) {
    const host = live();
    host.send(type, id, data);
    assert.deepEqual([host.take(), host.states], [['malformed'], ['malformed']], `${type} ${id}`);
    // What follows in the same bytes is of a stream that has ended.
    host.send('ping', '', {});
    assert.deepEqual(host.take(), []);
    host.clock.advance(500);
    assert.equal(host.asked.at(-1), null);
  }
});

test('events of another start have no snapshot that they follow', () => {
  const host = live();
  host.events(NEXT, 8);
  assert.deepEqual([host.take(), host.states], [['malformed'], ['malformed']]);
});

test('a ping is no news of a host of which nothing came', () => {
  const host = new FollowedHost();
  host.opened();
  host.send('ping', '', {});
  assert.deepEqual([host.take(), host.states], [[], []]);
  host.snapshot(EPOCH, 7);
  assert.deepEqual([host.take(), host.states], [['snapshot 01:7', 'head 01:7'], ['live']]);
});

test('asked for a snapshot: at once, then no more often than each 5 s', () => {
  const host = live();
  host.stream.ask();
  assert.deepEqual(host.asked, [null, null]);
  host.opened();
  host.snapshot(EPOCH, 7);
  for (let at = 0; at < 5; at++) host.stream.ask();
  assert.equal(host.asked.length, 2);
  host.clock.advance(5000);
  assert.equal(host.asked.length, 3);
  assert.deepEqual(host.states, ['live']);
});

test('one that was never reached is told as old; once it was, no more', () => {
  const host = new FollowedHost();
  host.stream.tellUnreached();
  assert.deepEqual(host.take(), ['head 00:0 old']);
  assert.equal(host.heads[0]?.epoch, UNREACHED);
  host.opened();
  host.snapshot(EPOCH, 3);
  host.stream.tellUnreached();
  assert.deepEqual(host.take(), ['snapshot 01:3', 'head 01:3']);
});

test('one that was never reached says goodbye too, if it was told at all', () => {
  const host = new FollowedHost();
  host.stream.stop(true);
  assert.deepEqual(host.take(), []);
  const other = new FollowedHost();
  other.stream.tellUnreached();
  other.stream.stop(true);
  assert.deepEqual(other.take(), ['head 00:0 old', 'head 00:0 bye']);
});

test('stopped: nothing is told, nothing is waited for; for good it says goodbye', () => {
  for (const isForGood of [false, true]) {
    const host = live();
    host.stream.ask();
    // For that it waits.
    host.stream.ask();
    host.take();
    const { handlers } = host;
    host.stream.stop(isForGood);
    assert.deepEqual(host.take(), isForGood ? ['head 01:7 bye'] : []);
    handlers?.chunk(Buffer.from(`event: ping\ndata: {}\n\n`));
    host.stream.ask();
    host.clock.advance(100_000);
    assert.deepEqual([host.take(), host.asked.length, host.clock.timers], [[], 2, 0]);
  }
});
