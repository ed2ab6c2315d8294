/** A length of time, as short as it can be told: `4s`, `12m`, `3h`, `5d`. */
const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const;

export function ago(milliseconds: number): string {
  const [size, unit] = UNITS.find(([length]) => Math.abs(milliseconds) >= length) ?? [1000, 's'];
  return `${Math.trunc(milliseconds / size)}${unit}`;
}
