/** The same as the picture, as a table: only the rows that are seen are there, and some more. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { COLUMNS } from '../layout/table-rows.ts';
import type { Column, Sorting, TableRow } from '../layout/table-rows.ts';
import { stateOf } from '../layout/shape.ts';
import type { Matches, Selection } from './state.ts';
import { markView } from './box-view.ts';

/** Of a row, as page.css has it. */
export const ROW_HEIGHT = 25;
const MORE = 12;

export interface TableFrame {
  readonly rows: readonly TableRow[];
  readonly sorting: Sorting;
  /** Of the rows that are seen. */
  readonly top: number;
  readonly height: number;
  readonly matches: Matches | null;
  readonly selection: Selection | null;
}

export interface TableActions {
  sort(column: Column): void;
  open(row: TableRow): void;
  scrolled(): void;
}

export function tableView(frame: TableFrame, actions: TableActions): TemplateResult {
  const { rows, top, height, sorting } = frame;
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MORE);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW_HEIGHT) + MORE);
  return html`<div
    id="table"
    tabindex="0"
    role="region"
    aria-label="Namespaces and their links"
    @scroll=${() => actions.scrolled()}
  >
    <table aria-rowcount=${rows.length + 1}>
      <thead>
        <tr>
          ${COLUMNS.map((column) => {
            const order = sorting.column !== column ? nothing : sorting.down ? 'descending' : 'ascending';
            return html`<th scope="col" aria-sort=${order}>
              <button @click=${() => actions.sort(column)}>${column}</button>
            </th>`;
          })}
        </tr>
      </thead>
      <tbody>
        ${spaceView(first)}${repeat(rows.slice(first, last), keyOf, (row, at) => rowView(row, first + at, frame, actions))}${spaceView(rows.length - last)}
      </tbody>
    </table>
  </div>`;
}

/** Whoever is at a row by the keyboard stays at it. */
const keyOf = ({ namespace, link }: TableRow): string => link?.key ?? namespace.key;

/** As high as so many rows that are not there. */
const spaceView = (rows: number): TemplateResult | typeof nothing =>
  rows <= 0
    ? nothing
    : html`<tr class="space" aria-hidden="true">
        <td height=${rows * ROW_HEIGHT}></td>
      </tr>`;

function rowView(
  row: TableRow,
  at: number,
  { matches, selection }: TableFrame,
  actions: TableActions,
): TemplateResult {
  const { namespace, link, texts } = row;
  const isLit =
    matches !== null &&
    (matches.namespaces.has(namespace.key) || (link !== null && matches.links.has(link.key)));
  const isSelected =
    selection?.namespace === namespace.key && (selection.link === null || selection.link === link?.key);
  const isEnded = namespace.ended !== null || (link !== null && link.ended !== null);
  const classes = `${isLit ? 'lit ' : matches === null ? '' : 'dim '}${isSelected ? 'selected ' : ''}${isEnded ? 'ended' : ''}`;
  return html`<tr
    class=${classes}
    aria-rowindex=${at + 2}
    data-key=${namespace.key}
    data-link=${link?.key ?? nothing}
    @click=${() => actions.open(row)}
  >
    ${texts.map((text, index) =>
      index === 0
        ? html`<th scope="row" title=${text}>
            <button class="plain" @click=${() => actions.open(row)}>${text}</button>
          </th>`
        : html`<td title=${text}>
            ${index === 3 && link !== null ? html`${markView(stateOf(link))} ` : nothing}${text}
          </td>`,
    )}
  </tr>`;
}
