/** One server that is followed, with a clock that is held, and all that was told of it. */
import { FakeClock } from '../../../../../../test/watch/support/fake-clock.ts';
import type { Delta } from '../../../../src/wire/delta.ts';
import type { Head } from '../../../../src/wire/head.ts';
import type { Snapshot } from '../../../../src/wire/snapshot.ts';
import { HostStream } from '../../../../src/transport/http/host-stream.ts';
import { endpointOf } from '../../../../src/transport/http/http-hosts.ts';
import type { StreamFault, StreamHandlers } from '../../../../src/transport/http/open-stream.ts';

export const EPOCH = '0123456789abcdef';
export const NEXT = 'fedcba9876543210';
export const DATE: number = Date.parse('2026-11-30T12:00:00Z');

export class FollowedHost {
  readonly clock: FakeClock = new FakeClock();
  readonly told: string[] = [];
  readonly heads: Head[] = [];
  readonly snapshots: Snapshot[] = [];
  readonly deltas: Delta[] = [];
  readonly states: (StreamFault['kind'] | 'live')[] = [];
  /** What was asked, newest last. */
  readonly asked: (string | null)[] = [];
  handlers: StreamHandlers | null = null;
  readonly stream: HostStream = new HostStream({
    endpoint: endpointOf({ url: 'http://node-1:9478', key: 'k' }, 'host'),
    target: {
      head: (_, head, age) => {
        this.heads.push(head);
        this.told.push(
          `head ${head.epoch.slice(0, 2)}:${head.seq}${head.bye ? ' bye' : ''}${age > 0 ? ' old' : ''}`,
        );
      },
      delta: (_, delta) => {
        this.deltas.push(delta);
        this.told.push(`delta ${delta.first}+${delta.events.length}`);
      },
      snapshot: (_, snapshot) => {
        this.snapshots.push(snapshot);
        this.told.push(`snapshot ${snapshot.epoch.slice(0, 2)}:${snapshot.seq}`);
      },
      malformed: () => this.told.push('malformed'),
    },
    open: (_, since, handlers) => {
      this.asked.push(since);
      this.handlers = handlers;
      return () => {
        if (this.handlers === handlers) this.handlers = null;
      };
    },
    clock: this.clock,
    random: () => 0,
    date: () => DATE,
    onState: (fault) => this.states.push(fault?.kind ?? 'live'),
  });

  constructor() {
    this.stream.start();
  }

  opened(date: number | null = null): void {
    this.handlers?.opened(date);
  }

  send(type: string, id: string, data: unknown): void {
    const line = id === '' ? '' : `id: ${id}\n`;
    this.handlers?.chunk(Buffer.from(`event: ${type}\n${line}data: ${JSON.stringify(data)}\n\n`));
  }

  snapshot(epoch: string, seq: number, names: readonly string[] = []): void {
    const namespaces = names.map((name, at) => ({
      name,
      path: `/run/netns/${name}`,
      directory: '/run/netns',
      ready: true,
      nsid: null,
      own: false,
      namespace: { id: String(at + 1), dev: '4', ino: String(at + 1), since: '0' },
    }));
    const fields = {
      type: 'snapshot',
      epoch,
      seq,
      directory: '/run/netns',
      unavailable: [],
      namespaces,
      links: [],
    };
    this.send('snapshot', `${epoch}:${seq}`, fields);
  }

  /** @param last the number of the last of them */
  events(epoch: string, last: number, count = 1): void {
    const event = { type: 'directoryCreated', time: '2026-11-30T12:00:00Z', path: '/run/netns' };
    this.send(
      'events',
      `${epoch}:${last}`,
      Array.from({ length: count }, () => event),
    );
  }

  /** What was told since the last time. */
  take(): string[] {
    return this.told.splice(0);
  }
}

export function live(): FollowedHost {
  const host = new FollowedHost();
  host.opened();
  host.snapshot(EPOCH, 7, ['a', 'b']);
  host.take();
  host.states.length = 0;
  return host;
}
