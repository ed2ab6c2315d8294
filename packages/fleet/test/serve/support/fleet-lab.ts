/**
 * A fleet in memory: a broker that hosts are published to as their agents would, a real
 * `FleetWatcher` that reads it, and a server of that.
 */
import type { TestContext } from 'node:test';
import { ask } from '../../../../../test/serve/support/served.ts';
import type { Answer } from '../../../../../test/serve/support/served.ts';
import type { WireEvent, WireSnapshot } from '../../../src/core.ts';
import { FleetWatcher } from '../../../src/fleet-watcher.ts';
import { serveFleet } from '../../../src/serve/serve-fleet.ts';
import type { ServeFleetOptions } from '../../../src/serve/serve-fleet-options.ts';
import type { ServingFleet } from '../../../src/serve/serving-fleet.ts';
import type { Head } from '../../../src/wire/head.ts';
import { packed } from '../../../src/wire/payload.ts';
import { MemoryBroker } from '../../support/memory-transport.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { EPOCH } from './hosts.ts';

interface Known {
  head: Head;
  snapshot: WireSnapshot | null;
}

export class FleetLab {
  readonly broker: MemoryBroker = new MemoryBroker(() => performance.now() + this.#shift);
  readonly #hosts = new Map<string, Known>();
  /** Of the clock of the broker: what is published is so many milliseconds old. */
  #shift = 0;

  /** @param age milliseconds since its head; counts only before somebody reads */
  add(key: string, given: Partial<Head>, snapshot: WireSnapshot | null, age = 0): void {
    const head: Head = {
      epoch: EPOCH,
      seq: 0,
      interval: 15_000,
      time: new Date(Date.now() - age).toISOString(),
      name: key,
      shard: '0',
      counts: countsOf(snapshot),
      versions: { nlink: '0.1.0', node: '20.20.2', kernel: '6.12.9-amd64' },
      target: null,
      unavailable: [],
      bye: false,
      ...given,
    };
    const known = { head, snapshot };
    this.#hosts.set(key, known);
    this.broker.listen(key, { asked: () => this.#publish(key), wiped: () => this.#publish(key) });
    this.#shift = -age;
    this.#publish(key);
    this.#shift = 0;
  }

  /** Another head. */
  head(key: string, change: Partial<Head> = {}): void {
    const known = this.#of(key);
    known.head = { ...known.head, time: new Date().toISOString(), ...change };
    this.broker.head(key, known.head);
  }

  /** Something happens on a host. @param after what is there then */
  tell(key: string, events: readonly WireEvent[], after: WireSnapshot): void {
    const known = this.#of(key);
    const first = known.head.seq + 1;
    const seq = known.head.seq + events.length;
    known.head = { ...known.head, seq, counts: countsOf(after) };
    known.snapshot = { ...after, epoch: known.head.epoch, seq };
    this.broker.delta(key, { epoch: known.head.epoch, first, events });
  }

  /** Events of a host that never come; then a head that says that there were some. */
  lose(key: string, count: number, after: WireSnapshot): void {
    const known = this.#of(key);
    const seq = known.head.seq + count;
    known.snapshot = { ...after, epoch: known.head.epoch, seq };
    this.head(key, { seq, counts: countsOf(after) });
  }

  /** What is on a host of which nothing was told. */
  show(key: string, snapshot: WireSnapshot): void {
    this.#of(key).snapshot = snapshot;
    this.#publish(key);
  }

  /** Its agent starts anew. */
  restart(key: string, epoch: string): void {
    const known = this.#of(key);
    known.head = { ...known.head, epoch, seq: 0 };
    if (known.snapshot !== null) known.snapshot = { ...known.snapshot, epoch, seq: 0 };
    this.#publish(key);
  }

  #of(key: string): Known {
    const known = this.#hosts.get(key);
    if (known === undefined) throw new Error(`no host ${key}`);
    return known;
  }

  #publish(key: string): void {
    const { head, snapshot } = this.#of(key);
    this.broker.head(key, head);
    if (snapshot === null) return;
    const { epoch, seq } = head;
    const body = packed(JSON.stringify({ ...snapshot, epoch, seq }));
    this.broker.snapshot(key, { epoch, seq, resync: null, body });
  }
}

const countsOf = (snapshot: WireSnapshot | null): Head['counts'] => ({
  namespaces: snapshot?.namespaces.filter(({ namespace }) => namespace !== null).length ?? 0,
  names: snapshot?.namespaces.filter(({ name }) => name !== null).length ?? 0,
  links: snapshot?.links.length ?? null,
});

export interface ServedFleet {
  server: ServingFleet;
  watcher: FleetWatcher;
  transport: MemoryTransport;
  port: number;
  get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;
  json: <T = Record<string, unknown>[]>(path: string) => Promise<T>;
}

export async function servedFleet(
  t: Pick<TestContext, 'after'>,
  { broker }: FleetLab,
  options: ServeFleetOptions & { heads?: boolean } = {},
): Promise<ServedFleet> {
  const { heads = false, ...rest } = options;
  const transport = broker.transport();
  const watcher = await FleetWatcher.open({ transport, heads });
  t.after(() => watcher.stop());
  const server = await serveFleet(watcher, { listen: '127.0.0.1:0', ...rest });
  t.after(() => server.stop());
  const port = Number(/:(\d+)$/.exec(server.address)?.[1] ?? 0);
  const get: ServedFleet['get'] = (path, headers = {}, method = 'GET') =>
    ask({ port, path, headers, method });
  const json = async <T>(path: string): Promise<T> => JSON.parse((await get(path)).text) as T;
  return { server, watcher, transport, port, get, json };
}
