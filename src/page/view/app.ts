/**
 * The page: holds what is known and what is looked at, and draws both, at most once a frame and
 * only when something has changed. At rest there is no timer.
 */
import { html, nothing, render, svg } from 'lit-html';
import type { SVGTemplateResult, TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { Layout } from '../layout/layout.ts';
import type { Scene } from '../layout/scene-types.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import { Actions } from './actions.ts';
import { Address } from './address.ts';
import { cursorRect, cursorWords } from './cursor.ts';
import { DetailsOf } from './details.ts';
import type { AskDetails } from './details.ts';
import { HoldersOf } from './holders.ts';
import type { AskHolders } from './holders.ts';
import type { AppParts } from './app-parts.ts';
import { headerView } from './header-view.ts';
import { helpView } from './help-view.ts';
import { followKeys } from './keys.ts';
import { LiveRegion } from './live-region.ts';
import { panelView } from './panel-view.ts';
import type { Opened } from './panel-types.ts';
import { pictureView } from './picture.ts';
import { followPointer } from './pointer.ts';
import { Screen } from './screen.ts';
import { Searching } from './searching.ts';
import type { Search } from './searching.ts';
import { START, Store } from './state.ts';
import type { Connection, State } from './state.ts';
import { Table } from './table.ts';
import { timelineView } from './timeline-view.ts';

export interface AppOptions {
  readonly search: Search;
  readonly ask: AskDetails;
  readonly askHolders: AskHolders;
}

/** So long after the first picture more may come in, in milliseconds. */
const SETTLING = 3000;

export class App implements AppParts {
  readonly layout: Layout = new Layout();
  readonly screen: Screen = new Screen();
  readonly store: Store;
  readonly details: DetailsOf;
  readonly holders: HoldersOf;
  readonly live: LiveRegion;
  readonly #root: HTMLElement;
  readonly #searching: Searching;
  readonly #table: Table;
  readonly #actions: Actions;
  readonly #address: Address;
  #frame: number | null = null;
  #drawn: State | null = null;
  #moved = false;
  #fittedAt: number | null = null;
  /** Of which revision of the scene. */
  #fittedOf = -1;
  #asked = false;

  constructor(root: HTMLElement, live: HTMLElement, { search, ask, askHolders }: AppOptions) {
    this.#root = root;
    this.live = new LiveRegion(live);
    this.store = new Store(START, () => this.invalidate());
    this.details = new DetailsOf(ask, () => this.redraw());
    this.holders = new HoldersOf(askHolders, () => this.redraw());
    this.#searching = new Searching(search, this.store);
    this.#table = new Table(() => this.redraw());
    this.#actions = new Actions(this);
    this.#address = new Address(this.store, (namespace, link) => this.#actions.go(namespace, link));
    followKeys(this.#actions);
    document.addEventListener('visibilitychange', () => this.redraw());
    this.#draw();
    const picture = this.picture;
    followPointer(picture, this.#actions);
    new ResizeObserver(() => this.#resized()).observe(picture);
  }

  get picture(): SVGSVGElement {
    return this.#root.querySelector('#picture') as SVGSVGElement;
  }

  get scene(): Scene {
    return this.layout.scene;
  }

  searchNow(): void {
    this.#searching.update();
  }

  /** What is found is not the same any more. */
  searchAgain(): void {
    this.#searching.again();
  }

  /** What is known, at any time. */
  show(known: PageModel, connection: Connection): void {
    // An empty one is what is known before anything has come.
    const model = known.namespaces.size === 0 && connection.state === 'connecting' ? null : known;
    if (this.store.state.model === null && model !== null) performance.mark('nlink-data');
    this.store.set({ model, connection });
    if (model !== null) this.live.update(model);
  }

  invalidate(): void {
    if (this.#frame !== null) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  /** Something has changed that is not in the state. */
  redraw(): void {
    this.#asked = true;
    this.invalidate();
  }

  revealRow(namespace: string, link: string | null): void {
    if (this.store.state.view === 'table') this.#table.reveal(namespace, link);
  }

  move(): void {
    this.screen.isHeld = true;
    this.#moved = true;
    this.invalidate();
  }

  #resized(): void {
    const { width, height } = this.picture.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    this.screen.size = { width, height };
    // The panel has come beside it.
    const { current } = this.store.state;
    const box = current === null ? undefined : this.scene.boxes.get(current.box);
    if (box !== undefined) this.screen.reveal(box);
    this.#moved = true;
    this.invalidate();
  }

  #draw(): void {
    this.#searching.update();
    const { state } = this.store;
    const { model } = state;
    const isSame = this.#drawn === state && !this.#asked;
    if (model !== null) {
      this.layout.update(model, { kept: this.#searching.kept(), open: state.open });
      this.#fit();
      this.#address.update();
      this.#actions.arrive();
    }
    const isElsewhere = this.screen.moved();
    if (!isSame || isElsewhere) {
      this.#drawn = state;
      this.#asked = false;
      const isInPanel = document.querySelector('#panel :focus') !== null;
      // Handlers are methods of the actions.
      render(this.#view(state), this.#root, { host: this.#actions });
      // It went, perhaps with what it was about.
      if (isInPanel && document.activeElement === document.body)
        (this.#root.querySelector<HTMLElement>('#table') ?? this.picture).focus({ preventScroll: true });
    }
    if (isElsewhere || this.#moved || !isSame) {
      this.#moved = false;
      this.#root.querySelector('#world')?.setAttribute('transform', this.screen.transform);
    }
    this.#tell(model);
  }

  /** At first; and while all that is there comes in, until somebody moves it. */
  #fit(): void {
    const { width } = this.screen.size;
    const now = performance.now();
    if (width === 0 || this.#fittedOf === this.scene.revision) return;
    if (this.#fittedAt !== null && (this.screen.isHeld || now > this.#fittedAt + SETTLING)) return;
    this.#fittedAt ??= now;
    this.#fittedOf = this.scene.revision;
    this.screen.start(this.scene);
    this.#moved = true;
  }

  #tell(model: PageModel | null): void {
    const { dataset } = document.documentElement;
    dataset['level'] = this.screen.level;
    if (model === null) return;
    if (dataset['revision'] === undefined) performance.mark('nlink-drawn');
    dataset['revision'] = String(model.revision);
  }

  #view(state: State): TemplateResult {
    const { model, view, help } = state;
    const opened = this.#opened(state);
    this.details.open(document.hidden ? null : (opened?.namespace ?? null));
    this.holders.open(opened !== null && opened.link === null ? opened.namespace : null);
    return html`${headerView(state, this.layout.counts, this.#actions)}
      <main class=${`${view}${opened === null ? '' : ' with-panel'}`}>
        <svg
          id="picture"
          class="graph"
          role="application"
          tabindex="0"
          aria-label="Picture of network namespaces: arrows go from box to box, Enter opens, ? for help"
          aria-activedescendant=${this.#cursorId(state) ?? nothing}
        >
          <g id="world">${model === null || view === 'table' ? nothing : this.#pictureView(state, model)}</g>
        </svg>
        ${view === 'table' && model !== null ? this.#table.view(state, model, this.#actions) : nothing}
        ${panelView(opened, this.#actions)} ${help ? helpView(() => this.#actions.help()) : nothing}
      </main>
      <footer>
        ${model === null ? nothing : guard([model.events, model.events.length, model.events.at(-1)], () => timelineView(model, this.#actions.goToEvent))}
      </footer>`;
  }

  #pictureView(state: State, model: PageModel): SVGTemplateResult {
    const { screen, scene } = this;
    const { matches, onlyMatches, selection } = state;
    const frame = {
      scene,
      model,
      matches,
      onlyMatches,
      selection,
      level: screen.level,
      scale: screen.scale,
      part: screen.part,
    };
    return svg`${pictureView(frame)}${this.#cursorView(state)}`;
  }

  #cursorId({ current, view }: State): string | null {
    if (current === null || view === 'table' || !this.scene.boxes.has(current.box)) return null;
    return `at-${this.#actions.steps}`;
  }

  #cursorView(state: State): SVGTemplateResult | typeof nothing {
    const box = state.current === null ? undefined : this.scene.boxes.get(state.current.box);
    const id = this.#cursorId(state);
    if (box === undefined || state.current === null || id === null) return nothing;
    const { x, y, width, height } = cursorRect(box, state.current.link);
    const words = cursorWords(box, state.current.link);
    return svg`<g id=${id} class="cursor" role="img" aria-label=${words}><rect x=${x} y=${y} width=${width} height=${height} rx="4" /></g>`;
  }

  #opened({ model, selection, open }: State): Opened | null {
    const namespace = selection === null ? undefined : model?.namespaces.get(selection.namespace);
    if (model === null || selection === null || namespace === undefined) return null;
    const link = selection.link === null ? null : (namespace.links.get(selection.link) ?? null);
    const likes = this.layout.likes(namespace.key);
    const isOpen = likes !== null && open.has(likes.shape);
    return {
      model,
      namespace,
      link,
      likes: isOpen ? likes : null,
      details: this.details.details,
      looked: this.holders.looked,
    };
  }
}
