/** Orders of events and answers that are seldom, and what may not stay behind after them. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Labels } from '../../src/replay/labels.ts';
import { PageClient } from '../../src/page/model/page-client.ts';
import { Replay } from '../../src/replay/replay.ts';
import type { StreamIo } from '../../src/page/model/page-stream.ts';
import type { WireEvent } from '../../src/replay/wire.ts';
import { Box } from '../../src/replay/box.ts';
import { FakeIo } from '../page/support/fake-stream.ts';
import { event, identity, link, linkRow, named, row, snapshot } from '../page/support/wire.ts';

const HOST = { own: true, namespace: identity(1), number: 1 };
const BLUE = { namespace: identity(7), number: 3 };
const NAMED = { ...BLUE, ...named('blue'), ready: true };

const keysOf = (replay: Replay): string[] => [...replay.model.namespaces.keys()];

test('a name that a snapshot no longer has brings nobody back', () => {
  const replay = new Replay();
  replay.snapshot(snapshot([row(HOST), row(NAMED)]), 0);
  // It has lost its name, which was not told, and lives on.
  replay.snapshot(snapshot([row(HOST), row({ ...BLUE, lingering: true })]), 0);
  replay.events([event('destroyed', { ...BLUE, names: [named('blue')] })], 1, 0);
  replay.tick(20_000);
  assert.deepEqual(keysOf(replay), ['own']);
  replay.events(
    [event('created', { ...named('blue'), ready: true, namespace: identity(8), number: 4 })],
    2,
    0,
  );
  assert.deepEqual(keysOf(replay), ['own', 'id:8']);
});

test('what is removed is not shown again, whoever else touches it', () => {
  const replay = new Replay();
  replay.snapshot(snapshot([row(HOST), row(NAMED)]), 0);
  replay.snapshot(snapshot([row(HOST), row({ ...BLUE, lingering: true })]), 0);
  replay.events([event('unmounted', { ...named('blue'), alive: null })], 1, 0);
  assert.deepEqual(keysOf(replay), ['own', 'id:7', 'name:/var/run/netns/blue']);
});

test('a late answer tells one nsid from another that has it now', () => {
  const replay = new Replay();
  replay.snapshot(
    snapshot(
      [row(HOST), row({ nsid: 5, number: 9 })],
      [
        linkRow(
          { ...HOST, names: [] },
          link(2, 'v', { peer: { netns: 'nsid:5', number: 9, ifindex: 3, name: 'w' } }),
        ),
      ],
    ),
    0,
  );
  // As it was before: nsid 5 was another's.
  replay.rows([row(HOST), row({ nsid: 5, number: 8, processes: 4 })], 0);
  const box = [...replay.model.namespaces.values()].find(({ nsid }) => nsid === 5);
  assert.equal(box?.number, 9);
  assert.equal(box?.processes, null);
});

test('a part that is gone is asked for once, also where the snapshot is as old as the event', () => {
  const io = new FakeIo();
  const client = new PageClient({ ...ioOf(io), rows: async () => null }, () => {});
  client.start();
  const gone: WireEvent = event('linksUnavailable', { reason: 'x' });
  for (let times = 0; times < 10; times++) {
    const source = io.last;
    source.send(
      'snapshot',
      snapshot([row(HOST)], [], { unavailable: times === 0 ? [] : ['links'] }),
      'one:0',
    );
    source.send('events', [gone], 'one:1');
    if (io.last === source) break;
  }
  assert.equal(io.sources.length, 2);
  client.stop();
});

test('after a snapshot rows are asked for anew, whatever was known of them', async () => {
  const io = new FakeIo();
  const tags: (string | null)[] = [];
  const rows = async (_: string, tag: string | null): Promise<{ rows: unknown; tag: string }> => {
    tags.push(tag);
    return { rows: [row(HOST)], tag: '"one:1"' };
  };
  const client = new PageClient({ ...ioOf(io), rows }, () => {});
  client.start();
  const begin = (): void => io.last.send('snapshot', snapshot([row(HOST)]), 'one:0');
  for (const act of [begin, () => io.last.send('events', [], 'one:0'), begin]) {
    act();
    io.last.send('events', [], 'one:0');
    io.clock.advance(6000);
    await Promise.resolve();
  }
  client.stop();
  assert.deepEqual(tags, [null, '"one:1"', null]);
});

const ioOf = (io: FakeIo): StreamIo => ({
  now: () => io.now(),
  after: (milliseconds: number, callback: () => void) => io.after(milliseconds, callback),
  open: (url: string) => io.open(url),
  status: (): Promise<number | null> => io.status(),
  random: () => io.random(),
});

test('the clock goes back: what ended goes all the same', () => {
  const replay = new Replay();
  replay.snapshot(snapshot([row(HOST), row(NAMED)]), 1_000_000);
  replay.events([event('destroyed', BLUE)], 1, 1_000_000);
  replay.tick(0);
  replay.tick(20_000);
  assert.deepEqual(keysOf(replay), ['own']);
});

test('labels that nobody has are not kept', () => {
  const labels = new Labels();
  for (let number = 0; number < 100; number++) {
    const box = new Box(`id:${number}`, number, false);
    box.number = number;
    labels.put(box, '');
    labels.drop(box);
  }
  assert.equal(labels.size, 0);
});

test('what is told twice is in the time line once', () => {
  const replay = new Replay();
  const created = event('created', { ...named('blue'), ready: true, ...BLUE });
  replay.snapshot(snapshot([row(HOST)]), 0);
  replay.events([created, created], 2, 0);
  replay.snapshot(snapshot([row(HOST)]), 0);
  replay.events([created, created], 3, 0);
  assert.deepEqual(
    replay.model.events.map(({ seq }) => seq),
    [1, 2, 3],
  );
});
