/** Medians and percentiles, and tables of them in plain text. */

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
  return `${shown(median(ratios), 2)} (${shown(Math.min(...ratios), 2)}-${shown(Math.max(...ratios), 2)})`;
}

/** Prints rows of text below a header: the first column to the left, the others to the right. */
export function printTable(header, rows) {
  const table = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(`  ${cells.join('  ')}`);
  }
}

/** Prints whether a target is met; a figure that misses it fails nothing. */
export function printTarget(what, met) {
  console.log(`  target: ${what}: ${met === null ? 'not measured' : met ? 'met' : 'MISSED'}`);
}
