/** Which key does what. Where text is written only Esc does anything. */
import type { Direction } from '../layout/nearest.ts';

export interface KeyActions {
  focusSearch(): void;
  toggleView(): void;
  toggleHelp(): void;
  back(): void;
  zoom(by: number): void;
  fit(): void;
  pan(direction: Direction): void;
  toNearest(direction: Direction): void;
  open(): void;
  walkLinks(by: 1 | -1): void;
  follow(): void;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const ZOOM = 1.3;

export function followKeys(actions: KeyActions): void {
  const everywhere: Readonly<Record<string, () => void>> = {
    '/': () => actions.focusSearch(),
    t: () => actions.toggleView(),
    '?': () => actions.toggleHelp(),
    '+': () => actions.zoom(ZOOM),
    '=': () => actions.zoom(ZOOM),
    '-': () => actions.zoom(1 / ZOOM),
    '0': () => actions.fit(),
  };
  const inPicture: Readonly<Record<string, () => void>> = {
    Enter: () => actions.open(),
    ' ': () => actions.open(),
    l: () => actions.walkLinks(1),
    L: () => actions.walkLinks(-1),
    f: () => actions.follow(),
  };
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element)) return;
    const action = actionOf(key, event.shiftKey, target);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });

  function actionOf(key: string, shift: boolean, target: Element): (() => void) | undefined {
    if (key === 'Escape') return () => actions.back();
    if (target.matches('input, textarea, select')) return undefined;
    if (target.id === 'picture') {
      const arrow = ARROWS[key];
      if (arrow !== undefined) return () => (shift ? actions.pan(arrow) : actions.toNearest(arrow));
      if (inPicture[key] !== undefined) return inPicture[key];
    }
    return everywhere[key];
  }
}
