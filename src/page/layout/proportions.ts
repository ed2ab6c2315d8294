/** How many columns bands have, so that the picture has about the proportions of a screen. */
import { SIZE, boxHeight } from './scene-types.ts';

export interface BandNeed {
  readonly key: string;
  readonly count: number;
  /** Of its tallest box. */
  readonly boxRows: number;
}

/** Width by height, of what is between the top and the time line. */
const SCREEN = 1.9;

/** Those of the widest band. */
export function columnsFor(needs: readonly BandNeed[]): number {
  let best = 1;
  let least = Infinity;
  const most = needs.reduce((count, need) => Math.max(count, need.count), 1);
  for (let columns = 1; columns <= most; columns++) {
    const proportion = widthOf(needs, columns) / heightOf(needs, columns);
    const off = Math.abs(Math.log(proportion / SCREEN));
    if (off < least) {
      least = off;
      best = columns;
    }
    if (proportion > SCREEN) break;
  }
  return best;
}

export const rowsFor = ({ count }: Pick<BandNeed, 'count'>, columns: number): number =>
  Math.max(1, Math.ceil(count / columns));

const pitch = SIZE.width + SIZE.gutter;

function widthOf(needs: readonly BandNeed[], columns: number): number {
  const used = needs.reduce((most, { count }) => Math.max(most, Math.min(count, columns)), 0);
  const sides = needs.length > 1 ? 2 : 1;
  return SIZE.hostWidth + sides * (SIZE.channel + used * pitch);
}

/** Of the higher side: each band goes to the side that is shorter by then. */
function heightOf(needs: readonly BandNeed[], columns: number): number {
  const sides = [0, 0];
  for (const need of needs) {
    const rows = rowsFor(need, columns) * (boxHeight(need.boxRows) + SIZE.gap);
    const side = (sides[0] as number) <= (sides[1] as number) ? 0 : 1;
    sides[side] = (sides[side] as number) + SIZE.lane + rows + SIZE.bandGap;
  }
  return Math.max(...sides, boxHeight(8));
}
