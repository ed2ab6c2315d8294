/**
 * Where the list of hosts is scrolled to, and where the focus is in it. Hosts come, go and are
 * unfolded all the time, and with them others move from row to row:
 *
 * | what is another                   | scrolled to               | focus                  |
 * | --------------------------------- | ------------------------- | ---------------------- |
 * | which hosts there are, their rows | what was seen stays there | at the same host       |
 * | - at the very top of the list     | the top: new ones are seen | at the same host      |
 * | - the host with the focus is gone | what was seen stays there | at the one in its place |
 * | what is searched or filtered      | as it is                  | where it is            |
 */
import type { Chosen } from './chosen.ts';

const MARGIN = 24;

export interface Held {
  /** What is searched for and filtered by. */
  readonly what: string;
  readonly active: Element | null;
  /** The host with the focus, and its place among all. */
  readonly focused: string | null;
  readonly focusedAt: number;
  /** What stays where it is, and how far from the top of the list it begins. */
  readonly anchor: string | null;
  readonly anchorTop: number;
}

export class ListPlace {
  readonly #list: () => HTMLElement | null;

  /** @param list null: it has not been drawn yet */
  constructor(list: () => HTMLElement | null) {
    this.#list = list;
  }

  /** As it is before hosts are chosen anew. @param current the host that somebody is at */
  hold(chosen: Chosen, current: string | null, what: string): Held {
    const list = this.#list();
    const active = document.activeElement;
    const focused = list !== null && list.contains(active) ? hostOf(active) : null;
    const anchor = list === null || list.scrollTop === 0 ? null : anchorOf(list, chosen, current);
    const anchorTop = anchor === null ? 0 : (chosen.rowOf(anchor)?.top ?? 0);
    const focusedAt = focused === null ? 0 : chosen.placeOf(focused);
    return { what, active, focused, focusedAt, anchor, anchorTop };
  }

  /**
   * After it was drawn.
   * @returns the host that is to have the focus, where the one that had it is gone
   */
  settle(held: Held, chosen: Chosen, what: string): string | null {
    const list = this.#list();
    if (list === null) return null;
    const row = held.anchor === null || held.what !== what ? undefined : chosen.rowOf(held.anchor);
    if (row !== undefined && row.top !== held.anchorTop) list.scrollTop += row.top - held.anchorTop;
    const { active, focused } = held;
    if (focused === null || (active?.isConnected === true && document.activeElement === active)) return null;
    // Whoever has put it elsewhere meant that.
    if (document.activeElement !== document.body) return null;
    if (active instanceof HTMLElement && active.isConnected) active.focus({ preventScroll: true });
    else if (chosen.rowOf(focused) !== undefined) this.focus(focused);
    else return chosen.hosts[Math.min(held.focusedAt, chosen.hosts.length - 1)]?.id ?? null;
    return null;
  }

  focus(id: string): void {
    const head = this.#list()?.querySelector<HTMLElement>(`.host[data-id="${CSS.escape(id)}"] .head`);
    head?.focus({ preventScroll: true });
  }

  /** @returns whether it was scrolled for that */
  reveal({ top, height }: { readonly top: number; readonly height: number }): boolean {
    const list = this.#list();
    if (list === null) return false;
    const bottom = top + height + MARGIN;
    const isAbove = top < list.scrollTop;
    if (!isAbove && bottom <= list.scrollTop + list.clientHeight) return false;
    const isHigh = height > list.clientHeight - MARGIN;
    list.scrollTop = isAbove || isHigh ? top : bottom - list.clientHeight;
    return true;
  }
}

const hostOf = (element: Element | null): string | null =>
  element?.closest<HTMLElement>('.host')?.dataset['id'] ?? null;

/** The host that somebody is at, where it is seen; else the first that is. */
function anchorOf(
  { scrollTop, clientHeight }: HTMLElement,
  chosen: Chosen,
  current: string | null,
): string | null {
  const own = current === null ? undefined : chosen.rowOf(current);
  if (own !== undefined && own.top + own.height > scrollTop && own.top < scrollTop + clientHeight)
    return current;
  const row = chosen.rows.find(({ top, height }) => top + height > scrollTop);
  return row === undefined ? null : (chosen.hosts[row.from]?.id ?? null);
}
