/** Medians and percentiles, and how they are written. */

/** The value below which the share `p` (0 to 1) of `values` lies; NaN without values. */
export function percentile(values, p) {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}

export const median = (values) => percentile(values, 0.5);

/** A figure with `digits` after the point, or a dash where there is none. */
export function shown(value, digits = 0) {
  return value === null || value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
}

/** The median of ratios and their range: `1.20 (1.10-1.31)`. */
export function shownRatios(ratios) {
  if (ratios.length === 0) return '-';
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((ratio) =>
    shown(ratio, ratio < 10 ? 2 : ratio < 100 ? 1 : 0),
  );
  return `${middle} (${least}-${most})`;
}
