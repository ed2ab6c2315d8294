/**
 * What was there when the watcher told `resynced`: by then all that differed must have been told.
 * What came after the loss is exempt, since it is told of in its own time.
 */
import { strict as assert } from 'node:assert';
import type { NamespaceId } from '../../../../src/netns/identity/identity.ts';
import type { NamespaceWatcher } from '../../../../src/watch/names/namespace-watcher.ts';
import { isNamespace } from './history.ts';
import type { History } from './history.ts';
import type { NameTruth, Truth, World } from './world.ts';

interface Loss {
  step: number;
  mountChanges: number;
}

interface Caught {
  /** When all records had been read. */
  truth: Truth;
  /** When it told `resynced`. */
  mountChanges: number;
  loss: Loss;
}

export class Losses {
  readonly #world: World;
  readonly #history: History;
  /** Null until it is open. */
  watcher: NamespaceWatcher | null = null;
  /**
   * What was there at each `resynced` that was not checked yet; null where the watcher could not
   * know.
   */
  readonly #caughtUp: (Caught | null)[] = [];
  #told = 0;
  /** The last overflow that was read. */
  #loss: Loss | null = null;
  #lastRead: Omit<Caught, 'mountChanges'> | null = null;

  constructor(world: World, history: History) {
    this.#world = world;
    this.#history = history;
    world.system.onRead = (...read) => this.#read(...read);
  }

  /** Notes whether `resynced` was told since the last time. */
  look(): void {
    if (this.#loss === null || (this.watcher?.stats().resyncs ?? 0) === this.#told) return;
    this.#told++;
    const { mountChanges } = this.#world.kernel;
    this.#caughtUp.push(this.#lastRead === null ? null : { ...this.#lastRead, mountChanges });
  }

  /** `resynced` comes after events that come to this. */
  check(state: Map<string, NamespaceId | null>): void {
    const caught = this.#caughtUp.shift();
    assert.ok(caught !== undefined);
    if (caught === null) return;
    const { truth, mountChanges, loss } = caught;
    for (const name of state.keys()) assert.ok(truth.names.has(name), `resynced, and ${name} was gone`);
    for (const [name, there] of truth.names) {
      const known = state.get(name);
      if (known === undefined)
        assert.ok(!this.#history.livesSince(name, loss.step), `resynced, and ${name} was not told`);
      else if (mountChanges === loss.mountChanges && there.file.kind !== 'link')
        assertName(`resynced: ${name}`, known, there);
    }
  }

  /** The watcher read. When it tells `resynced` it knows that this was all. */
  #read(overflow: boolean, isAll: boolean): void {
    const { kernel, system, midway } = this.#world;
    if (overflow) this.#loss = { step: this.#history.steps, mountChanges: kernel.mountChanges };
    this.#lastRead = null;
    if (this.#loss === null || !isAll || midway) return;
    // Nor can it know of what it was not woken for yet.
    for (const each of system.descriptors.values())
      if (each.kind === 'mountinfo' && each.seen !== kernel.mountChanges) return;
    this.#lastRead = { truth: this.#world.truth, loss: this.#loss };
  }
}

/** Fails if this is not what a name has. */
export function assertName(what: string, known: NamespaceId | null, { file, namespace }: NameTruth): void {
  if (namespace === null) {
    assert.equal(known, null, `${what} has no namespace`);
    return;
  }
  // A link's namespace that has no id may be another one with the same inode: that cannot be told
  // apart.
  const alike = file.kind === 'link' && known?.id === null && known.ino === namespace.ino;
  assert.ok(known !== null && (alike || isNamespace(namespace, known)), `${what} has another namespace`);
}
