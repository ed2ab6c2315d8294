/** A host for tests of faults: a real agent, and a truth that does not ask the broker. */
import { agentIo } from '../../../src/agent/agent-options.ts';
import { FleetAgent } from '../../../src/agent/fleet-agent.ts';
import type { FleetAgentOptions } from '../../../src/agent/agent-options.ts';
import type { Truth } from './truth.ts';

export interface HostSettings {
  key: string;
  url: string;
  /** Milliseconds between heads. */
  interval: number;
}

export abstract class FaultHost {
  readonly key: string;
  readonly agent: FleetAgent;
  #churn: NodeJS.Timeout | null = null;

  protected constructor(key: string, agent: FleetAgent) {
    this.key = key;
    this.agent = agent;
  }

  /** Something happens. */
  abstract act(): void;

  abstract truth(): Truth;

  /** So often from now on. */
  churn(milliseconds: number): void {
    this.rest();
    this.#churn = setInterval(() => this.act(), milliseconds);
  }

  rest(): void {
    if (this.#churn !== null) clearInterval(this.#churn);
    this.#churn = null;
  }

  async stop(): Promise<void> {
    this.rest();
    await this.agent.stop();
  }
}

export const startAgent = (
  { key, url, interval }: HostSettings,
  rest: Pick<FleetAgentOptions, 'watcher' | 'directory'>,
): Promise<FleetAgent> =>
  FleetAgent.start({ ...rest, key, name: key, nats: { servers: url } }, { ...agentIo, interval });
