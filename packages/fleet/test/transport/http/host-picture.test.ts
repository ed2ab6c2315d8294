/** What heads say of a host behind a server, whatever that sends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Head } from '../../../src/wire/head.ts';
import { EPOCH, live } from './support/followed-host.ts';

test('a clock beyond all dates counts for nothing, and ends nothing', () => {
  for (const date of [Date.parse('+275760-09-13T00:00:00Z'), Date.parse('-271821-04-20T00:00:00Z')]) {
    const host = live();
    host.handlers?.failed({ kind: 'unreachable', message: 'x' });
    host.clock.advance(500);
    host.opened(date);
    host.clock.advance(300);
    host.stream.stop(true);
    assert.deepEqual(
      host.heads.slice(-2).map(({ time, bye }) => `${time} ${bye}`),
      ['2026-11-30T12:00:00.000Z false', '2026-11-30T12:00:00.000Z true'],
    );
  }
});

test('what is said to be unavailable is in a head as far as it is short', () => {
  const host = live();
  const events = ['links', 'x'.repeat(65), ...Array.from({ length: 20 }, (_, at) => `p${at}`)];
  host.send(
    'events',
    `${EPOCH}:${7 + events.length}`,
    events.map((part) => ({ type: `${part}Unavailable`, time: '2026-11-30T12:00:00Z' })),
  );
  host.send('ping', '', {});
  const { unavailable = [] } = host.heads.at(-1) ?? {};
  assert.deepEqual([unavailable.length, unavailable.slice(0, 2)], [16, ['links', 'p0']]);
});

test('what it has comes and goes in the heads', () => {
  const host = live();
  const event = { type: 'deleted', time: '2026-11-30T12:00:00Z', name: 'a', path: '/run/netns/a' };
  const namespace = { id: '1', dev: '4', ino: '1', since: '0' };
  host.send('events', `${EPOCH}:8`, [
    { ...event, directory: '/run/netns', nsid: null, alive: false, namespace },
  ]);
  host.send('ping', '', {});
  assert.deepEqual(host.heads.at(-1)?.counts, { namespaces: 1, names: 1, links: 0 });
});

test('counts are right after any rest, and however much has happened', () => {
  const host = live();
  const ping = (): Head['counts'] | undefined => {
    host.send('ping', '', {});
    return host.heads.at(-1)?.counts;
  };
  /** Of two heads, that of a rest too: those that differ. */
  const twice = (): unknown[] => {
    const [one, two] = [ping(), ping()];
    return JSON.stringify(one) === JSON.stringify(two) ? [one] : [one, two];
  };
  let seq = 7;
  const name = (type: string, at: number): void => {
    const reason = 'x'.repeat(400);
    const more = { directory: '/run/netns', nsid: null, alive: false, ready: true, reason };
    const namespace = { id: String(at), dev: '4', ino: String(at), since: '0' };
    const event = { type, time: '2026-11-30T12:00:00Z', name: `n${at}`, path: `/run/netns/n${at}` };
    host.send('events', `${EPOCH}:${++seq}`, [{ ...event, ...more, namespace }]);
  };
  assert.deepEqual(twice(), [{ namespaces: 2, names: 2, links: 0 }]);
  name('created', 10);
  assert.deepEqual(twice(), [{ namespaces: 3, names: 3, links: 0 }]);
  host.send('events', `${EPOCH}:${++seq}`, [{ type: 'linksUnavailable', time: '2026-11-30T12:00:00Z' }]);
  assert.deepEqual(twice(), [{ namespaces: 3, names: 3, links: null }]);
  name('deleted', 10);
  assert.deepEqual(twice(), [{ namespaces: 2, names: 2, links: null }]);
  for (let at = 100; at < 400; at++) name('created', at);
  assert.deepEqual(twice(), [{ namespaces: 302, names: 302, links: null }]);
  name('deleted', 100);
  assert.deepEqual(twice(), [{ namespaces: 301, names: 301, links: null }]);
  assert.deepEqual(host.states, []);
});

test('at rest a host takes little room here: the reader has its picture', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed + process.memoryUsage().external;
  };
  const names = Array.from({ length: 5000 }, (_, at) => `n${at}`);
  const hosts = Array.from({ length: 5 }, () => live());
  const before = used();
  for (const host of hosts) {
    host.snapshot(EPOCH, 8, names);
    host.send('ping', '', {});
    host.snapshots.length = 0;
  }
  const each = (used() - before) / 25_000;
  assert.ok(each < 500, `${each} bytes a namespace`);
});
