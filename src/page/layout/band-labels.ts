/** What stands over the boxes of a band: which bus they are at. */
import { shown } from '../../format/escape.ts';
import { BAND } from './arrange.ts';
import type { Known } from './attach.ts';
import type { Places } from './places.ts';
import { SIZE } from './scene-types.ts';
import type { BandLabel } from './scene-types.ts';

const TEXTS: Readonly<Record<string, string>> = {
  [BAND.host]: 'at the host',
  [BAND.linked]: 'linked, not with the host',
  [BAND.apart]: 'not linked to any other',
};

export function bandLabels(places: Places, known: Known): BandLabel[] {
  const host = known.host === null ? undefined : known.namespace(known.host);
  const labels: BandLabel[] = [];
  for (const band of places.bands.all) {
    if (band.size === 0) continue;
    const { key, side, top } = band.plan;
    const [, about = '', tree] = /^(?:bus )?(.*?)( tree)?(?: #\d+)?$/.exec(key) ?? [];
    const bus = host?.links.get(about);
    const behind = tree === undefined ? '' : ', and behind it';
    const text = bus === undefined ? (TEXTS[about] ?? '') : `at ${shown(bus.name)}${behind}`;
    const x = side > 0 ? band.x(0) : band.x(0) + SIZE.width;
    labels.push({ id: key, text, x, y: top + 8, anchor: side > 0 ? 'start' : 'end', count: band.size });
  }
  return labels;
}
