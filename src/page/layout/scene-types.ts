/** What the picture is made of, in units of its own: one is a pixel where it is not zoomed. */
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';

/** Of boxes and what is between them. */
export const SIZE = {
  /** Of a box. */
  width: 240,
  hostWidth: 300,
  /** Above the rows of a box: its label, and who lives there. */
  head: 36,
  row: 15,
  foot: 4,
  /** Between columns: wires run there. */
  gutter: 48,
  /** Between boxes of a column. */
  gap: 10,
  /** Above the boxes of a band: its label, and the wire they have in common. */
  lane: 34,
  /** Between bands. */
  bandGap: 24,
  /** Between the host and the columns. */
  channel: 104,
} as const;

/** A line of a box. */
export type Row =
  | {
      readonly what: 'link';
      readonly link: PageLink;
      /** How many buses it is below. */
      readonly depth: number;
      /** How many links have it as their master; null: it is no bus. */
      readonly ports: number | null;
    }
  | { readonly what: 'more'; readonly count: number; readonly depth: number };

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A namespace, or several that look alike, folded to one. A new object when anything of it changes.
 */
export interface Box extends Rect {
  /** Its namespace's key, or that of the fold. */
  readonly id: string;
  /** It, or the first of those folded. */
  readonly namespace: PageNamespace;
  /** Null: it is not folded. */
  readonly fold: Fold | null;
  readonly rows: readonly Row[];
  /** By the key of a link: its row, or the one that stands for it. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** Links for which there is not even a row `+12`. */
  readonly hidden: number;
}

export interface Fold {
  readonly shape: string;
  /** By their labels. */
  readonly members: readonly PageNamespace[];
  /** How many are there; those that ended a moment ago are not counted. */
  readonly alive: number;
}

export type WireStyle = 'solid' | 'dashed' | 'double' | 'dotted';
/** How it ends where it leads to no box. */
export type WireEnd = 'box' | 'one-sided' | 'unpaired' | 'closed' | 'unknown';

export interface Wire {
  /** That of its link. */
  readonly id: string;
  readonly link: PageLink;
  /** Its other end, where that is known. */
  readonly far: PageLink | null;
  readonly from: string;
  /** Null: it leads to no box. */
  readonly to: string | null;
  readonly style: WireStyle;
  readonly end: WireEnd;
  /** How many wires it stands for. */
  readonly count: number;
  /** What it joins; null: it goes to its far end by itself. */
  readonly trunk: string | null;
  readonly path: string;
  readonly bounds: Rect;
  /** Where it ends: for its mark. */
  readonly tip: { readonly x: number; readonly y: number; readonly dx: number };
}

/** What wires to one bus have in common. */
export interface Trunk {
  readonly id: string;
  readonly bus: PageLink;
  readonly path: string;
  readonly bounds: Rect;
  /** How many wires join in it. */
  readonly count: number;
}

/** A label over the boxes of a band. */
export interface BandLabel {
  readonly id: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
  readonly count: number;
}

export interface Scene {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly wires: ReadonlyMap<string, Wire>;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly labels: readonly BandLabel[];
  /** Which box shows a namespace. */
  readonly boxOf: ReadonlyMap<string, string>;
  /** All the way of a wire that joins a trunk; null: it joins none. */
  routeOf(wire: Wire): string | null;
  /** Grows with each change. */
  readonly revision: number;
}

export const boxHeight = (rows: number): number => SIZE.head + rows * SIZE.row + SIZE.foot;

/** The middle of a row, from the top of its box. */
export const rowMiddle = (row: number): number => SIZE.head + row * SIZE.row + SIZE.row / 2 - 2;
