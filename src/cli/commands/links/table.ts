/**
 * The rows of `nlink links` for people, words as in link-text.ts. Nothing that comes from outside
 * reaches the terminal unescaped (escape.ts).
 */
import { leftAligned, rightAligned } from '../../output/align.ts';
import type { Paint } from '../../output/color.ts';
import { shown } from '../../../format/escape.ts';
import { nameText, peerText, stateText } from '../../../format/link-text.ts';
import type { LinkRow } from '../../../format/link-row.ts';
import type { LinkRows } from './rows.ts';

/** A longer name pushes its line to the right, and not all others. */
const NAMESPACE_WIDTH = 40;
/** Of what nobody knows where only names can be read. */
const UNKNOWN = '?';

/** @param counted whether there are counters */
export function linkTable({ rows, labels }: LinkRows, counted: boolean, paint: Paint): string {
  const labelOf = labels.of.bind(labels);
  const column = (title: string, textOf: (row: LinkRow) => string, most?: number): string[] =>
    leftAligned([title, ...rows.map(textOf)], most);
  const number = (title: string, numberIn: (row: LinkRow) => number | null): string[] =>
    rightAligned([title, ...rows.map((row) => String(numberIn(row) ?? '-'))]);
  const states = column(
    'STATE',
    known(({ link }) => stateText(link)),
  );
  const columns = [
    column('NAMESPACE', ({ entry }) => labelOf(entry.netns).shown, NAMESPACE_WIDTH),
    column('LINK', ({ link }) => shown(link.name)),
    column(
      'KIND',
      known(({ link }) => (link.kind === null ? '-' : shown(link.kind))),
    ),
    states.map((text, at) => (at > 0 && isTrouble(rows[at - 1] as LinkRow) ? paint('yellow', text) : text)),
    column(
      'MASTER',
      known(({ link: { master }, masterName }) => (master === null ? '-' : nameText(masterName, master))),
    ),
    ...(counted
      ? [
          number('RX-BYTES', ({ statistics }) => statistics?.rxBytes ?? null),
          number('TX-BYTES', ({ statistics }) => statistics?.txBytes ?? null),
          number('ERRORS', ({ statistics: of }) => (of === null ? null : of.rxErrors + of.txErrors)),
          number('DROPPED', ({ statistics: of }) => (of === null ? null : of.rxDropped + of.txDropped)),
        ]
      : []),
    ['PEER', ...rows.map(known(({ link }) => peerText(link, labelOf)))],
  ];
  const lines = ['', ...rows].map((_, at) => columns.map((cells) => cells[at]).join('  '));
  return lines.map((line) => `${line}\n`).join('');
}

const known =
  (textOf: (row: LinkRow) => string) =>
  (row: LinkRow): string =>
    row.known ? textOf(row) : UNKNOWN;

/** What is set up and yet carries nothing. */
const isTrouble = ({ link, known }: LinkRow): boolean =>
  known && link.up && stateText(link) !== 'up' && stateText(link) !== 'dormant';
