/** The rows of the table: one a link, and one for a namespace without any; sorted by a column. */
import type { PageLink, PageModel, PageNamespace } from '../../replay/replay-types.ts';
import { orderOf } from './order.ts';
import {
  conditionWords,
  farWords,
  labelText,
  linkName,
  linkState,
  masterName,
  ownerWords,
  processWords,
} from './words.ts';

export const COLUMNS = [
  'namespace',
  'owner',
  'processes',
  'link',
  'kind',
  'state',
  'master',
  'far end',
] as const;
export type Column = (typeof COLUMNS)[number];

export interface TableRow {
  readonly namespace: PageNamespace;
  /** Null: it has none. */
  readonly link: PageLink | null;
  readonly texts: readonly string[];
}

export interface Sorting {
  readonly column: Column;
  readonly down: boolean;
}

/** Of namespaces that are the same objects. */
const MADE = new WeakMap<PageNamespace, readonly TableRow[]>();

export function tableRows(
  model: PageModel,
  { column, down }: Sorting,
  has: (row: TableRow) => boolean,
): TableRow[] {
  const rows: { row: TableRow; order: string; at: number }[] = [];
  const index = COLUMNS.indexOf(column);
  for (const namespace of model.namespaces.values())
    for (const row of rowsOf(namespace))
      if (has(row)) rows.push({ row, order: orderOf(row.texts[index] ?? ''), at: rows.length });
  const sign = down ? -1 : 1;
  rows.sort((one, other) =>
    one.order < other.order ? -sign : one.order > other.order ? sign : one.at - other.at,
  );
  return rows.map(({ row }) => row);
}

function rowsOf(namespace: PageNamespace): readonly TableRow[] {
  const known = MADE.get(namespace);
  if (known !== undefined) return known;
  const start = [
    [labelText(namespace), ...conditionWords(namespace)].join(' · '),
    ownerWords(namespace),
    processWords(namespace),
  ];
  const rows: TableRow[] = [...namespace.links.values()].map((link) => ({
    namespace,
    link,
    texts: [
      ...start,
      linkName(link),
      link.kind ?? '',
      linkState(link),
      masterName(link, namespace),
      farWords(link),
    ],
  }));
  if (rows.length === 0) rows.push({ namespace, link: null, texts: [...start, '', '', '', '', ''] });
  MADE.set(namespace, rows);
  return rows;
}
