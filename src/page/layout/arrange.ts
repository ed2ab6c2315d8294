/**
 * The first picture: which bands there are, how large, and in which order boxes get their cells.
 * Boxes at a bus of the host have a band for each bus, those with others behind them one more; what
 * is linked without the host is laid out by its distance from one end; the rest is apart.
 */
import { anchorsOf } from './attach.ts';
import type { Known } from './attach.ts';
import type { Cell } from './band.ts';
import type { BandSize } from './bands.ts';
import { packed, shapeOfGroup } from './groups.ts';
import { SIZE, boxHeight } from './scene-types.ts';

/** A box to be. */
export interface Unit {
  readonly id: string;
  /** By which its neighbours are sorted. */
  readonly order: string;
  readonly namespace: string;
  readonly rows: number;
}

export interface Arrangement {
  readonly bands: readonly BandSize[];
  /** In this order; a cell that is null is found as for a box that comes later. */
  readonly places: readonly {
    readonly unit: Unit;
    readonly band: string;
    readonly cell: Cell | null;
    readonly parent: string | null;
  }[];
}

export const BAND = { host: 'host', linked: 'linked', apart: 'apart' } as const;
export const busBand = (bus: string): string => `bus ${bus}`;
export const treeBand = (band: string): string => `${band} tree`;

/** As wide for its height. */
const ASPECT = 0.8;
/** Of a column of a band that is made later. */
const LEAST_LATER = 5;
/** Boxes of a column in a band of trees. */
const MOST_TREE_ROWS = 12;

export function arrange(units: readonly Unit[], known: Known, unitOf: (key: string) => string): Arrangement {
  const sorted = [...units].sort((one, other) =>
    one.order < other.order ? -1 : one.order > other.order ? 1 : 0,
  );
  const byId = new Map(sorted.map((unit) => [unit.id, unit]));
  const { roots, neighbours } = graphOf(sorted, known, unitOf, byId);
  const places: Arrangement['places'][number][] = [];
  const seen = new Set<string>();
  const trees = treesOf(roots, neighbours, byId, seen);
  const counts = new Map<string, { count: number; rows: number; roots: number; order: number }>();
  for (const { band, unit, parent } of trees) {
    const known = counts.get(band) ?? { count: 0, rows: 2, roots: 0, order: counts.size };
    counts.set(band, {
      ...known,
      count: known.count + 1,
      rows: Math.max(known.rows, unit.rows),
      roots: known.roots + (parent === null ? 1 : 0),
    });
    places.push({ unit, band, cell: null, parent });
  }
  const rest = sorted.filter(({ id }) => !seen.has(id));
  const apart = rest.filter(({ id }) => (neighbours.get(id)?.size ?? 0) === 0);
  const linked = rest.filter(({ id }) => (neighbours.get(id)?.size ?? 0) > 0);
  const aspect =
    ASPECT * Math.max(1, (counts.size + (linked.length > 0 ? 1 : 0) + (apart.length > 0 ? 1 : 0)) / 3);
  const bands: BandSize[] = [];
  for (const [key, { count, rows, roots }] of counts) {
    const fit = rowsFor(count, rows, aspect);
    const of = key.endsWith(' tree') ? Math.min(MOST_TREE_ROWS, Math.max(roots, fit)) : fit;
    bands.push({ key, rows: of, boxRows: rows, columns: Math.ceil(count / of) });
  }
  bands.sort((one, other) => (counts.get(other.key)?.count ?? 0) - (counts.get(one.key)?.count ?? 0));
  if (linked.length > 0) {
    const boxRows = most(linked);
    const width = columnsFor(linked.length, boxRows, aspect);
    const { cells, rows, columns } = packed(groupsOf(linked, neighbours, byId, width), width);
    bands.push({ key: BAND.linked, rows, boxRows, columns });
    for (const [id, cell] of cells)
      places.push({ unit: byId.get(id) as Unit, band: BAND.linked, cell, parent: null });
  }
  if (apart.length > 0) {
    const boxRows = most(apart);
    const rows = rowsFor(apart.length, boxRows, aspect);
    bands.push({ key: BAND.apart, rows, boxRows, columns: Math.ceil(apart.length / rows) });
    for (const unit of apart) places.push({ unit, band: BAND.apart, cell: null, parent: null });
  }
  return { bands, places };
}

const most = (units: readonly Unit[]): number => units.reduce((rows, unit) => Math.max(rows, unit.rows), 2);

/** So that a band of so many boxes is as wide as it should be for its height. */
const columnsFor = (count: number, rows: number, aspect: number): number =>
  Math.ceil(Math.sqrt((aspect * count * (boxHeight(rows) + SIZE.gap)) / (SIZE.width + SIZE.gutter)));

/** A band for so many boxes that come later. */
export function laterBand(key: string, count: number): BandSize {
  const boxRows = 3;
  const rows = Math.max(LEAST_LATER, rowsFor(count, boxRows, ASPECT));
  return { key, rows, boxRows, columns: Math.ceil(count / rows) };
}

const rowsFor = (count: number, rows: number, aspect: number): number =>
  Math.max(Math.ceil(count / columnsFor(count, rows, aspect)), Math.min(2, count + 1));

interface Graph {
  /** Those at the host, with their band. */
  readonly roots: ReadonlyMap<string, string>;
  readonly neighbours: ReadonlyMap<string, ReadonlySet<string>>;
}

function graphOf(
  units: readonly Unit[],
  known: Known,
  unitOf: (key: string) => string,
  byId: ReadonlyMap<string, Unit>,
): Graph {
  const roots = new Map<string, string>();
  const neighbours = new Map<string, Set<string>>();
  const join = (one: string, other: string): void => {
    const all = neighbours.get(one);
    if (all === undefined) neighbours.set(one, new Set([other]));
    else all.add(other);
  };
  for (const { id, namespace } of units) {
    const found = known.namespace(namespace);
    if (found === undefined) continue;
    for (const anchor of anchorsOf(found, known)) {
      if (anchor.to === 'namespace') {
        const other = unitOf(anchor.key);
        if (other === id || !byId.has(other)) continue;
        join(id, other);
        join(other, id);
      } else if (!roots.has(id)) roots.set(id, anchor.to === 'bus' ? busBand(anchor.bus.key) : BAND.host);
    }
  }
  return { roots, neighbours };
}

interface Placed {
  readonly unit: Unit;
  readonly band: string;
  readonly parent: string | null;
}

/** Those at the host and all behind them, the nearer ones first. */
function treesOf(
  roots: ReadonlyMap<string, string>,
  neighbours: Graph['neighbours'],
  byId: ReadonlyMap<string, Unit>,
  seen: Set<string>,
): Placed[] {
  const queue: Placed[] = [];
  for (const [id, band] of roots) {
    seen.add(id);
    const isTree = [...(neighbours.get(id) ?? [])].some((other) => !roots.has(other));
    queue.push({ unit: byId.get(id) as Unit, band: isTree ? treeBand(band) : band, parent: null });
  }
  for (const { unit, band } of queue)
    for (const id of neighbours.get(unit.id) ?? []) {
      if (seen.has(id)) continue;
      seen.add(id);
      queue.push({ unit: byId.get(id) as Unit, band, parent: unit.id });
    }
  return queue;
}

/** What is linked, without the host: each group as cells of its own. */
function groupsOf(
  units: readonly Unit[],
  neighbours: Graph['neighbours'],
  byId: ReadonlyMap<string, Unit>,
  width: number,
): ReturnType<typeof shapeOfGroup>[] {
  const done = new Set<string>();
  const groups: ReturnType<typeof shapeOfGroup>[] = [];
  for (const { id } of units) {
    if (done.has(id)) continue;
    const group = [id];
    done.add(id);
    for (const member of group)
      for (const other of neighbours.get(member) ?? []) {
        if (done.has(other) || !byId.has(other)) continue;
        done.add(other);
        group.push(other);
      }
    groups.push(shapeOfGroup(group, neighbours, width));
  }
  return groups;
}
