/**
 * The rows of `nlink list` in columns for people: numbers to the right, as lsns(8) has them.
 * Nothing that comes from outside reaches the terminal unescaped (escape.ts).
 */
import { leftAligned, rightAligned } from '../../output/align.ts';
import type { Paint } from '../../output/color.ts';
import { shown } from '../../../format/escape.ts';
import { foldedLine, isSandbox } from './sandboxes.ts';
import type { ListRow } from './row.ts';
import { countOf } from '../../output/unseen-processes.ts';
import { whyOf } from '../../output/verdict-text.ts';
import { ownerText } from '../../../format/owner-text.ts';

export interface ListStyle {
  paint: Paint;
  /** A name in it stands alone, one in another as its path. */
  directory: string;
  /** Whether processes were counted. */
  processes: boolean;
  /** Whether one of each namespace is known, by which other commands take it. */
  pids: boolean;
  /** Whether sandboxes are folded in one line. */
  fold: boolean;
}

/** A longer name pushes its line to the right, and not all others. */
const NAME_WIDTH = 40;
/** Of an owner too. */
const OWNER_WIDTH = 40;

export function listColumns(all: readonly ListRow[], style: ListStyle): string {
  const { paint, processes } = style;
  const folded = style.fold ? all.filter(isSandbox) : [];
  const rows = folded.length === 0 ? all : all.filter((row) => !isSandbox(row));
  const names = leftAligned(['NAME', ...rows.map((row) => nameOf(row, style.directory))], NAME_WIDTH);
  const columns = [
    rightAligned(['NSID', ...rows.map(({ nsid }) => numberOf(nsid))]),
    leftAligned([
      'NAMESPACE',
      ...rows.map(({ namespace }) => (namespace === null ? '-' : `net:[${namespace.ino}]`)),
    ]),
  ];
  // Before Linux 6.18 there are none.
  if (rows.some(({ namespace }) => namespace !== null && namespace.id !== null))
    columns.push(rightAligned(['ID', ...rows.map(({ namespace }) => numberOf(namespace?.id ?? null))]));
  if (processes)
    columns.push(
      rightAligned(['PROCESSES', ...rows.map((row) => countOf(row.processes, row.processesComplete))]),
    );
  if (style.pids) columns.push(rightAligned(['PID', ...rows.map(({ pids }) => numberOf(pids[0] ?? null))]));

  if (rows.some(({ owner }) => owner !== null))
    columns.push(
      leftAligned(
        ['OWNER', ...rows.map(({ owner }) => (owner === null ? '-' : ownerText(owner)))],
        OWNER_WIDTH,
      ),
    );

  const cellsAt = (at: number): string => {
    let cells = names[at] as string;
    for (const column of columns) cells += `  ${column[at]}`;
    return cells;
  };
  const lines = [cellsAt(0).trimEnd()];
  for (const [at, row] of rows.entries()) {
    if (row.name !== null && !row.ready) {
      const why = paint('yellow', `not ready (${row.reason}): ${whyOf(row)}`);
      lines.push(`${names[at + 1]}  ${why}`);
    } else if (row.own) lines.push(`${cellsAt(at + 1)}  ${paint('cyan', '(this namespace)')}`);
    else if ((row.byThread ?? 0) > 0 && (row.processes ?? 0) === 0)
      lines.push(`${cellsAt(at + 1)}  ${paint('yellow', threadsOf(row))}`);
    else lines.push(cellsAt(at + 1).trimEnd());
  }
  if (folded.length > 0) lines.push(foldedLine(folded));
  return `${lines.join('\n')}\n`;
}

function threadsOf({ byThread }: ListRow): string {
  return byThread === 1
    ? '(a thread of one process: pids --threads)'
    : `(threads of ${byThread} processes: pids --threads)`;
}

const numberOf = (number: number | bigint | null): string => (number === null ? '-' : String(number));

function nameOf(row: ListRow, directory: string): string {
  if (row.name === null) return row.mayBeNamed ? '?' : '-';
  return shown(row.directory === directory ? row.name : row.path);
}
