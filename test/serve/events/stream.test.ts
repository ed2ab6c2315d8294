/** Clients of the stream: the tables in client.ts and hub.ts, and a model of many clients. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { STALL } from '../../../src/serve/events/client.ts';
import type { StreamClient } from '../../../src/serve/events/client.ts';
import { cursorOf } from '../../../src/serve/events/cursor.ts';
import { PACE, PING } from '../../../src/serve/events/paced-clients.ts';
import { modelRuns } from '../../support/runs.ts';
import { assigned, EPOCH, FakeSink, FeedParts } from '../support/feed-parts.ts';
import { StreamReader } from '../support/stream-reader.ts';

const SNAPSHOT = (seq: number, revision: number): string =>
  `{"type":"snapshot","epoch":"${EPOCH}","seq":${seq},"revision":${revision},"directory":"/var/run/netns","unavailable":[],"namespaces":[],"links":[]}`;
const EVENT = (nsid: number): string =>
  `{"type":"nsidAssigned","time":"1970-01-01T00:00:00.000Z","nsid":${nsid},"namespace":null,"names":[]}`;

test('a client that has nothing gets all that is there, then each event, numbered', () => {
  const parts = new FeedParts();
  parts.come(assigned(1));
  const sink = new FakeSink();
  parts.hub.add(sink, 'sse', null);
  assert.equal(sink.taken(), `retry: 2000\n\nevent: snapshot\nid: ${EPOCH}:1\ndata: ${SNAPSHOT(1, 2)}\n\n`);
  parts.come(assigned(2));
  assert.equal(sink.taken(), `event: events\nid: ${EPOCH}:2\ndata: [${EVENT(2)}]\n\n`);
});

test('as NDJSON each is a line with its number', () => {
  const parts = new FeedParts();
  const sink = new FakeSink();
  parts.hub.add(sink, 'ndjson', null);
  parts.come(assigned(1), assigned(2));
  const [snapshot, one, two, rest] = sink.taken().split('\n');
  assert.equal(snapshot, `{"id":"${EPOCH}:0",${SNAPSHOT(0, 1).slice(1)}`);
  assert.equal(one, `{"id":"${EPOCH}:1",${EVENT(1).slice(1)}`);
  assert.equal(two, `{"id":"${EPOCH}:2",${EVENT(2).slice(1)}`);
  assert.equal(rest, '');
});

test('one that comes back gets what it missed; from another start, or too late, a snapshot', () => {
  const parts = new FeedParts({ events: 2, bytes: 1000 });
  parts.come(assigned(1), assigned(2), assigned(3));
  const told = (cursor: string): string => {
    const sink = new FakeSink();
    parts.hub.add(sink, 'sse', cursorOf(cursor));
    return sink.taken().replace('retry: 2000\n\n', '');
  };
  assert.equal(told(`${EPOCH}:3`), '');
  assert.equal(told(`${EPOCH}:1`), `event: events\nid: ${EPOCH}:3\ndata: [${EVENT(2)},${EVENT(3)}]\n\n`);
  for (const cursor of [`${EPOCH}:0`, `${EPOCH}:4`, 'fedcba9876543210:3', 'nonsense', '', `${EPOCH}:01`])
    assert.match(told(cursor), /^event: snapshot\nid: 0123456789abcdef:3\ndata: [^\n]*\n\n$/, cursor);
});

test('what comes at once is one message, and there is one in 250 ms', () => {
  const parts = new FeedParts();
  const sink = new FakeSink();
  parts.hub.add(sink, 'sse', cursorOf(`${EPOCH}:0`));
  sink.taken();
  parts.come(assigned(1), assigned(2));
  assert.equal(sink.taken().match(/^event:/gm)?.length, 1);
  parts.come(assigned(3));
  parts.clock.advance(PACE - 1);
  parts.come(assigned(4));
  assert.equal(sink.taken(), '');
  parts.clock.advance(1);
  assert.match(sink.taken(), /^event: events\nid: \w+:4\n/);
  // Nothing came since: the next one goes out at once.
  parts.clock.advance(PACE);
  parts.come(assigned(5));
  assert.match(sink.taken(), /^event: events\nid: \w+:5\n/);
});

test('at rest there is a ping each 15 s while there is a client, and no timer without one', () => {
  const parts = new FeedParts();
  assert.equal(parts.clock.timers, 0);
  const sink = new FakeSink();
  const client = parts.hub.add(sink, 'sse', null);
  sink.taken();
  assert.equal(parts.clock.timers, 1);
  parts.clock.advance(4 * PING);
  assert.equal(sink.taken(), 'event: ping\ndata: {"type":"ping"}\n\n'.repeat(4));
  parts.hub.remove(client);
  assert.equal(parts.clock.timers, 0);
  parts.come(assigned(1));
  assert.equal(parts.clock.timers, 0);
});

test('one that takes nothing is written nothing; when it does again, events, or where the ring has moved on a snapshot', () => {
  const parts = new FeedParts({ events: 5, bytes: 10_000 });
  const sink = new FakeSink();
  sink.open = false;
  const client = parts.hub.add(sink, 'sse', cursorOf(`${EPOCH}:0`));
  assert.equal(sink.untaken, 1);
  for (let at = 1; at <= 5; at++) {
    parts.come(assigned(at));
    parts.clock.advance(PACE);
  }
  assert.deepEqual([sink.untaken, sink.isCut, parts.hub.size], [1, false, 1]);
  parts.come(assigned(6));
  parts.clock.advance(PACE);
  assert.deepEqual([sink.untaken, sink.isCut, parts.hub.size], [1, false, 1]);
  sink.taken();
  sink.open = true;
  parts.hub.drained(client);
  assert.equal(sink.taken(), `event: snapshot\nid: ${EPOCH}:6\ndata: ${SNAPSHOT(6, 7)}\n\n`);
  parts.come(assigned(7));
  assert.match(sink.taken(), /^event: events\nid: \w+:7\n/);
});

test('one that was cut off is told nothing more', () => {
  const parts = new FeedParts();
  const sink = new FakeSink();
  sink.open = false;
  const client = parts.hub.add(sink, 'sse', null);
  parts.clock.advance(STALL + PING);
  assert.deepEqual([sink.isCut, parts.hub.size], [true, 0]);
  const { untaken } = sink;
  // The connection closes at last, and says so.
  parts.hub.drained(client);
  parts.hub.remove(client);
  parts.come(assigned(1));
  assert.equal(sink.untaken, untaken);
});

test('a burst of many rings cuts off nobody', () => {
  const parts = new FeedParts({ events: 5, bytes: 10_000 });
  const sink = new FakeSink();
  const client = parts.hub.add(sink, 'sse', null);
  const reader = new StreamReader();
  for (let at = 1; at <= 40; at++) {
    // As a socket: full after the first message of a turn.
    parts.feed.take(assigned(at), new Date(0));
    parts.hub.heard();
    sink.open = false;
  }
  reader.sse(sink.taken());
  sink.open = true;
  parts.hub.drained(client);
  reader.sse(sink.taken());
  assert.deepEqual([sink.isCut, reader.seq, reader.snapshots], [false, 40, 2]);
});

test('one that takes nothing for half a minute is cut off although nothing happens', () => {
  const parts = new FeedParts();
  const sink = new FakeSink();
  sink.open = false;
  parts.hub.add(sink, 'sse', null);
  parts.clock.advance(STALL - 1);
  assert.equal(sink.isCut, false);
  parts.clock.advance(PING);
  assert.equal(sink.isCut, true);
});

test('one that takes it again gets the rest at once', () => {
  const parts = new FeedParts();
  const sink = new FakeSink();
  sink.open = false;
  const client = parts.hub.add(sink, 'sse', cursorOf(`${EPOCH}:0`));
  parts.come(assigned(1), assigned(2));
  sink.taken();
  sink.open = true;
  parts.hub.drained(client);
  assert.match(sink.taken(), /^event: events\nid: \w+:2\n/);
});

test('the end is told, after what came before it, and to those who come later', () => {
  const parts = new FeedParts();
  const sink = new FakeSink();
  parts.hub.add(sink, 'sse', cursorOf(`${EPOCH}:0`));
  parts.come(assigned(1));
  sink.taken();
  parts.come(assigned(2));
  parts.hub.end('stopped');
  assert.match(
    sink.taken(),
    /^event: events\nid: \w+:2\n.*\n\nevent: end\ndata: {"type":"end","reason":"stopped"}\n\n$/,
  );
  assert.equal(sink.ended, true);
  const late = new FakeSink();
  parts.hub.add(late, 'ndjson', null);
  assert.match(late.taken(), /{"type":"end","reason":"stopped"}\n$/);
  assert.deepEqual([parts.hub.size, parts.clock.timers], [0, 0]);
});

test('clients that are up to date are sent the same bytes, and so are snapshots of five seconds', () => {
  const parts = new FeedParts();
  const buffers: Buffer[] = [];
  const sink = { write: (bytes: Buffer) => buffers.push(bytes) > 0, end: () => {}, cut: () => {} };
  for (let at = 0; at < 3; at++) parts.hub.add(sink, 'ndjson', null);
  parts.come(assigned(1));
  // Within those seconds: the snapshot of before, and the event after it.
  parts.hub.add(sink, 'ndjson', null);
  const [a, b, c, d, e, f, g, h] = buffers;
  assert.ok(a === b && b === c && d === e && e === f && g === a && h === d, `${buffers.length}`);
  buffers.length = 0;
  parts.clock.advance(5000);
  parts.hub.add(sink, 'ndjson', null);
  assert.match(String(buffers[0]), /"seq":1/);
});

interface Client {
  sink: FakeSink;
  reader: StreamReader;
  served: StreamClient | null;
}

type Step =
  | { kind: 'events'; count: number }
  | { kind: 'time'; by: number }
  | { kind: 'connect' | 'break' | 'hold' | 'take'; client: number };

const CLIENTS = 4;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('events' as const), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('time' as const), by: fc.constantFrom(1, 100, 250, 5000, 15_000) }),
  fc.record({
    kind: fc.constantFrom('connect' as const, 'break' as const, 'hold' as const, 'take' as const),
    client: fc.nat(CLIENTS - 1),
  }),
);

test('however clients come, lag, break off and come back: all get everything, and in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, isSse) => {
      const parts = new FeedParts({ events: 20, bytes: 1500 }, CLIENTS);
      const clients = Array.from({ length: CLIENTS }, (): Client => {
        return { sink: new FakeSink(), reader: new StreamReader(), served: null };
      });
      let nsid = 0;
      const read = ({ sink, reader }: Client): void => {
        if (isSse) reader.sse(sink.taken());
        else reader.ndjson(sink.taken());
      };
      const leave = (client: Client): void => {
        if (client.served !== null) parts.hub.remove(client.served);
        client.served = null;
      };
      const connect = (client: Client): void => {
        leave(client);
        client.sink = new FakeSink();
        client.reader.reconnected();
        client.served = parts.hub.add(
          client.sink,
          isSse ? 'sse' : 'ndjson',
          cursorOf(client.reader.cursor ?? ''),
        );
      };
      const take = (client: Client): void => {
        client.sink.open = true;
        if (client.served !== null) parts.hub.drained(client.served);
      };
      const run = (one: Step): void => {
        if (one.kind === 'events')
          return parts.come(...Array.from({ length: one.count }, () => assigned(nsid++)));
        if (one.kind === 'time') return parts.clock.advance(one.by);
        const client = clients[one.client] as Client;
        if (one.kind === 'connect') connect(client);
        else if (one.kind === 'break') leave(client);
        else if (one.kind === 'hold') client.sink.open = false;
        else take(client);
      };
      for (const one of steps) {
        run(one);
        for (const client of clients) {
          // What it did not take yet is lost with a connection that is cut off.
          if (client.sink.isCut) {
            client.sink.taken();
            leave(client);
            client.sink = new FakeSink();
          }
          assert.ok(client.sink.untaken <= 1);
          if (client.sink.open) read(client);
        }
        assert.equal(parts.hub.size, clients.filter(({ served }) => served !== null).length);
      }
      for (const client of clients) {
        if (client.served === null) connect(client);
        take(client);
      }
      parts.clock.advance(PACE);
      for (const client of clients) {
        read(client);
        assert.equal(client.reader.seq, parts.feed.seq);
      }
    }),
    { numRuns: modelRuns(400) },
  );
});
