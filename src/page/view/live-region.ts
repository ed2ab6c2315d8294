/** Says what happens to who does not see it: one sentence in five seconds, at most. */
import { digest } from '../layout/digest.ts';
import type { PageModel } from '../../replay/replay-types.ts';

const INTERVAL = 5000;

export class LiveRegion {
  readonly #element: HTMLElement;
  #told: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #model: PageModel | null = null;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** At once; what happens is told later. */
  say(text: string): void {
    this.#element.textContent = text;
  }

  update(model: PageModel): void {
    this.#model = model;
    const last = model.events.at(-1)?.seq ?? 0;
    // What was before the page is no news; a server that started again counts anew.
    if (this.#told === null || last < this.#told) this.#told = last;
    if (last === this.#told || this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#tell(), this.#element.textContent === '' ? 1000 : INTERVAL);
  }

  #tell(): void {
    this.#timer = null;
    const told = this.#told ?? 0;
    const events = this.#model?.events.filter(({ seq }) => seq > told) ?? [];
    this.#told = events.at(-1)?.seq ?? told;
    this.say(digest(events));
  }
}
