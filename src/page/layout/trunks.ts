/**
 * What wires of a band to one bus of the host have in common: down beside each column, along the
 * lane above the band, and through the channel to the row of the bus. Each trunk has a track of its
 * own in each of them, so that two never run in one another.
 */
import type { PageLink } from '../../replay/replay-types.ts';
import type { Band } from './band.ts';
import { SIZE, rowMiddle } from './scene-types.ts';
import type { Box, Trunk } from './scene-types.ts';

interface Line {
  readonly band: Band;
  readonly bus: PageLink;
  readonly laneTrack: number;
  readonly channelTrack: number;
  /** By box: in which column, how far down. */
  readonly members: Map<string, { column: number; y: number; count: number }>;
}

/** Between tracks. */
const STEP = 6;
/** Tracks beside one another, before they are used again. */
const TRACKS = { lane: 5, channel: 12 };

export class Trunks {
  readonly #lines = new Map<string, Line>();
  /** Of each side, and of each band: how many tracks are in use. */
  readonly #used = new Map<string, number>();
  readonly #dirty = new Set<string>();
  readonly drawn: Map<string, Trunk> = new Map();

  /** The trunk of a bus in a band. */
  line(band: Band, bus: PageLink): string {
    const id = `${band.plan.key} > ${bus.key}`;
    const known = this.#lines.get(id);
    if (known !== undefined && known.band === band) return id;
    const laneTrack = this.#next(`lane ${band.plan.key}`) % TRACKS.lane;
    const channelTrack = this.#next(`side ${band.plan.side}`) % TRACKS.channel;
    this.#lines.set(id, { band, bus, laneTrack, channelTrack, members: new Map() });
    return id;
  }

  /** Where it runs beside a column. */
  x(id: string, column: number): number {
    const { band, laneTrack } = this.#lines.get(id) as Line;
    return (
      band.x(column) +
      (band.plan.side > 0 ? -SIZE.gutter / 2 : SIZE.width + SIZE.gutter / 2) +
      (laneTrack - 2) * STEP
    );
  }

  /** A wire of a box joins it: with others of that box, as one. */
  join(id: string, box: string, at: { column: number; y: number; count: number }): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    const known = line.members.get(box);
    const y = Math.max(at.y, known?.y ?? -Infinity);
    line.members.set(box, { column: at.column, y, count: at.count + (known?.count ?? 0) });
    this.#dirty.add(id);
  }

  leave(id: string, box: string): void {
    if (this.#lines.get(id)?.members.delete(box) === true) this.#dirty.add(id);
  }

  /** From a box to the bus, alone. */
  route(id: string, box: string, host: Box): string | null {
    const line = this.#lines.get(id);
    const member = line?.members.get(box);
    if (line === undefined || member === undefined) return null;
    const one = new Map([[box, member]]);
    return this.#drawn(id, { ...line, members: one }, host).path;
  }

  /** @param all also those whose members are the same: the host's box has changed */
  draw(host: Box, all: boolean): boolean {
    const ids = all ? [...this.#lines.keys()] : [...this.#dirty];
    for (const id of ids) {
      const line = this.#lines.get(id) as Line;
      if (line.members.size > 0) this.drawn.set(id, this.#drawn(id, line, host));
      else {
        this.drawn.delete(id);
        this.#lines.delete(id);
      }
    }
    this.#dirty.clear();
    return ids.length > 0;
  }

  #next(key: string): number {
    const used = this.#used.get(key) ?? 0;
    this.#used.set(key, used + 1);
    return used;
  }

  #drawn(id: string, { band, bus, laneTrack, channelTrack, members }: Line, host: Box): Trunk {
    const { side, top } = band.plan;
    const columns = new Map<number, number>();
    let count = 0;
    for (const member of members.values()) {
      count += member.count;
      columns.set(member.column, Math.max(columns.get(member.column) ?? -Infinity, member.y));
    }
    const row = host.rowOf.get(bus.key);
    const busY = host.y + (row === undefined ? SIZE.head / 2 : rowMiddle(row));
    const edge = side > 0 ? host.x + host.width : host.x;
    const channel = edge + side * (18 + channelTrack * STEP);
    const lane = top + SIZE.lane - 8 - laneTrack * STEP;
    const last = this.x(id, Math.max(...columns.keys()));
    let path = `M${edge} ${busY}H${channel}V${lane}H${last}`;
    let bottom = Math.max(busY, lane);
    for (const [column, y] of columns) {
      path += `M${this.x(id, column)} ${lane}V${y}`;
      bottom = Math.max(bottom, y);
    }
    const y = Math.min(busY, lane);
    const bounds = { x: Math.min(edge, last), y, width: Math.abs(last - edge), height: bottom - y };
    return { id, bus: host.namespace.links.get(bus.key) ?? bus, path, bounds, count };
  }
}
