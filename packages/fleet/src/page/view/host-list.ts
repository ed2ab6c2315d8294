/** The list of hosts: of thousands only those that are seen are in the document, and some more. */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { countText } from '../../../../../src/page/view/texts.ts';
import type { HostRow } from '../model/fleet-types.ts';
import type { Hosts } from '../model/hosts.ts';
import { heightOf, rowAt } from '../model/rows.ts';
import type { ListRow } from '../model/rows.ts';
import { pixels } from './pixels.ts';

/** Pixels beyond what is seen, on each side. */
const MORE = 400;
/** Rows that are seen on any screen. */
const MOST = 400;

export interface ListFrame {
  readonly hosts: readonly HostRow[];
  readonly rows: readonly ListRow[];
  readonly columns: number;
  /** Of what is seen. */
  readonly top: number;
  readonly height: number;
  /** The place of the one that the keyboard is at. */
  readonly current: number;
}

export function listView(
  { hosts, rows, columns, top, height, current }: ListFrame,
  view: (host: HostRow, at: number, height: number) => TemplateResult,
): TemplateResult {
  const first = rowAt(rows, top - MORE);
  const seen: ListRow[] = [];
  for (const row of rows.slice(first, first + MOST)) {
    if (row.top >= top + height + MORE) break;
    seen.push(row);
  }
  const rest = height === Infinity ? hosts.length - (seen.at(-1)?.to ?? 0) : 0;
  // Whoever is there by the keyboard stays there, wherever the list is.
  const held = rows.find(({ from, to }) => current >= from && current < to);
  if (held !== undefined && !seen.includes(held)) seen.push(held);
  seen.sort((one, other) => one.top - other.top);
  return html`<div class="list" role="list" aria-label="Hosts" ${pixels(heightOf(rows))}>
    ${repeat(
      seen,
      ({ from }) => hosts[from]?.id,
      (row) =>
        html`<div class="row" role="none" ${pixels(row.height, row.top, columns)}>
          ${repeat(
            hosts.slice(row.from, row.to),
            ({ id }) => id,
            (host, place) => view(host, row.from + place, row.height),
          )}
        </div>`,
    )}
    ${rest > 0 ? html`<p class="rest">${countText(rest, 'more host')} not printed: search for them</p>` : nothing}
  </div>`;
}

/** @param isAll whether none is left out */
export function emptyView({ size, broker }: Hosts, isAll: boolean): TemplateResult {
  const text =
    size === 0 && broker.state === 'connecting'
      ? 'Hosts are being read …'
      : isAll
        ? 'No host has been heard: nlink-fleet agent, run on one, makes it be.'
        : 'No host is like that.';
  return html`<p class="dim empty">${text}</p>`;
}
