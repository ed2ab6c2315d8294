/** When the watcher reads the directory, and whether it was that directory which it read. */
import type { History } from './history.ts';
import type { Truth, World } from './world.ts';

/**
 * Sees when another directory was in the place of the watched one just while that was read, which
 * nobody can notice.
 */
export class Reading {
  astray = false;
  /** The step at which it was last begun to be read. */
  step = 0;
  readonly #world: World;
  readonly #history: History;
  #watched: { directory: Truth['directory']; moves: number } | null = null;
  #read = false;

  constructor(world: World, history: History, path: string) {
    this.#world = world;
    this.#history = history;
    world.system.onDirectory = (call, directory) => {
      if (directory !== path) return;
      if (call === 'readDirectory') this.#started();
      else this.#asked();
    };
  }

  #started(): void {
    this.#read = true;
    this.step = this.#history.steps;
  }

  #asked(): void {
    const { directory } = this.#world.truth;
    const { moves } = this.#history;
    const before = this.#watched;
    if (this.#read && directory === before?.directory && moves !== before.moves) this.astray = true;
    this.#watched = { directory, moves };
    this.#read = false;
  }
}
