/**
 * A fleet in the small, each part in a network namespace of its own behind one bridge:
 *
 *     server (here) ── bridge ─┬─ h1, m1: two agents
 *                              ├─ h2, h3, m2: three agents
 *                              └─ a reader
 *
 * On h1 to h3 the real watcher watches names; m1 and m2 are over the core's host in the small, with
 * links and namespaces without a name.
 *
 * A part is cut off by putting its port into another bridge, which has nothing else: its packets
 * vanish, and nobody is told. In no bridge at all those to the server would arrive one day, since a
 * host answers ARP for its addresses on each of its interfaces.
 */
import { ipAsync } from '../../../../../test/support/netns.ts';
import type { HostSettings } from '../../support/faults/fault-host.ts';
import { isHeld } from '../../support/faults/truth.ts';
import type { Held, Truth } from '../../support/faults/truth.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import type { NatsServer } from '../../support/nats-server.ts';
import { Publisher } from '../../transport/nats/support/publisher.ts';
import { Member } from './member.ts';
import type { Look, Order } from './fleet-process.ts';

const ON = { h1: ['h1', 'm1'], others: ['h2', 'h3', 'm2'] } as const;
const SITES = ['h1', 'others'] as const;
/** By the part that they are on. */
export const HOSTS: readonly string[] = SITES.flatMap((site) => ON[site]);
/** That are cut off with h1. */
export const FAR: readonly string[] = ON.h1;
/** Between heads; a host is late after three of them. */
export const INTERVAL = 3000;

export type Part = 'h1' | 'others' | 'reader';

let count = 0;

export class Scene {
  readonly server: NatsServer;
  readonly publisher: Publisher;
  readonly #number: number;
  readonly #members: Record<Part, Member>;

  private constructor(
    number: number,
    server: NatsServer,
    publisher: Publisher,
    members: Record<Part, Member>,
  ) {
    this.#number = number;
    this.server = server;
    this.publisher = publisher;
    this.#members = members;
  }

  static async start(binary: string, storeDir?: string): Promise<Scene> {
    const number = ++count;
    const host = `10.77.${number}.1`;
    await ipAsync('link', 'add', `br${number}`, 'type', 'bridge');
    await ipAsync('address', 'add', `${host}/24`, 'dev', `br${number}`);
    await ipAsync('link', 'set', `br${number}`, 'up');
    await ipAsync('link', 'add', `hole${number}`, 'up', 'type', 'bridge');
    const members = {
      h1: await member(number, 'h1', 2),
      others: await member(number, 'others', 3),
      reader: await member(number, 'reader', 4),
    };
    // What the streams set aside is more than a small disk has.
    const jetstream = 'max_file_store: 1GB';
    const server = await startNatsServer({
      host,
      binary,
      jetstream,
      ...(storeDir !== undefined && { storeDir }),
    });
    const publisher = await Publisher.connect(server);
    const scene = new Scene(number, server, publisher, members);
    await publisher.makeStreams();
    for (const site of SITES) for (const key of ON[site]) await members[site].do(scene.#start(key));
    await members.reader.do({ do: 'reader', url: server.url });
    return scene;
  }

  look(): Promise<Look> {
    return this.#members.reader.look();
  }

  /** Things happen on all hosts, so often; 0: no more. */
  async churn(milliseconds: number): Promise<void> {
    for (const part of SITES)
      await this.#members[part].do(milliseconds === 0 ? { do: 'rest' } : { do: 'churn', milliseconds });
  }

  async act(): Promise<void> {
    for (const part of SITES) await this.#members[part].do({ do: 'act' });
  }

  async cut(part: Part): Promise<void> {
    await ipAsync('link', 'set', portOf(this.#number, part), 'master', `hole${this.#number}`);
  }

  async heal(part: Part): Promise<void> {
    await ipAsync('link', 'set', portOf(this.#number, part), 'master', `br${this.#number}`);
  }

  /** Whether the reader holds the truth of every host, by its pictures and by what it was told. */
  async isTrue(): Promise<boolean> {
    const { hosts, connection } = await this.look();
    const isCurrent = HOSTS.every((key) => hosts[key]?.state === 'live' && hosts[key].current === 'current');
    // To compare costs the reader much, which is to recover.
    if (connection !== 'live' || !isCurrent) return false;
    const truths = { ...(await this.#truths('h1')), ...(await this.#truths('others')) };
    const held = (await this.#members.reader.do({ do: 'held' })) as Record<string, Held>;
    return HOSTS.every((key) => isHeld(truths[key] as Truth, held[key] as Held));
  }

  async end(): Promise<void> {
    for (const member of Object.values(this.#members)) await member.end();
    await Promise.race([this.publisher.connection.close(), this.server.stop()]);
    await this.server.stop();
  }

  async #truths(site: Part): Promise<Record<string, Truth>> {
    return (await this.#members[site].do({ do: 'truth' })) as Record<string, Truth>;
  }

  #start(key: string): Order {
    const settings: HostSettings = { key, url: this.server.url, interval: INTERVAL };
    const seed = 1000 * this.#number + HOSTS.indexOf(key);
    return key.startsWith('m')
      ? { do: 'model', settings, seed }
      : { do: 'named', settings, directory: `/run/${this.#number}-${key}` };
  }
}

const portOf = (number: number, part: Part): string => `p${number}-${part}`;

async function member(number: number, part: Part, address: number): Promise<Member> {
  const namespace = `${number}-${part}`;
  const port = portOf(number, part);
  await ipAsync('netns', 'add', namespace);
  await ipAsync('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  await ipAsync('link', 'set', port, 'master', `br${number}`, 'up');
  await ipAsync('-n', namespace, 'address', 'add', `10.77.${number}.${address}/24`, 'dev', 'eth0');
  await ipAsync('-n', namespace, 'link', 'set', 'eth0', 'up');
  await ipAsync('-n', namespace, 'link', 'set', 'lo', 'up');
  return new Member(`/run/netns/${namespace}`);
}
