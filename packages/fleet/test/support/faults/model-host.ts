/**
 * A host over the core's host in the small (model-watcher.ts), with a real agent: what happens are
 * links that come, move and go, and namespaces without a name. The model is the truth.
 */
import type { FleetAgent } from '../../../src/agent/fleet-agent.ts';
import { Feed, View } from '../../../src/core.ts';
import { toldBySnapshot } from '../told-lines.ts';
import { FaultHost, startAgent } from './fault-host.ts';
import type { HostSettings } from './fault-host.ts';
import { ModelWatcher } from './model-watcher.ts';
import type { Truth } from './truth.ts';

const NO_FEED = { epoch: '0'.repeat(16), ring: { events: 1, bytes: 1 }, dead: 1, directory: '/run/netns' };

export class ModelHost extends FaultHost {
  readonly #watcher: ModelWatcher;

  private constructor(key: string, agent: FleetAgent, watcher: ModelWatcher) {
    super(key, agent);
    this.#watcher = watcher;
  }

  /** @param seed of what happens */
  static async start(settings: HostSettings, seed: number): Promise<ModelHost> {
    const model = new ModelWatcher(seed);
    const host = new ModelHost(settings.key, await startAgent(settings, { watcher: model.watcher }), model);
    // Some of all that there can be.
    for (let count = 0; count < 80; count++) host.act();
    return host;
  }

  act(): void {
    this.#watcher.act();
  }

  truth(): Truth {
    const entries = this.#watcher.namespaces();
    const { json } = new View(
      new Feed(NO_FEED, entries),
      () => entries,
      () => 0,
    ).snapshot();
    return { of: 'all', lines: toldBySnapshot(json) };
  }
}
