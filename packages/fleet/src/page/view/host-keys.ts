/** Which key does what in the picture of a host. */
import type { Direction } from '../../../../../src/page/layout/nearest.ts';
import type { Actions } from '../../../../../src/page/view/actions.ts';

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const ZOOM = 1.3;

/** @param leave to the box of the host */
export function followHostKeys(svg: SVGSVGElement, actions: Actions, leave: () => void): void {
  const keys: Readonly<Record<string, () => void>> = {
    Enter: () => actions.open(),
    ' ': () => actions.open(),
    l: () => actions.walkLinks(1),
    L: () => actions.walkLinks(-1),
    f: () => actions.follow(),
    t: () => actions.toggleView(),
    '+': () => actions.zoom(ZOOM),
    '=': () => actions.zoom(ZOOM),
    '-': () => actions.zoom(1 / ZOOM),
    '0': () => actions.fit(),
    Escape: leave,
  };
  svg.addEventListener('keydown', (event) => {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[key];
    const action =
      arrow === undefined
        ? keys[key]
        : (): void => (shiftKey ? actions.pan(arrow) : actions.toNearest(arrow));
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });
}
