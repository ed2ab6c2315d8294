/** What is on a host as a table: the same as its picture, for who does not see that. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { COLUMNS, tableRows } from '../../../../../src/page/layout/table-rows.ts';
import type { Column, TableRow } from '../../../../../src/page/layout/table-rows.ts';
import { stateOf } from '../../../../../src/page/layout/shape.ts';
import { markView } from '../../../../../src/page/view/box-view.ts';
import type { State } from '../../../../../src/page/view/state.ts';
import type { PageModel } from '../../../../../src/replay/replay-types.ts';

/** More than anybody reads; a search finds the rest. */
const MOST = 500;
const LINK_STATE = COLUMNS.indexOf('state');

interface Actions {
  sort(column: Column): void;
  open(row: TableRow): void;
}

export function hostTable(
  model: PageModel,
  { sorting, selection, matches }: State,
  label: string,
  actions: Actions,
): TemplateResult {
  const isFound = ({ namespace, link }: TableRow): boolean =>
    matches === null ||
    matches.namespaces.has(namespace.key) ||
    (link !== null && matches.links.has(link.key));
  const rows = tableRows(model, sorting, isFound);
  const rest = rows.length - MOST;
  return html`<div class="table" tabindex="0" role="region" aria-label=${`Namespaces and links of ${label}`}>
    <table>
      <thead>
        <tr>
          ${COLUMNS.map(
            (column) =>
              html`<th
                scope="col"
                aria-sort=${sorting.column !== column ? nothing : sorting.down ? 'descending' : 'ascending'}
              >
                <button @click=${() => actions.sort(column)}>${column}</button>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, MOST).map((row) => rowView(row, selection, actions))}
      </tbody>
    </table>
    ${rest > 0 ? html`<p class="dim">${rest} more: search for them</p>` : nothing}
  </div>`;
}

function rowView(row: TableRow, selection: State['selection'], actions: Actions): TemplateResult {
  const { namespace, link, texts } = row;
  const isSelected =
    selection?.namespace === namespace.key && (selection.link === null || selection.link === link?.key);
  const isEnded = namespace.ended !== null || (link !== null && link.ended !== null);
  return html`<tr
    class=${`${isSelected ? 'selected ' : ''}${isEnded ? 'ended' : ''}`}
    data-key=${namespace.key}
  >
    ${texts.map((text, at) =>
      at === 0
        ? html`<th scope="row" title=${text}>
            <button class="plain" @click=${() => actions.open(row)}>${text}</button>
          </th>`
        : html`<td title=${text}>
            ${at === LINK_STATE && link !== null ? html`${markView(stateOf(link))} ` : nothing}${text}
          </td>`,
    )}
  </tr>`;
}
