/**
 * Where everything is. By identity: what is there keeps its place whatever event comes, and a box
 * is made anew only when its namespace has changed.
 *
 * | a box        | on                                       | its place                         |
 * | ------------ | ---------------------------------------- | --------------------------------- |
 * | of the start | the first model                          | by rules (arrange.ts)             |
 * | new          | a namespace came, left a fold, is folded | the first free cell near what it  |
 * |              |                                          | is linked to, or where it was     |
 * | there        | any event                                | the same                          |
 * | there, alone | it is linked to something: the first time| as for a new one, once            |
 * | gone         | its namespace is no longer shown         | free for others                   |
 *
 * The cost of an event is that of what it changed, and one look at each namespace for whether it is
 * the same object.
 */
import type { PageModel, PageNamespace } from '../../replay/replay-types.ts';
import { arrange } from './arrange.ts';
import { farKey } from './attach.ts';
import type { Known } from './attach.ts';
import { bandLabels } from './band-labels.ts';
import { Changes } from './changes.ts';
import { Folds, foldId } from './folds.ts';
import { Places } from './places.ts';
import { rowsOf } from './rows.ts';
import { SIZE, boxHeight } from './scene-types.ts';
import type { BandLabel, Box, Fold, Scene } from './scene-types.ts';
import { shapeOf } from './shape.ts';
import { Wiring } from './wiring.ts';
import { orderOf } from './order.ts';

export interface LayoutOptions {
  /** Namespaces that are not folded: selected, found. */
  readonly kept: ReadonlySet<string>;
  /** Shapes that are unfolded. */
  readonly open: ReadonlySet<string>;
}

const ROOM = { rows: 6, ports: 6 };
const HOST_ROOM = { rows: 48, ports: 6 };
const NOTHING: LayoutOptions = { kept: new Set(), open: new Set() };

export class Layout {
  readonly #changes = new Changes();
  readonly #folds = new Folds();
  readonly #places = new Places();
  readonly #boxes = new Map<string, Box>();
  /** By namespace: its box. */
  readonly #boxOf = new Map<string, string>();
  /** Of each box, its namespaces. */
  readonly #members = new Map<string, Set<string>>();
  readonly #known: Known;
  readonly #wiring: Wiring;
  #labels: readonly BandLabel[] = [];
  #host: string | null = null;
  #hostTop: number | null = null;
  #revision = 0;
  #started = false;

  constructor() {
    const host = (): string | null => this.#host;
    this.#known = {
      namespace: (key) => this.#changes.get(key),
      get host() {
        return host();
      },
    };
    this.#wiring = new Wiring({
      known: this.#known,
      places: this.#places,
      box: (id) => this.#boxes.get(id),
      boxOf: (key) => this.#boxOf.get(key),
    });
  }

  get scene(): Scene {
    return {
      boxes: this.#boxes,
      wires: this.#wiring.wires,
      trunks: this.#wiring.trunks,
      labels: this.#labels,
      boxOf: this.#boxOf,
      routeOf: (wire) => this.#wiring.routeOf(wire),
      revision: this.#revision,
    };
  }

  /** How much is there. */
  get counts(): { readonly namespaces: number; readonly links: number } {
    return this.#changes.counts;
  }

  /** How many are like this one, and their shape; null: it is like no other. */
  likes(key: string): { shape: string; count: number } | null {
    const shape = this.#folds.shapeOf(key);
    return shape === null ? null : { shape, count: this.#folds.sizeOf(shape) };
  }

  update(model: PageModel, options: LayoutOptions = NOTHING): Scene {
    const { changed, gone, near } = this.#changes.take(model.namespaces);
    for (const key of gone) this.#folds.delete(key);
    for (const key of changed) if (this.#changes.get(key)?.own === true) this.#host = key;
    if (this.#host !== null && gone.has(this.#host)) this.#host = null;
    for (const key of new Set([...changed, ...near])) {
      const namespace = this.#changes.get(key);
      // One that has ended stays with those it was like.
      if (namespace !== undefined && namespace.ended === null)
        this.#folds.set(
          key,
          shapeOf(namespace, (link) => farKey(link, this.#known)),
        );
    }
    this.#folds.keep(options.kept, options.open);
    const { keys, shapes } = this.#folds.settle();
    const dirty = this.#regroup(new Set([...changed, ...near, ...keys]), gone);
    for (const shape of shapes) if (this.#members.has(foldId(shape))) dirty.add(foldId(shape));
    if (dirty.size === 0) return this.scene;
    this.#revision++;
    this.#put(dirty);
    return this.scene;
  }

  /** Who belongs to which box now. @returns the boxes that are not as they were */
  #regroup(keys: ReadonlySet<string>, gone: ReadonlySet<string>): Set<string> {
    const dirty = new Set<string>();
    const leave = (key: string): void => {
      const id = this.#boxOf.get(key);
      if (id === undefined) return;
      this.#members.get(id)?.delete(key);
      this.#boxOf.delete(key);
      dirty.add(id);
    };
    for (const key of gone) leave(key);
    for (const key of keys) {
      if (this.#changes.get(key) === undefined) continue;
      const id = this.#folds.boxOf(key);
      dirty.add(id);
      if (this.#boxOf.get(key) === id) continue;
      const before = this.#boxOf.get(key);
      if (before !== undefined) this.#places.hint(id, before);
      leave(key);
      this.#boxOf.set(key, id);
      const members = this.#members.get(id);
      if (members === undefined) this.#members.set(id, new Set([key]));
      else members.add(key);
    }
    return dirty;
  }

  #put(dirty: Set<string>): void {
    for (const id of dirty) {
      if ((this.#members.get(id)?.size ?? 0) > 0) continue;
      this.#members.delete(id);
      this.#boxes.delete(id);
      this.#places.free(id);
      this.#wiring.delete(id);
    }
    const units = [...dirty].filter((id) => this.#members.has(id));
    if (!this.#started && this.#members.size > 0) this.#start(units);
    const host = this.#host;
    const isHost = (id: string): boolean => host !== null && this.#boxOf.get(host) === id;
    this.#places.expected = units.filter((id) => this.#places.get(id) === undefined).length;
    const sorted = units.toSorted().filter((id) => !isHost(id));
    // Twice: what one leads to may be a box that has its place only after it.
    for (const id of [...sorted, ...sorted]) {
      const first = this.#firstOf(id);
      this.#places.place(id, first, this.#known, (key) => this.#boxOf.get(key), id !== first.key);
    }
    for (const id of units) this.#boxes.set(id, isHost(id) ? this.#hostBox(id) : this.#box(id));
    this.#places.forgetHints();
    this.#wiring.update(units, host === null ? null : (this.#boxOf.get(host) ?? null));
    this.#labels = bandLabels(this.#places, this.#known);
  }

  #start(ids: readonly string[]): void {
    this.#started = true;
    const units = ids.flatMap((id) => {
      const namespace = this.#firstOf(id);
      if (namespace.key === this.#host) return [];
      const rows = rowsOf(namespace, ROOM).rows.length;
      return { id, namespace: namespace.key, order: orderOf(namespace.label), rows };
    });
    this.#places.start(arrange(units, this.#known, (key) => this.#boxOf.get(key) ?? key));
  }

  #firstOf(id: string): PageNamespace {
    for (const key of this.#members.get(id) ?? []) {
      const namespace = this.#changes.get(key);
      if (namespace !== undefined && namespace.ended === null) return namespace;
    }
    const [any] = this.#members.get(id) as Set<string>;
    return this.#changes.get(any as string) as PageNamespace;
  }

  #box(id: string): Box {
    const namespace = this.#firstOf(id);
    const { x, y, height } = this.#places.cell(id);
    const most = Math.floor((height - SIZE.head - SIZE.foot) / SIZE.row);
    const { rows, rowOf, hidden } = rowsOf(namespace, { rows: Math.min(most, ROOM.rows), ports: ROOM.ports });
    const fold = id === namespace.key ? null : this.#fold(id);
    return {
      id,
      namespace,
      fold,
      rows,
      rowOf,
      hidden,
      x,
      y,
      width: SIZE.width,
      height: boxHeight(rows.length),
    };
  }

  #fold(id: string): Fold {
    const members = [...(this.#members.get(id) ?? [])].flatMap((key) => this.#changes.get(key) ?? []);
    const shape = id.slice(foldId('').length);
    return { shape, members, alive: members.filter(({ ended }) => ended === null).length };
  }

  #hostBox(id: string): Box {
    const namespace = this.#firstOf(id);
    const { rows, rowOf, hidden } = rowsOf(namespace, HOST_ROOM);
    const height = boxHeight(rows.length);
    this.#hostTop ??= -Math.round(height / 2);
    const place = { x: -SIZE.hostWidth / 2, y: this.#hostTop, width: SIZE.hostWidth, height };
    return { id, namespace, fold: null, rows, rowOf, hidden, ...place };
  }
}
