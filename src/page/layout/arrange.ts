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
import { columnsFor, rowsFor } from './proportions.ts';
import type { BandNeed } from './proportions.ts';

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

/** Of a column of a band that is made later. */
const LEAST_LATER = 5;

export function arrange(units: readonly Unit[], known: Known, unitOf: (key: string) => string): Arrangement {
  const sorted = [...units].sort((one, other) =>
    one.order < other.order ? -1 : one.order > other.order ? 1 : 0,
  );
  const byId = new Map(sorted.map((unit) => [unit.id, unit]));
  const { roots, neighbours } = graphOf(sorted, known, unitOf, byId);
  const places: Arrangement['places'][number][] = [];
  const seen = new Set<string>();
  const trees = treesOf(roots, neighbours, byId, seen);
  const needs = new Map<string, BandNeed>();
  const need = (key: string, { rows }: Unit): void => {
    const known = needs.get(key) ?? { key, count: 0, boxRows: 1 };
    needs.set(key, { key, count: known.count + 1, boxRows: Math.max(known.boxRows, rows) });
  };
  for (const { band, unit, parent } of trees) {
    need(band, unit);
    places.push({ unit, band, cell: null, parent });
  }
  const rest = sorted.filter(({ id }) => !seen.has(id));
  const isLinked = ({ id }: Unit): boolean => (neighbours.get(id)?.size ?? 0) > 0;
  const linked = rest.filter(isLinked);
  for (const unit of rest) need(isLinked(unit) ? BAND.linked : BAND.apart, unit);
  const ordered = [...needs.values()].sort(
    (one, other) => rankOf(one) - rankOf(other) || other.count - one.count,
  );
  const columns = columnsFor(ordered);
  const { cells, ...pack } = packed(groupsOf(linked, neighbours, byId, columns), columns);
  for (const [id, cell] of cells)
    places.push({ unit: byId.get(id) as Unit, band: BAND.linked, cell, parent: null });
  for (const unit of rest)
    if (!isLinked(unit)) places.push({ unit, band: BAND.apart, cell: null, parent: null });
  const bands = ordered.map(({ key, count, boxRows }): BandSize => {
    const free = { rows: rowsFor({ count }, columns), columns: Math.min(count, columns) };
    const size = key === BAND.linked ? pack : free;
    return { key, boxRows, rows: size.rows, columns: size.columns };
  });
  return { bands, places };
}

/** What is at the host comes first. */
const rankOf = ({ key }: BandNeed): number => (key === BAND.apart ? 2 : key === BAND.linked ? 1 : 0);

/** A band for so many boxes that come later. */
export function laterBand(key: string, count: number): BandSize {
  const need = { key, count, boxRows: 3 };
  const rows = Math.max(LEAST_LATER, rowsFor(need, columnsFor([need])));
  return { ...need, rows, columns: Math.ceil(count / rows) };
}

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
