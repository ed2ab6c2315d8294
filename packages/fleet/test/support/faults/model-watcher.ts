/**
 * A watcher of the core's host in the small: names, namespaces without one, veths that come, move,
 * are renamed and go. What happens is drawn from a row of numbers that is always the same.
 */
import { HostModel } from '../../../../../test/page/support/host-model.ts';
import type { InventoryEntry } from '../../../src/core.ts';
import { QueuedWatcher } from '../queued-watcher.ts';

/** Of the acts of the model. */
const ACTS = 14;

export class ModelWatcher extends QueuedWatcher {
  readonly #model = new HostModel();
  #seed: number;

  constructor(seed: number) {
    super();
    this.#seed = seed;
  }

  /** Something happens; of some acts nothing comes. */
  act(): void {
    for (const event of this.#model.act(this.#drawn(ACTS), this.#drawn(64), this.#drawn(64)))
      this.emit(event);
  }

  namespaces(): InventoryEntry[] {
    return this.#model.entries();
  }

  /** Numerical Recipes' linear congruential generator, whose low bits are too regular. */
  #drawn(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#seed >>> 16) % below;
  }
}
