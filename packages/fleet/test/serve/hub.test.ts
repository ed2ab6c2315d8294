/** The hub by a clock that stands still: its pace, who takes nothing, and rest without clients. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { event, named } from '../../../../test/page/support/wire.ts';
import { waitFor } from '../../../../test/support/wait.ts';
import { FakeClock } from '../../../../test/watch/support/fake-clock.ts';
import type { WireEvent } from '../../src/core.ts';
import { FleetWatcher } from '../../src/fleet-watcher.ts';
import { FleetHub } from '../../src/serve/fleet-hub.ts';
import { HostBook } from '../../src/serve/host-book.ts';
import type { FleetHost } from '../../src/index.ts';
import { headOf } from '../support/head.ts';
import { FleetLab } from './support/fleet-lab.ts';
import { EPOCH, lab } from './support/hosts.ts';

/** A client's connection: what was written to it, and whether it takes more. */
class FakeSink {
  readonly written: string[] = [];
  takes = true;
  isCut = false;
  isEnded = false;

  write(bytes: Buffer): boolean {
    this.written.push(bytes.toString());
    return this.takes;
  }

  end(bytes: Buffer): void {
    this.written.push(bytes.toString());
    this.isEnded = true;
  }

  cut(): void {
    this.isCut = true;
  }

  /** Since the last time: the kinds of messages, in order. */
  take(): string[] {
    const types = this.written.splice(0).flatMap((text) => [...text.matchAll(/^event: (\w+)$/gm)]);
    return types.map(([, type = '']) => type);
  }
}

const created = (name: string): WireEvent => event('created', { ...named(name), ready: false, reason: 'x' });

async function parts(t: TestContext): Promise<{
  fleet: FleetLab;
  clock: FakeClock;
  hub: FleetHub;
  watcher: FleetWatcher;
  /** All that has happened goes to the hub at once. */
  happen: () => void;
  join: (open?: string[]) => { sink: FakeSink; client: ReturnType<FleetHub['add']> };
}> {
  const fleet = new FleetLab();
  fleet.add('alpha', {}, lab(['blue']));
  const watcher = await FleetWatcher.open({ transport: fleet.broker.transport() });
  t.after(() => watcher.stop());
  const clock = new FakeClock();
  const hub = new FleetHub(new HostBook(watcher), watcher, clock, 8);
  const happen = (): void => {
    for (let next = watcher.tryRecv(); next !== undefined; next = watcher.tryRecv()) hub.take(next);
    hub.wake();
  };
  happen();
  const join = (open: string[] = []): { sink: FakeSink; client: ReturnType<FleetHub['add']> } => {
    const sink = new FakeSink();
    return { sink, client: hub.add(sink, 'sse', null, open) };
  };
  return { fleet, clock, hub, watcher, happen, join };
}

test('what comes within 250 ms is told at once, and what comes after the first as one', async (t) => {
  const { fleet, clock, happen, join } = await parts(t);
  const { sink } = join(['alpha']);
  assert.deepEqual(sink.take(), ['snapshot', 'hostSnapshot']);
  fleet.tell('alpha', [created('one')], lab(['blue', 'one']));
  happen();
  assert.deepEqual(sink.take(), ['hostEvents']);
  for (const name of ['two', 'three', 'four']) {
    fleet.tell('alpha', [created(name)], lab(['blue', name]));
    fleet.add(name, {}, lab([]));
    happen();
    clock.advance(50);
  }
  assert.deepEqual(sink.take(), []);
  clock.advance(100);
  const [text = ''] = sink.written.slice(-1);
  assert.deepEqual(sink.take(), ['events', 'hostEvents']);
  assert.equal(text.match(/"created"/g)?.length, 3);
});

test('without clients nothing runs, and with them a ping and a look alone', async (t) => {
  const { fleet, clock, hub, happen, join } = await parts(t);
  assert.equal(clock.timers, 0);
  fleet.add('beta', {}, lab([]));
  happen();
  assert.equal(clock.timers, 0);
  const { sink, client } = join();
  assert.equal(clock.timers, 2);
  sink.take();
  clock.advance(15_000);
  assert.deepEqual(sink.take(), ['ping']);
  hub.remove(client);
  clock.advance(250);
  assert.equal(clock.timers, 0);
  assert.equal(hub.size, 0);
});

test('all hosts are looked at each 5 s, also while one that is open is waited for', async (t) => {
  const { fleet, clock, happen, join } = await parts(t);
  fleet.add('__proto__', {}, lab([]));
  happen();
  const { sink } = join(['late']);
  sink.take();
  for (let at = 0; at < 4; at++) {
    clock.advance(1000);
    fleet.head('alpha', {});
  }
  assert.deepEqual(sink.take(), []);
  fleet.add('late', {}, lab([]));
  clock.advance(500);
  assert.deepEqual(sink.take(), ['hostSnapshot']);
  await setTimeout(300);
  for (const key of ['alpha', '__proto__']) fleet.head(key, {});
  clock.advance(500);
  clock.advance(5000);
  const text = sink.written.find((message) => message.startsWith('event: heard')) ?? '';
  const { heard } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '{}') as { heard: object };
  assert.ok(Object.keys(heard).includes('__proto__'), text);
});

test('who takes nothing is written nothing more, then begins where it was, or is cut off', async (t) => {
  const { fleet, clock, hub, happen, join } = await parts(t);
  const { sink, client } = join(['alpha']);
  const other = join(['alpha']);
  sink.take();
  other.sink.take();
  sink.takes = false;
  for (let at = 0; at < 40; at++) {
    fleet.tell('alpha', [created(`ns${at}`)], lab(['blue']));
    fleet.add(`host${at}`, {}, lab([]));
    happen();
    clock.advance(250);
  }
  // One of each kind, before it was known that it takes no more.
  assert.deepEqual(sink.take(), ['events', 'hostEvents']);
  assert.equal(other.sink.take().filter((type) => type === 'hostEvents').length, 40);
  sink.takes = true;
  hub.drained(client);
  const rest = sink.written.join('');
  assert.deepEqual(sink.take(), ['events', 'hostEvents']);
  assert.equal(rest.match(/"created"/g)?.length, 39);
  sink.takes = false;
  fleet.add('one-more', {}, lab([]));
  happen();
  clock.advance(60_000);
  assert.ok(sink.isCut);
  assert.equal(hub.size, 1);
});

test('a storm that no ring holds is made up for by what is there', async (t) => {
  const { fleet, clock, happen, join } = await parts(t);
  const { sink, client } = join(['alpha']);
  sink.take();
  sink.takes = false;
  fleet.tell('alpha', [created('first')], lab(['blue']));
  happen();
  sink.take();
  for (let round = 0; round < 6; round++) {
    const events = Array.from({ length: 1000 }, (_, at) => created(`ns${round}-${at}`));
    fleet.tell('alpha', events, lab(['blue', 'last']));
    happen();
  }
  sink.takes = true;
  client.drained(clock.now());
  const text = sink.written.join('');
  assert.deepEqual(sink.take(), ['hostSnapshot']);
  assert.match(text, /ns0-0"[^]*ns5-999"/);
});

test('a host that is followed by nobody any more is fed no more', async (t) => {
  const { fleet, hub, happen, join } = await parts(t);
  const { client } = join(['alpha', 'nobody']);
  hub.remove(client);
  hub.remove(client);
  fleet.tell('alpha', [created('one')], lab(['blue', 'one']));
  happen();
  const { sink } = join(['alpha']);
  const text = sink.written.join('');
  assert.deepEqual(sink.take(), ['snapshot', 'hostSnapshot']);
  assert.match(text, /"name":"one"/);
});

test('of two who have a host open one goes: the other one is told what happens there', async (t) => {
  const { fleet, hub, happen, join } = await parts(t);
  const [one, two] = [join(['alpha']), join(['alpha'])];
  hub.remove(one.client);
  two.sink.take();
  fleet.tell('alpha', [created('one')], lab(['blue', 'one']));
  happen();
  assert.deepEqual(two.sink.take(), ['hostEvents']);
});

test('after a loss that events do not make up for, what is there now goes out, not what was', async (t) => {
  const { fleet, hub, watcher, join } = await parts(t);
  const { sink } = join(['alpha']);
  sink.take();
  // In place of the snapshot with the same number: it is told by nothing.
  fleet.show('alpha', lab(['other']));
  await waitFor('it', () => watcher.snapshot('alpha')?.json.includes('other') === true);
  const host = watcher.host('alpha') as FleetHost;
  hub.take({ type: 'resynced', time: '', host, reason: 'lost', complete: false });
  const text = sink.written.join('');
  assert.deepEqual(sink.take(), ['hostSnapshot']);
  assert.match(text, /"name":"other"/);
});

test('who takes nothing is not told when hosts were heard', async (t) => {
  const { fleet, clock, happen, join } = await parts(t);
  const { sink } = join();
  const other = join();
  sink.takes = false;
  fleet.broker.head('gamma', headOf(EPOCH), 60_000);
  happen();
  clock.advance(5000);
  sink.take();
  other.sink.take();
  fleet.broker.head('gamma', headOf(EPOCH));
  clock.advance(5000);
  assert.deepEqual([sink.take(), other.sink.take()], [[], ['events', 'heard']]);
});

test('whoever comes after the end is told so', async (t) => {
  const { hub, join } = await parts(t);
  const { sink } = join();
  hub.end('failed');
  assert.ok(sink.isEnded);
  assert.match(sink.written.at(-1) ?? '', /"failed"/);
  assert.ok(join().sink.isEnded);
  assert.equal(hub.size, 0);
});
