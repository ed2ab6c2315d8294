/**
 * The rows of the table, kept while nothing of them changes; at hundreds of changes a second, for a
 * while.
 */
import type { TemplateResult } from 'lit-html';
import { tableRows } from '../layout/table-rows.ts';
import type { TableRow } from '../layout/table-rows.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import type { State } from './state.ts';
import { ROW_HEIGHT, tableView } from './table-view.ts';
import type { TableActions } from './table-view.ts';

/** As a share of the time: making rows takes no more. */
const SHARE = 0.1;

export class Table {
  readonly #redraw: () => void;
  #rows: readonly TableRow[] = [];
  #of: readonly unknown[] = [];
  #revision = -1;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(redraw: () => void) {
    this.#redraw = redraw;
  }

  view(state: State, model: PageModel, actions: TableActions): TemplateResult {
    this.#update(state, model);
    const element = document.querySelector('#table');
    const { matches, selection, sorting } = state;
    const top = element?.scrollTop ?? 0;
    const height = element?.clientHeight ?? window.innerHeight;
    return tableView({ rows: this.#rows, sorting, top, height, matches, selection }, actions);
  }

  /** Scrolls to a row of it. */
  reveal(namespace: string, link: string | null): void {
    const at = this.#rows.findIndex(
      (row) => row.namespace.key === namespace && (link === null || row.link?.key === link),
    );
    const element = document.querySelector('#table');
    if (at < 0 || element === null) return;
    const top = at * ROW_HEIGHT;
    if (top < element.scrollTop || top > element.scrollTop + element.clientHeight - 3 * ROW_HEIGHT)
      element.scrollTop = Math.max(0, top - element.clientHeight / 2);
  }

  #update({ matches, onlyMatches, sorting }: State, model: PageModel): void {
    const of = [matches, onlyMatches, sorting];
    const isSame = of.every((one, at) => one === this.#of[at]);
    if (isSame && model.revision === this.#revision) return;
    const start = performance.now();
    if (isSame && start < this.#next) {
      if (this.#timer === null)
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#redraw();
        }, this.#next - start);
      return;
    }
    const has = ({ namespace, link }: TableRow): boolean =>
      !onlyMatches ||
      matches === null ||
      matches.namespaces.has(namespace.key) ||
      (link !== null && matches.links.has(link.key));
    this.#rows = tableRows(model, sorting, has);
    this.#of = of;
    this.#revision = model.revision;
    const end = performance.now();
    this.#next = end + (end - start) / SHARE;
  }
}
