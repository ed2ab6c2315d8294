/** Says what happens to hosts to who does not see it: one sentence in five seconds, at most. */
import { LiveRegion } from '../../../../../src/page/view/live-region.ts';
import type { FleetMessage } from '../model/fleet-types.ts';
import { happenedText } from '../model/host-words.ts';

const SOON = 1000;
const INTERVAL = 5000;

export class Speaker {
  readonly live: LiveRegion;
  #waiting: FleetMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #said = -Infinity;

  constructor(element: HTMLElement) {
    this.live = new LiveRegion(element);
  }

  tell(messages: readonly FleetMessage[]): void {
    this.#waiting.push(...messages);
    if (this.#timer !== null || happenedText(this.#waiting) === '') return;
    const wait = Math.max(SOON, this.#said + INTERVAL - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#said = performance.now();
      this.live.say(happenedText(this.#waiting));
      this.#waiting = [];
    }, wait);
  }
}
