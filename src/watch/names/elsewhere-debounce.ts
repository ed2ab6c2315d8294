/**
 * Changes of mounts, debounced while they happen elsewhere. On a host whose mounts change all the
 * time each change would wake the watcher in vain. As long as no name waits for a mount, one that
 * is mounted or unmounted without a record may be seen a little later.
 *
 * | phase | mounts changed | debounce: elsewhere | reset: ours, or a name waits |
 * | --- | --- | --- | --- |
 * | listening | calls the listener | pausing, twice as long as last | the next pause is the first |
 * | pausing | - | - | listening |
 *
 * At the end of a pause it listens again, and the listener is called in any case, since a change
 * may have been swallowed. A pause after none for {@link QUIET} is the first again.
 */
import { MountChanges } from '../../netns/mounts/mount-changes.ts';
import type { ReadinessListener } from '../../sys/readiness.ts';
import type { System } from '../../sys/system.ts';
import type { Clock } from '../stream/clock.ts';

/** In milliseconds. */
const FIRST_PAUSE = 10;
const LAST_PAUSE = 320;
const QUIET = 1000;

export class ElsewhereDebounce {
  readonly #clock: Clock;
  readonly #changes: MountChanges;
  #pause = FIRST_PAUSE;
  /** When the last pause ended, or will. */
  #end = -Infinity;
  /** The call that comes in any case, at the beginning and after a pause, is awaited. */
  #isEnd = true;
  #cancel: (() => void) | null = null;

  /** @throws as `MountChanges` */
  constructor({ system, clock }: { system: System; clock: Clock }, listener: ReadinessListener) {
    this.#clock = clock;
    this.#changes = new MountChanges(system, listener);
  }

  /** @param isNone whether nothing changed at all: at the end of a pause no reason for another */
  debounce(isNone: boolean): void {
    if (this.#cancel !== null) return;
    const isEnd = this.#isEnd;
    this.#isEnd = false;
    if (isEnd && isNone) return;
    const now = this.#clock.now();
    this.#pause = now - this.#end > QUIET ? FIRST_PAUSE : Math.min(2 * this.#pause, LAST_PAUSE);
    this.#end = now + this.#pause;
    this.#changes.pause();
    this.#cancel = this.#clock.after(this.#pause, this.#listen);
  }

  reset(): void {
    this.#isEnd = false;
    this.#end = -Infinity;
    if (this.#cancel === null) return;
    this.#cancel();
    this.#listen();
  }

  /** Frees everything. Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#changes.close();
  }

  readonly #listen = (): void => {
    this.#cancel = null;
    this.#isEnd = true;
    this.#changes.resume();
  };
}
