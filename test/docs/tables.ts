/** The tables of docs/errors.md. */
import { readFileSync } from 'node:fs';

export const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/**
 * The rows of all tables of `columns` columns whose first cell is code, or "any"; cells trimmed.
 */
export function rows(columns: number): string[][] {
  return read('docs/errors.md')
    .split('\n')
    .filter((line) => line.startsWith('| `') || line.startsWith('| any'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === columns);
}

/** The kernel's refusals: request, code, the kernel's words (perhaps empty), cause, remedy. */
export const refusals = (): string[][] =>
  rows(5).map((cells) => cells.map((cell, index) => (index < 2 ? cell.replaceAll('`', '') : cell)));
