/** By which labels are sorted: as text, but numbers in them as numbers: `r2` before `r10`. */
const NUMBER = /\d+/g;

export const orderOf = (label: string): string =>
  label.replace(NUMBER, (digits) => (digits.length < 12 ? digits.padStart(12, '0') : digits));
