/**
 * The rows of `nlink list` in columns for people: numbers to the right, as lsns(8) has them. Nothing that comes from outside reaches the
 * terminal unescaped (escape.ts).
 */
import type { Paint } from './color.ts';
import { shown } from './escape.ts';
import type { ListRow } from './list-rows.ts';
import { REASONS } from './reasons.ts';

export interface ListStyle {
  paint: Paint;
  /** A name in it stands alone, one in another as its path. */
  directory: string;
  /** Whether processes were counted. */
  processes: boolean;
}

/** A longer name pushes its line to the right, and not all others. */
const NAME_WIDTH = 40;

export function listColumns(rows: readonly ListRow[], style: ListStyle): string {
  const { paint, processes } = style;
  const names = ['NAME', ...rows.map((row) => nameOf(row, style.directory))];
  const numbers = (title: string, of: (row: ListRow) => number | bigint | null): string[] => [
    title,
    ...rows.map((row) => String(of(row) ?? '-')),
  ];
  const columns = [
    leftAligned(names, NAME_WIDTH),
    rightAligned(numbers('NSID', ({ nsid }) => nsid)),
    leftAligned([
      'NAMESPACE',
      ...rows.map(({ namespace }) => (namespace === null ? '-' : `net:[${namespace.ino}]`)),
    ]),
    // Before Linux 6.18 there are none.
    ...(rows.some(({ namespace }) => namespace !== null && namespace.id !== null)
      ? [rightAligned(numbers('ID', ({ namespace }) => namespace?.id ?? null))]
      : []),
    ...(processes ? [rightAligned(numbers('PROCESSES', (row) => row.processes))] : []),
  ];
  const lines = [undefined, ...rows].map((row, at) => {
    const [name = '', ...cells] = columns.map((column) => column[at] as string);
    if (row !== undefined && row.name !== null && !row.ready)
      return `${name}  ${paint('yellow', `not ready (${row.reason}): ${REASONS[row.reason]}`)}`;
    const mark = row?.own === true ? [paint('cyan', '(this namespace)')] : [];
    return [name, ...cells, ...mark].join('  ').trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

function nameOf(row: ListRow, directory: string): string {
  if (row.name === null) return '-';
  return shown(row.directory === directory ? row.name : row.path);
}

/** In characters, and not UTF-16 units. */
const lengthOf = (text: string): number => Array.from(text).length;

function leftAligned(texts: readonly string[], most = Infinity): string[] {
  const width = Math.min(most, Math.max(...texts.map(lengthOf)));
  return texts.map((text) => text + ' '.repeat(Math.max(0, width - lengthOf(text))));
}

function rightAligned(texts: readonly string[]): string[] {
  const width = Math.max(...texts.map((text) => text.length));
  return texts.map((text) => text.padStart(width));
}
