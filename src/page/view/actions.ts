/** What buttons, keys and the pointer do. */
import { levelOf, panned, zoomed } from '../layout/camera.ts';
import type { Camera } from '../layout/camera.ts';
import { nearestBox } from '../layout/nearest.ts';
import type { Direction } from '../layout/nearest.ts';
import type { Box, Rect, Scene } from '../layout/scene-types.ts';
import type { Column, TableRow } from '../layout/table-rows.ts';
import type { PageEvent } from '../../replay/replay-types.ts';
import type { AppParts } from './app-parts.ts';
import { cursorRect, farEnd, nextLink } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { HeaderActions } from './header-view.ts';
import type { KeyActions } from './keys.ts';
import type { PanelActions } from './panel-types.ts';
import type { PointerTarget } from './pointer.ts';
import { saveSvg } from './save-svg.ts';
import type { State } from './state.ts';
import type { TableActions } from './table-view.ts';

const STEP = 120;
const AWAY: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [STEP, 0],
  right: [-STEP, 0],
  up: [0, STEP],
  down: [0, -STEP],
};

export class Actions implements HeaderActions, KeyActions, PanelActions, PointerTarget, TableActions {
  readonly #app: AppParts;
  /** How often the keyboard has gone elsewhere. */
  steps: number = 0;
  /** Where to go once it is laid out: a namespace, which may come out of a fold. */
  #arrival: { readonly namespace: string; readonly link: string | null } | null = null;

  constructor(app: AppParts) {
    this.#app = app;
  }

  get #state(): State {
    return this.#app.store.state;
  }

  get camera(): Camera {
    return this.#app.screen.camera;
  }

  #set(change: Partial<State>): void {
    this.#app.store.set(change);
  }

  get #scene(): Scene {
    return this.#app.scene;
  }

  // The top of the page.

  search(query: string): void {
    this.#set({ query });
  }

  onlyMatches(onlyMatches: boolean): void {
    this.#set({ onlyMatches });
  }

  nextMatch(by: 1 | -1): void {
    this.#app.searchNow();
    const { matches, matchAt, model } = this.#state;
    if (matches === null || model === null) return;
    const all = [...matches.namespaces.keys(), ...matches.links.keys()];
    if (all.length === 0) return;
    const at = matchAt < 0 && by < 0 ? all.length - 1 : (matchAt + by + all.length) % all.length;
    const key = all[at];
    if (key === undefined) return;
    this.#set({ matchAt: at });
    if (at < matches.namespaces.size) return this.go(key, null);
    for (const { key: namespace, links } of model.namespaces.values())
      if (links.has(key)) return this.go(namespace, key);
  }

  view(view: State['view']): void {
    this.#set({ view });
  }

  save(): void {
    const { model, matches, onlyMatches, selection } = this.#state;
    if (model !== null) saveSvg({ scene: this.#scene, model, matches, onlyMatches, selection });
  }

  print(): void {
    window.print();
  }

  help(): void {
    this.#set({ help: !this.#state.help });
  }

  foldAll(): void {
    this.#set({ open: new Set() });
  }

  // The panel.

  close(): void {
    this.#set({ selection: null });
    if (this.#state.view === 'picture') this.#app.picture.focus({ preventScroll: true });
  }

  /** Opens it, wherever it is. */
  go(namespace: string, link: string | null): void {
    this.#set({ selection: { namespace, link } });
    this.#goTo(namespace, link);
  }

  fold(shape: string): void {
    const open = new Set(this.#state.open);
    open.delete(shape);
    this.#set({ open, selection: null });
  }

  copy(text: string): void {
    void navigator.clipboard?.writeText(text).then(() => this.#app.live.say('copied'));
  }

  lookAgain(): void {
    void this.#app.holders.look();
  }

  // The table.

  sort(column: Column): void {
    const { sorting } = this.#state;
    this.#set({ sorting: { column, down: sorting.column === column && !sorting.down } });
  }

  open(row?: TableRow): void {
    if (row !== undefined) {
      this.#set({ selection: { namespace: row.namespace.key, link: row.link?.key ?? null } });
      return;
    }
    const current = this.#state.current ?? this.#start();
    const box = current === null ? undefined : this.#scene.boxes.get(current.box);
    if (box !== undefined) this.#openBox(box, current?.link ?? null);
  }

  scrolled(): void {
    this.#app.redraw();
  }

  // The time line.

  readonly goToEvent = ({ namespace, link }: PageEvent): void => {
    if (namespace !== null) this.go(namespace, link);
  };

  // The pointer.

  move(camera: Camera): void {
    this.#app.screen.camera = camera;
    this.#app.move();
  }

  click(x: number, y: number, element: Element | null): void {
    const link = element?.closest('[data-link]')?.getAttribute('data-link') ?? null;
    const id = element?.closest('[data-id]')?.getAttribute('data-id') ?? null;
    const { camera } = this;
    const point = { x: (x - camera.left) / camera.scale, y: (y - camera.top) / camera.scale };
    const box = id === null ? this.#boxAt(point) : this.#scene.boxes.get(id);
    if (box !== undefined) return this.#openBox(box, link);
    const wire = link === null ? undefined : this.#scene.wires.get(link);
    if (wire === undefined) return this.#set({ selection: null, current: null });
    this.#set({ selection: { namespace: wire.link.namespace, link: wire.link.key } });
    this.#step({ box: wire.from, link: wire.link.key });
  }

  // Keys.

  focusSearch(): void {
    const input = document.querySelector<HTMLInputElement>('#search');
    input?.focus();
    input?.select();
  }

  toggleView(): void {
    this.view(this.#state.view === 'picture' ? 'table' : 'picture');
  }

  toggleHelp(): void {
    this.help();
  }

  back(): void {
    const { help, current, selection, query } = this.#state;
    if (help) return this.#set({ help: false });
    if (selection !== null) this.close();
    else if (current !== null && current.link !== null) this.#set({ current: { ...current, link: null } });
    else if (query !== '') this.#set({ query: '' });
    else this.#set({ current: null });
    if (document.activeElement?.id === 'search') this.#app.picture.focus({ preventScroll: true });
  }

  zoom(by: number): void {
    const { width, height } = this.#app.screen.size;
    this.move(zoomed(this.camera, by, width / 2, height / 2));
  }

  readonly fit = (): void => {
    this.#app.screen.fit(this.#scene);
    this.#app.move();
  };

  pan(direction: Direction): void {
    this.move(panned(this.camera, ...AWAY[direction]));
  }

  toNearest(direction: Direction): void {
    const scene = this.#scene;
    const { current } = this.#state;
    const from = current === null ? undefined : scene.boxes.get(current.box);
    const next = from === undefined ? this.#first() : nearestBox(scene.boxes.values(), from, direction);
    if (next !== null && next !== undefined) this.#step({ box: next.id, link: null });
  }

  walkLinks(by: 1 | -1): void {
    const current = this.#state.current ?? this.#start();
    const next = current === null ? null : nextLink(current, this.#scene, by);
    if (next !== null) this.#step(next);
  }

  follow(): void {
    const { current, model } = this.#state;
    const far = current === null || model === null ? null : farEnd(current, this.#scene, model);
    if (far !== null) this.#step(far);
  }

  /** What somebody wanted to go to is laid out now. */
  arrive(): void {
    const arrival = this.#arrival;
    if (arrival === null) return;
    this.#arrival = null;
    const id = this.#scene.boxOf.get(arrival.namespace);
    const box = id === undefined ? undefined : this.#scene.boxes.get(id);
    if (box === undefined) return;
    this.steps++;
    this.#set({ current: { box: box.id, link: arrival.link } });
    this.#reveal(box);
  }

  #goTo(namespace: string, link: string | null): void {
    this.#arrival = { namespace, link };
    this.#app.revealRow(namespace, link);
    this.#app.redraw();
  }

  #step(cursor: Cursor): void {
    const box = this.#scene.boxes.get(cursor.box);
    if (box === undefined) return;
    this.steps++;
    const { selection } = this.#state;
    const isOpen = selection !== null && cursor.link !== null && box.fold === null;
    this.#set({
      current: cursor,
      ...(isOpen ? { selection: { namespace: box.namespace.key, link: cursor.link } } : {}),
    });
    this.#reveal(box, cursor.link);
  }

  #reveal(box: Box, link: string | null = null): void {
    const rect: Rect = link === null ? box : cursorRect(box, link);
    if (levelOf(this.camera) === 'far' || box.height > this.#app.screen.size.height)
      this.#app.screen.reveal(rect);
    else this.#app.screen.reveal(box);
    this.#app.move();
  }

  #openBox(box: Box, link: string | null): void {
    if (box.fold !== null) {
      this.#set({ open: new Set([...this.#state.open, box.fold.shape]) });
      return this.#goTo(box.namespace.key, null);
    }
    this.#set({ selection: { namespace: box.namespace.key, link } });
    this.#step({ box: box.id, link });
  }

  #start(): Cursor | null {
    const box = this.#first();
    return box === undefined ? null : { box: box.id, link: null };
  }

  /** The host's, else any. */
  #first(): Box | undefined {
    const boxes = [...this.#scene.boxes.values()];
    return boxes.find(({ namespace }) => namespace.own) ?? boxes[0];
  }

  #boxAt({ x, y }: { x: number; y: number }): Box | undefined {
    for (const box of this.#scene.boxes.values())
      if (x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height) return box;
    return undefined;
  }
}
