/**
 * A host whose names of namespaces stand in a directory of its own, which the real watcher watches.
 * The directory is the truth.
 */
import '../../../../../test/support/sandbox.ts';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addNamespace, deleteNamespace } from '../../../../../test/support/netns.ts';
import type { FleetAgent } from '../../../src/agent/fleet-agent.ts';
import { UnifiedNamespaceWatcher } from '../../../src/core.ts';
import { FaultHost, startAgent } from './fault-host.ts';
import type { HostSettings } from './fault-host.ts';
import type { Truth } from './truth.ts';

const MOST = 12;

export class NamedHost extends FaultHost {
  readonly #directory: string;
  readonly #names: string[] = [];
  #count = 0;

  private constructor(key: string, agent: FleetAgent, directory: string) {
    super(key, agent);
    this.#directory = directory;
  }

  /** @param directory of the names */
  static async start(settings: HostSettings, directory: string): Promise<NamedHost> {
    mkdirSync(directory, { recursive: true });
    const watcher = await UnifiedNamespaceWatcher.open({ directory });
    const host = new NamedHost(settings.key, await startAgent(settings, { watcher, directory }), directory);
    host.act();
    return host;
  }

  /** A name more, or one less. */
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

  truth(): Truth {
    const inodeOf = (name: string): number => statSync(join(this.#directory, name)).ino;
    const lines = readdirSync(this.#directory).map((name) => `${name} ${inodeOf(name)}`);
    return { of: 'names', lines: lines.sort() };
  }
}
