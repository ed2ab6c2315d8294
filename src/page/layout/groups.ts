/**
 * Cells for what is linked without the host. A chain goes in one row, and back in the next where it
 * is long; anything else is laid out in columns by the distance from its best linked member.
 */
import type { Cell } from './band.ts';

export interface GroupShape {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly columns: number;
  readonly rows: number;
}

type Neighbours = ReadonlyMap<string, ReadonlySet<string>>;

/** Of one distance, in a column. */
const MOST_ROWS = 8;

/** @param group all that are linked, the first one first in order */
export function shapeOfGroup(group: readonly string[], neighbours: Neighbours, width: number): GroupShape {
  const degree = (id: string): number => neighbours.get(id)?.size ?? 0;
  const ends = group.filter((id) => degree(id) === 1);
  const isChain = ends.length === 2 && group.every((id) => degree(id) <= 2);
  return isChain
    ? chain(walk(ends[0] as string, neighbours).flat(), Math.max(width, 2))
    : layers(walk(centre(group, degree), neighbours));
}

/** Each group beside the last one, in rows from the top. */
export function packed(
  groups: readonly GroupShape[],
  width: number,
): { cells: ReadonlyMap<string, Cell>; rows: number; columns: number } {
  const most = groups.reduce((columns, group) => Math.max(columns, group.columns), width);
  const cells = new Map<string, Cell>();
  let top = 0;
  let left = 0;
  let height = 0;
  for (const group of groups.toSorted((one, other) => other.rows - one.rows)) {
    if (left > 0 && left + group.columns > most) {
      top += height;
      left = 0;
      height = 0;
    }
    for (const [id, { column, row }] of group.cells) cells.set(id, { column: left + column, row: top + row });
    left += group.columns;
    height = Math.max(height, group.rows);
  }
  let columns = 0;
  for (const { column } of cells.values()) columns = Math.max(columns, column + 1);
  return { cells, rows: top + height, columns };
}

const centre = (group: readonly string[], degree: (id: string) => number): string =>
  group.reduce((best, id) => (degree(id) > degree(best) ? id : best));

/** By distance. */
function walk(start: string, neighbours: Neighbours): string[][] {
  const seen = new Set([start]);
  const found: string[][] = [];
  for (let layer = [start]; layer.length > 0;) {
    found.push(layer);
    const next: string[] = [];
    for (const id of layer)
      for (const other of neighbours.get(id) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        next.push(other);
      }
    layer = next;
  }
  return found;
}

function chain(ids: readonly string[], width: number): GroupShape {
  const columns = Math.min(ids.length, width);
  const cells = new Map<string, Cell>();
  for (const [index, id] of ids.entries()) {
    const row = Math.floor(index / columns);
    const at = index % columns;
    cells.set(id, { column: row % 2 === 0 ? at : columns - 1 - at, row });
  }
  return { cells, columns, rows: Math.ceil(ids.length / columns) };
}

function layers(found: readonly (readonly string[])[]): GroupShape {
  const cells = new Map<string, Cell>();
  const rows = Math.min(MOST_ROWS, Math.max(...found.map(({ length }) => length)));
  let column = 0;
  for (const layer of found) {
    const used = Math.min(layer.length, rows);
    const first = Math.floor((rows - used) / 2);
    for (const [index, id] of layer.entries())
      cells.set(id, { column: column + Math.floor(index / rows), row: first + (index % rows) });
    column += Math.ceil(layer.length / rows);
  }
  return { cells, columns: column, rows };
}
