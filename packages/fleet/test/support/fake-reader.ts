/** A watcher over a transport whose clock stands still until the test lets it go on. */
import { FakeClock } from '../../../../test/watch/support/fake-clock.ts';
import { FleetWatcher } from '../../src/index.ts';
import type { FleetEvent, FleetWatcherOptions } from '../../src/index.ts';
import { MemoryAgent } from './memory-agent.ts';
import type { AgentSettings } from './memory-agent.ts';
import { MemoryBroker } from './memory-transport.ts';
import type { MemoryTransport } from './memory-transport.ts';

export const START: number = Date.parse('2026-11-30T12:00:00Z');

export class FakeFleet {
  readonly clock: FakeClock = new FakeClock();
  readonly broker: MemoryBroker = new MemoryBroker(() => this.clock.now());
  readonly transport: MemoryTransport;
  fleet!: FleetWatcher;

  constructor(manual = false) {
    this.transport = this.broker.transport({ manual });
  }

  agent(key: string, settings: AgentSettings = {}): MemoryAgent {
    return new MemoryAgent(this.broker, key, { wall: () => this.wall(), ...settings });
  }

  wall(): number {
    return START + this.clock.now();
  }

  async open(options: Partial<FleetWatcherOptions> = {}): Promise<FleetWatcher> {
    const { clock } = this;
    const opening = FleetWatcher.open(
      { transport: this.transport, ...options },
      {
        now: () => clock.now(),
        after: (time, callback) => clock.after(time, callback),
        wall: () => this.wall(),
      },
    );
    this.transport.giveAll();
    this.fleet = await opening;
    return this.fleet;
  }

  taken(): FleetEvent[] {
    const events: FleetEvent[] = [];
    for (let event = this.fleet.tryRecv(); event !== undefined; event = this.fleet.tryRecv())
      events.push(event);
    return events;
  }

  /** As words: `hostLate one`, `resynced one lost`, `created one 4`, `connection stale`. */
  words(): string[] {
    return this.taken().map((event) => {
      if (event.type === 'connection') return `connection ${event.state}`;
      const { id } = event.host;
      if (event.type === 'resynced') return `resynced ${id} ${event.reason}${event.complete ? '' : ' look'}`;
      return event.type === 'namespaceEvent'
        ? `${event.event.type} ${id} ${event.seq}`
        : `${event.type} ${id}`;
    });
  }
}
