/** Which hosts are shown, and where: made anew only where something of it has changed. */
import type { Found, FoundHost, HostRow } from '../model/fleet-types.ts';
import type { Shown } from '../model/hosts.ts';
import { columnsOf, rowsOf } from '../model/rows.ts';
import type { ListRow } from '../model/rows.ts';
import type { HostPictures } from './host-pictures.ts';
import { hitLines } from './host-view.ts';

/** Of an open host, in pixels: what is above its picture; and its picture as a part of the list. */
const HEAD = 50;
const PART = { share: 0.66, least: 240, most: 680 };
/** Of the list, on both sides. */
const PADDING = 24;

export class Chosen {
  hosts: readonly HostRow[] = [];
  rows: readonly ListRow[] = [];
  columns: number = 1;
  found: ReadonlyMap<string, FoundHost> = new Map();
  #of: readonly unknown[] = [];

  update(ordered: readonly HostRow[], found: Found | null, shown: Shown): void {
    const of = [ordered, found, shown];
    if (of.every((one, at) => one === this.#of[at])) return;
    this.#of = of;
    this.found = new Map(found?.hosts.map((host) => [host.id, host]) ?? []);
    this.hosts = ordered.filter(
      (host) => isShown(host, shown) && (found === null || this.found.has(host.id)),
    );
  }

  /** @param width of the list, in pixels, as its height */
  lay(pictures: HostPictures, width: number, height: number): void {
    this.columns = columnsOf(width - PADDING);
    const most = Math.max(PART.least, Math.min(PART.most, height * PART.share));
    const hosts = this.hosts.map(({ id }) => {
      const picture = pictures.get(id);
      const found = this.found.get(id);
      return {
        id,
        height: picture === null ? null : HEAD + Math.round(Math.min(most, picture.height)),
        hits: found === undefined ? 0 : hitLines(found),
      };
    });
    this.rows = rowsOf(hosts, this.columns);
  }

  /** The place of a host; the first for one that is not there. */
  placeOf(id: string | null): number {
    return Math.max(
      0,
      this.hosts.findIndex((host) => host.id === id),
    );
  }

  rowOf(id: string): ListRow | undefined {
    const at = this.hosts.findIndex((host) => host.id === id);
    return this.rows.find(({ from, to }) => at >= from && at < to);
  }
}

function isShown({ state, duplicate }: HostRow, shown: Shown): boolean {
  return shown === 'all' || (shown === 'duplicate' ? duplicate : state === shown);
}
