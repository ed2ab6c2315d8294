/** The stream of a page: each row of the table in page-stream.ts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { PageStream } from '../../../src/page/model/page-stream.ts';
import { FakeIo } from '../support/fake-stream.ts';

interface Parts {
  io: FakeIo;
  stream: PageStream;
  told: string[];
}

function parts(): Parts {
  const io = new FakeIo();
  const told: string[] = [];
  const stream = new PageStream(io, {
    snapshot: ({ seq }) => told.push(`snapshot ${seq}`),
    events: (events, last) => told.push(`${events.length} to ${last}`),
    state: (state) => told.push(state),
  });
  stream.start();
  return { io, stream, told };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function live(): Parts {
  const all = parts();
  all.io.last.send('snapshot', { seq: 7 }, 'e:7');
  all.told.length = 0;
  return all;
}

test('it begins with a snapshot, and is live', () => {
  const { io, told } = parts();
  assert.equal(io.last.url, '/v1/events');
  io.last.send('open');
  io.last.send('snapshot', { seq: 7 }, 'e:7');
  io.last.send('events', [{}, {}], 'e:9');
  io.last.send('ping');
  assert.deepEqual(told, ['connecting', 'live', 'snapshot 7', '2 to 9']);
});

test('a ping alone makes nobody live who has nothing', () => {
  const { io, stream } = parts();
  io.last.send('ping');
  assert.equal(stream.state, 'connecting');
});

test('silence makes it stale, and a new one goes on where it was', () => {
  const { io, stream, told } = live();
  io.clock.advance(34_000);
  io.last.send('ping');
  io.clock.advance(34_999);
  assert.deepEqual([stream.state, io.sources.length], ['live', 1]);
  io.clock.advance(1);
  assert.deepEqual([told, io.last.url, io.opened], [['stale'], '/v1/events?since=e:7', 1]);
  io.last.send('events', [{}], 'e:8');
  assert.deepEqual(told, ['stale', 'live', '1 to 8']);
});

test('what is cut off is begun anew, later each time, and never by what was closed', async () => {
  const { io, stream, told } = live();
  const [first] = io.sources;
  const waits: number[] = [];
  io.answer = null;
  for (let at = 0; at < 6; at++) {
    io.last.send('error');
    await settled();
    assert.equal(io.opened, 0);
    waits.push(io.clock.next - io.clock.now());
    io.clock.advance(io.clock.next - io.clock.now());
  }
  assert.deepEqual(waits, [750, 1500, 3000, 6000, 11_250, 11_250]);
  assert.equal(stream.state, 'stale');
  first?.send('events', [{}], 'e:99');
  assert.deepEqual(told, ['stale']);
  io.last.send('events', [{}], 'e:8');
  io.last.send('error');
  assert.equal(io.clock.next - io.clock.now(), 750, 'it begins with little again');
});

test('nothing was missed: it is live soon after it opened, without a message', () => {
  const { io, stream } = live();
  io.last.send('error');
  io.clock.advance(750);
  io.last.send('open');
  assert.equal(stream.state, 'stale');
  io.clock.advance(300);
  assert.equal(stream.state, 'live');
  assert.equal(io.clock.next - io.clock.now(), 35_000);
});

test('where it is busy it comes back when it was told to, and a bit later', () => {
  const { io, stream, told } = parts();
  io.last.send('open');
  io.last.send('busy', { type: 'busy', limit: 64, retry: 15_000 });
  // The end of that stream is no failure.
  io.last.send('error');
  assert.deepEqual([stream.state, io.opened, io.asked], ['busy', 0, 0]);
  assert.equal(io.clock.next - io.clock.now(), 16_875);
  io.clock.advance(16_875);
  assert.deepEqual([stream.state, io.opened], ['busy', 1]);
  io.last.send('snapshot', { seq: 1 }, 'f:1');
  assert.deepEqual(told, ['connecting', 'busy', 'live', 'snapshot 1']);
});

test('where the server ended it comes back, and another one gives a snapshot', async () => {
  const { io, stream, told } = live();
  io.last.send('end', { type: 'end', reason: 'stopped' });
  assert.deepEqual([stream.state, io.opened], ['ended', 0]);
  io.answer = null;
  io.clock.advance(750);
  io.last.send('error');
  await settled();
  assert.equal(stream.state, 'ended', 'not stale: it is known why');
  io.clock.advance(1500);
  io.last.send('snapshot', { seq: 0 }, 'other:0');
  assert.deepEqual(told, ['ended', 'live', 'snapshot 0']);
});

test('without a token it is refused, and tries seldom, or when it is looked at again', async () => {
  const { io, stream } = parts();
  io.answer = 401;
  io.last.send('error');
  await settled();
  assert.equal(stream.state, 'refused');
  io.clock.advance(29_999);
  assert.equal(io.opened, 0);
  io.clock.advance(1);
  assert.equal(io.opened, 1);
  io.last.send('error');
  await settled();
  assert.deepEqual([stream.state, io.opened], ['refused', 0]);
  stream.visible(true);
  assert.equal(io.opened, 1);
});

test('out of sight it is closed, without a timer; in sight it goes on', () => {
  const { io, stream, told } = live();
  stream.visible(false);
  io.clock.advance(999);
  stream.visible(true);
  io.clock.advance(5000);
  assert.deepEqual([stream.state, io.sources.length], ['live', 1], 'only a glance elsewhere');
  stream.visible(false);
  io.clock.advance(1000);
  assert.deepEqual([stream.state, io.opened, io.clock.timers], ['hidden', 0, 0]);
  stream.visible(true);
  assert.deepEqual([io.last.url, io.opened], ['/v1/events?since=e:7', 1]);
  io.last.send('open');
  io.clock.advance(300);
  assert.deepEqual(told, ['hidden', 'connecting', 'live']);
});

test('out of sight while it waits: nothing is tried', async () => {
  const { io, stream } = live();
  io.last.send('error');
  stream.visible(false);
  io.clock.advance(60_000);
  await settled();
  assert.deepEqual([stream.state, io.opened, io.clock.timers], ['hidden', 0, 0]);
});

test('an answer that comes late says nothing of the stream that is there by then', async () => {
  const { io, stream } = live();
  io.answer = 401;
  io.last.send('error');
  io.clock.advance(750);
  await settled();
  assert.equal(stream.state, 'stale');
  assert.equal(io.opened, 1);
});

test('all anew: by a snapshot', () => {
  const { io, stream } = live();
  stream.again();
  assert.deepEqual([io.last.url, io.opened], ['/v1/events', 1]);
});

test('stopped: nothing is left', () => {
  const { io, stream } = live();
  stream.stop();
  assert.deepEqual([io.opened, io.clock.timers], [0, 0]);
});

test('it is opened anew from where it is, by whoever has another address for it', () => {
  const { io, stream, told } = live();
  stream.reopen();
  assert.equal(io.last.url, '/v1/events?since=e:7');
  assert.equal(io.opened, 1);
  assert.deepEqual(told, []);
  stream.visible(false);
  io.clock.advance(1000);
  stream.reopen();
  assert.equal(io.opened, 0);
});
