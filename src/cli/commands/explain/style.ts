/** How an explanation is written, and what its parts write alike. */
import type { Paint } from '../../output/color.ts';
import { shown } from '../../../format/escape.ts';

export interface ExplainStyle {
  paint: Paint;
  /** Show every holder. */
  all: boolean;
}

/** An nsid, and in whose table. */
export const nsidText = (nsid: number, table: string | null): string =>
  table === null ? `nsid ${nsid}` : `nsid ${nsid} in ${shown(table)}`;
