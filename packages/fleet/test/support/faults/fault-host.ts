/**
 * A host for tests of faults: names of namespaces in a directory of its own, which a real agent
 * watches. The directory is the truth, whatever becomes of the broker.
 */
import '../../../../../test/support/sandbox.ts';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { agentIo } from '../../../src/agent/agent-options.ts';
import { FleetAgent } from '../../../src/agent/fleet-agent.ts';
import { UnifiedNamespaceWatcher } from '../../../src/core.ts';
import { addNamespace, deleteNamespace } from '../../../../../test/support/netns.ts';

export interface HostSettings {
  key: string;
  url: string;
  /** Milliseconds between heads. */
  interval: number;
  /** Of the names. */
  directory: string;
}

const MOST = 12;

/** Names with the inodes of their namespaces, sorted: `a 4026532511`. */
export const truthOf = (directory: string): string[] =>
  readdirSync(directory)
    .map((name) => `${name} ${statSync(join(directory, name)).ino}`)
    .sort();

export class FaultHost {
  readonly agent: FleetAgent;
  readonly #directory: string;
  readonly #names: string[] = [];
  #count = 0;
  #churn: NodeJS.Timeout | null = null;

  private constructor(agent: FleetAgent, directory: string) {
    this.agent = agent;
    this.#directory = directory;
  }

  static async start({ key, url, interval, directory }: HostSettings): Promise<FaultHost> {
    mkdirSync(directory, { recursive: true });
    const watcher = await UnifiedNamespaceWatcher.open({ directory });
    const options = { watcher, directory, key, name: key, nats: { servers: url } };
    const host = new FaultHost(await FleetAgent.start(options, { ...agentIo, interval }), directory);
    host.act();
    return host;
  }

  /** Something happens: a name more, or one less. */
  act(): void {
    const old = this.#names.length >= MOST || (this.#count % 3 === 2 && this.#names.length > 1);
    const name = old ? this.#names.shift() : undefined;
    if (name === undefined) {
      const made = `n${this.#count++}`;
      addNamespace(join(this.#directory, made));
      this.#names.push(made);
    } else {
      this.#count++;
      deleteNamespace(join(this.#directory, name));
    }
  }

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
