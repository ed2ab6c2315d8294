/** Which key does what, outside of the pictures. Where text is written only Esc does anything. */

export interface ListKeyActions {
  readonly columns: number;
  /** How many hosts are seen at once, about. */
  readonly page: number;
  /** To another host, so many places on. */
  step(by: number): void;
  focusSearch(): void;
  help(): void;
  back(): void;
}

export function followListKeys(list: HTMLElement, actions: ListKeyActions): void {
  const steps: Readonly<Record<string, () => number>> = {
    ArrowRight: () => 1,
    ArrowLeft: () => -1,
    ArrowDown: () => actions.columns,
    ArrowUp: () => -actions.columns,
    PageDown: () => actions.page,
    PageUp: () => -actions.page,
    Home: () => -Infinity,
    End: () => Infinity,
  };
  list.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || !target.matches('.head')) return;
    const by = steps[key];
    if (by === undefined) return;
    event.preventDefault();
    actions.step(by());
  });
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element)) return;
    const isText = target.matches('input, textarea, select');
    const action =
      key === 'Escape'
        ? (): void => actions.back()
        : isText
          ? undefined
          : key === '/'
            ? (): void => actions.focusSearch()
            : key === '?'
              ? (): void => actions.help()
              : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
