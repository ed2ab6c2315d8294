/**
 * The picture of one host that is open: drawn by the modules of the core's page, with a camera, a
 * cursor and folds of its own. It has an element of its own, which goes out of the list and comes
 * back as the list is scrolled.
 */
import { html, nothing, render, svg } from 'lit-html';
import type { SVGTemplateResult, TemplateResult } from 'lit-html';
import { boundsOf } from '../../../../../src/page/layout/camera.ts';
import { Layout } from '../../../../../src/page/layout/layout.ts';
import type { Scene } from '../../../../../src/page/layout/scene-types.ts';
import { search } from '../../../../../src/search/search.ts';
import { Actions } from '../../../../../src/page/view/actions.ts';
import type { AppParts } from '../../../../../src/page/view/app-parts.ts';
import { cursorRect, cursorWords } from '../../../../../src/page/view/cursor.ts';
import { HoldersOf } from '../../../../../src/page/view/holders.ts';
import type { LiveRegion } from '../../../../../src/page/view/live-region.ts';
import { pictureView } from '../../../../../src/page/view/picture.ts';
import { followPointer } from '../../../../../src/page/view/pointer.ts';
import { Screen } from '../../../../../src/page/view/screen.ts';
import { Searching } from '../../../../../src/page/view/searching.ts';
import { START, Store } from '../../../../../src/page/view/state.ts';
import type { State } from '../../../../../src/page/view/state.ts';
import type { PageModel } from '../../../../../src/replay/replay-types.ts';
import { followHostKeys } from './host-keys.ts';
import { hostTable } from './host-table.ts';

const LEAST = 170;
const MARGIN = 56;
const GROWING = 150;
/** So long after the first picture more may come in, in milliseconds. */
const SETTLING = 3000;

export class HostPicture implements AppParts {
  /** With the picture and the table. */
  readonly element: HTMLElement = document.createElement('div');
  readonly screen: Screen = new Screen();
  readonly store: Store;
  readonly actions: Actions;
  readonly live: LiveRegion;
  readonly holders: HoldersOf;
  readonly #layout = new Layout();
  readonly #searching: Searching;
  readonly #changed: () => void;
  readonly #id: string;
  readonly #label: string;
  readonly #resizes: ResizeObserver;
  #frame: number | null = null;
  #drawn: State | null = null;
  #asked = true;
  #moved = true;
  #fittedOf = -1;
  #fittedAt: number | null = null;
  #hasHeight = false;
  /** Whether it has yet to become as high as it wants. */
  #isGrowing = false;
  /** How high it wants to be, before it is bounded. */
  height: number = LEAST;

  /**
   * @param id of the host: that of another one may have the same label
   * @param label what it is a picture of
   * @param changed what is selected, or how high it wants to be, is another
   */
  constructor(id: string, label: string, live: LiveRegion, leave: () => void, changed: () => void) {
    this.live = live;
    this.#id = id;
    this.#label = label;
    this.#changed = changed;
    // What keeps a namespace alive is for its own host to say.
    this.holders = new HoldersOf(
      async () => null,
      () => {},
    );
    this.store = new Store(START, () => this.#invalidate());
    this.actions = new Actions(this);
    this.#searching = new Searching((model, query) => search(model, query), this.store);
    this.element.className = 'inside';
    this.#draw();
    followPointer(this.picture, this.actions);
    followHostKeys(this.picture, this.actions, leave);
    this.#scrollPast();
    this.#resizes = new ResizeObserver(() => this.#resized());
    this.#resizes.observe(this.picture);
  }

  get picture(): SVGSVGElement {
    return this.element.querySelector('svg.graph') as SVGSVGElement;
  }

  get scene(): Scene {
    return this.#layout.scene;
  }

  get selection(): State['selection'] {
    return this.store.state.selection;
  }

  /** How many are alike, of the selected one, where these are unfolded. */
  get likes(): { readonly shape: string; readonly count: number } | null {
    const { selection, open } = this.store.state;
    const likes = selection === null ? null : this.#layout.likes(selection.namespace);
    return likes !== null && open.has(likes.shape) ? likes : null;
  }

  show(model: PageModel | null, query: string): void {
    const { state } = this.store;
    if (state.model === model && state.query === query) return;
    this.store.set({ model, query });
  }

  stop(): void {
    this.#resizes.disconnect();
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
  }

  redraw(): void {
    this.#asked = true;
    this.#invalidate();
  }

  move(): void {
    this.screen.isHeld = true;
    this.#moved = true;
    this.#invalidate();
  }

  searchNow(): void {
    this.#searching.update();
  }

  revealRow(namespace: string): void {
    if (this.store.state.view !== 'table') return;
    for (const row of this.element.querySelectorAll<HTMLElement>('tr[data-key]'))
      if (row.dataset['key'] === namespace) return row.scrollIntoView({ block: 'nearest' });
  }

  /** A wheel is for the list, unless the picture has the focus: nobody is caught in it. */
  #scrollPast(): void {
    this.element.addEventListener(
      'wheel',
      (event) => {
        if (document.activeElement !== this.picture && !event.ctrlKey) event.stopPropagation();
      },
      { capture: true, passive: true },
    );
  }

  #invalidate(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #resized(): void {
    const { width, height } = this.picture.getBoundingClientRect();
    // Out of the list for now.
    if (width === 0 || height === 0) return;
    this.screen.size = { width, height };
    this.#isGrowing = false;
    if (!this.screen.isHeld) this.#fittedOf = -1;
    else this.#keepInSight();
    this.redraw();
  }

  /** Where somebody is: the panel may have come over it. */
  #keepInSight(): void {
    const { current } = this.store.state;
    const box = current === null ? undefined : this.scene.boxes.get(current.box);
    if (box === undefined) return;
    this.screen.reveal(box);
    this.#moved = true;
  }

  #draw(): void {
    this.#searching.update();
    const { state } = this.store;
    const { model } = state;
    const before = this.#drawn;
    if (model !== null) {
      this.#layout.update(model, { kept: this.#searching.kept(), open: state.open });
      this.#grow();
      if (!this.#isGrowing) {
        this.#fit();
        this.actions.arrive();
      }
    }
    const isElsewhere = this.screen.moved();
    if (before !== this.store.state || this.#asked || isElsewhere) {
      this.#drawn = this.store.state;
      this.#asked = false;
      render(this.#view(this.store.state), this.element, { host: this.actions });
    }
    if (isElsewhere || this.#moved) {
      this.#moved = false;
      this.element.querySelector('.world')?.setAttribute('transform', this.screen.transform);
    }
    if (before?.selection !== this.store.state.selection) this.#changed();
  }

  /** Once, by what is there at first: later it stays as it is. */
  #grow(): void {
    const { scene } = this;
    if (this.#hasHeight || scene.boxes.size === 0) return;
    this.#hasHeight = true;
    this.height = Math.max(LEAST, boundsOf(scene.boxes.values()).height + MARGIN);
    this.#isGrowing = true;
    this.#changed();
    // It may be as high as it is.
    setTimeout(() => {
      if (this.#isGrowing) this.#resized();
    }, GROWING);
  }

  /** At first, and while all that is there comes in, until somebody moves it. */
  #fit(): void {
    const { scene } = this;
    const now = performance.now();
    if (this.screen.size.width === 0 || this.#fittedOf === scene.revision || this.screen.isHeld) return;
    this.#fittedAt ??= now;
    // It was made larger, or has not been shown: that is no time to stay as it was.
    if (this.#fittedOf >= 0 && now > this.#fittedAt + SETTLING) return;
    this.#fittedOf = scene.revision;
    this.screen.start(scene);
    this.#moved = true;
  }

  #view(state: State): TemplateResult {
    const { model, view } = state;
    return html`<div class="tools">
        <button
          aria-pressed=${view === 'table'}
          @click=${() => this.actions.view(view === 'table' ? 'picture' : 'table')}
        >
          Table
        </button>
        ${
          view === 'table'
            ? nothing
            : html`<button @click=${() => this.actions.fit()}>Fit</button>
                ${state.open.size > 0 ? html`<button @click=${() => this.actions.foldAll()}>Fold again</button>` : nothing}`
        }
      </div>
      ${view === 'table' && model !== null ? hostTable(model, state, this.#label, this.actions) : nothing}
      <svg
        class="graph"
        ?hidden=${view === 'table'}
        role="application"
        tabindex=${view === 'table' ? -1 : 0}
        aria-label=${`Picture of ${this.#label}: arrows go from box to box, Enter opens, Esc leaves, ? for help`}
        aria-activedescendant=${this.#cursorId(state) ?? nothing}
      >
        <g class="world">${model === null || view === 'table' ? nothing : this.#pictureView(state, model)}</g>
      </svg>`;
  }

  #pictureView(state: State, model: PageModel): SVGTemplateResult {
    const { screen, scene } = this;
    const { matches, onlyMatches, selection } = state;
    const { level, scale, part } = screen;
    const frame = { scene, model, matches, onlyMatches, selection, level, scale, part };
    return svg`${pictureView(frame)}${this.#cursorView(state)}`;
  }

  #cursorId({ current, view }: State): string | null {
    if (current === null || view === 'table' || !this.scene.boxes.has(current.box)) return null;
    return `at-${this.#id}-${this.actions.steps}`;
  }

  #cursorView(state: State): SVGTemplateResult | typeof nothing {
    const { current } = state;
    const box = current === null ? undefined : this.scene.boxes.get(current.box);
    const id = this.#cursorId(state);
    if (box === undefined || current === null || id === null) return nothing;
    const { x, y, width, height } = cursorRect(box, current.link);
    const words = cursorWords(box, current.link);
    return svg`<g id=${id} class="cursor" role="img" aria-label=${words}><rect x=${x} y=${y} width=${width} height=${height} rx="4" /></g>`;
  }
}
