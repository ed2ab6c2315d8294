/** All wires, kept as boxes come, change and go: only those of boxes that changed are made anew. */
import type { PageLink } from '../../replay/replay-types.ts';
import type { Known } from './attach.ts';
import type { Places } from './places.ts';
import type { Box, Trunk, Wire } from './scene-types.ts';
import { Trunks } from './trunks.ts';
import { wiresOf } from './wires.ts';
import type { Join } from './wires.ts';

interface Around {
  readonly known: Known;
  readonly places: Places;
  box(id: string): Box | undefined;
  boxOf(namespace: string): string | undefined;
}

export class Wiring {
  readonly wires: Map<string, Wire> = new Map();
  readonly #around: Around;
  readonly #trunks = new Trunks();
  /** By box: those it owns. */
  readonly #owned = new Map<string, readonly Wire[]>();
  /** By box: those whose own wires lead there by themselves. */
  readonly #leadTo = new Map<string, Set<string>>();
  readonly #loose = new Set<string>();
  #hostBox: Box | null = null;

  constructor(around: Around) {
    this.#around = around;
  }

  get trunks(): ReadonlyMap<string, Trunk> {
    return this.#trunks.drawn;
  }

  /** All the way of a wire that joins a trunk; null: it joins none. */
  routeOf({ trunk, from }: Wire): string | null {
    return trunk === null || this.#hostBox === null ? null : this.#trunks.route(trunk, from, this.#hostBox);
  }

  /** A box is gone, or is to be made anew: what led to it may lead elsewhere now. */
  delete(id: string): void {
    for (const other of this.#leadTo.get(id) ?? []) this.#loose.add(other);
    for (const { to } of this.#owned.get(id) ?? []) if (to !== null) this.#loose.add(to);
    this.#drop(id);
    this.#leadTo.delete(id);
  }

  /** @param ids of boxes that are not as they were */
  update(ids: readonly string[], host: string | null): void {
    const dirty = new Set([...ids, ...this.#loose]);
    this.#loose.clear();
    // Which end draws a wire may be another now; the host's draws none of a pair.
    // At first all are made anew.
    for (const id of this.#owned.size === 0 ? [] : ids)
      for (const other of id === host ? (this.#leadTo.get(id) ?? []) : this.#near(id))
        if (other !== host) dirty.add(other);
    for (const id of dirty) {
      this.#drop(id);
      const box = this.#around.box(id);
      if (box !== undefined) this.#make(box);
    }
    const box = host === null ? undefined : this.#around.box(host);
    if (box === undefined) return;
    this.#trunks.draw(box, box !== this.#hostBox);
    this.#hostBox = box;
  }

  #near(id: string): Set<string> {
    const near = new Set(this.#leadTo.get(id));
    for (const link of this.#around.box(id)?.namespace.links.values() ?? []) {
      const key = link.peer?.namespace ?? null;
      const other = key === null ? undefined : this.#around.boxOf(key);
      if (other !== undefined) near.add(other);
    }
    return near;
  }

  #make(box: Box): void {
    const { known, places } = this.#around;
    const place = places.get(box.id);
    const join = (of: Box, bus: PageLink): Join | null => {
      if (place === undefined || of !== box) return null;
      const trunk = this.#trunks.line(place.band, bus);
      return { trunk, x: this.#trunks.x(trunk, place.cell.column) };
    };
    const wires = wiresOf(box, { ...this.#around, known, join });
    this.#owned.set(box.id, wires);
    for (const wire of wires) {
      this.wires.set(wire.id, wire);
      if (wire.trunk !== null && place !== undefined) {
        this.#trunks.join(wire.trunk, box.id, {
          column: place.cell.column,
          y: wire.tip.y,
          count: wire.count,
        });
      } else if (wire.to !== null) {
        const leads = this.#leadTo.get(wire.to);
        if (leads === undefined) this.#leadTo.set(wire.to, new Set([box.id]));
        else leads.add(box.id);
      }
    }
  }

  #drop(id: string): void {
    for (const wire of this.#owned.get(id) ?? []) {
      if (this.wires.get(wire.id) === wire) this.wires.delete(wire.id);
      if (wire.trunk !== null) this.#trunks.leave(wire.trunk, id);
      else if (wire.to !== null) this.#leadTo.get(wire.to)?.delete(id);
    }
    this.#owned.delete(id);
  }
}
