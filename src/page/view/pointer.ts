/** Moves the picture by pointer, wheel and pinch; tells of a click on what is under it. */
import { panned, zoomed } from '../layout/camera.ts';
import type { Camera } from '../layout/camera.ts';

export interface PointerTarget {
  readonly camera: Camera;
  move(camera: Camera): void;
  click(x: number, y: number, element: Element | null): void;
}

/** Farther than this it is a drag, in pixels. */
const STILL = 4;

export function followPointer(svg: SVGSVGElement, target: PointerTarget): void {
  const down = new Map<number, { x: number; y: number }>();
  let moved = 0;
  const at = (event: { clientX: number; clientY: number }): { x: number; y: number } => {
    const { left, top } = svg.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    if (down.size === 0) moved = 0;
    down.set(event.pointerId, at(event));
  });
  svg.addEventListener('pointermove', (event) => {
    const before = down.get(event.pointerId);
    if (before === undefined) return;
    // Let go where this was not told of: outside, before the pointer was captured.
    if (event.buttons === 0) return void down.delete(event.pointerId);
    const now = at(event);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (moved > STILL && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    const [other] = [...down].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    down.set(event.pointerId, now);
    if (other === undefined)
      return moved > STILL
        ? target.move(panned(target.camera, now.x - before.x, now.y - before.y))
        : undefined;
    const by =
      Math.hypot(now.x - other.x, now.y - other.y) /
      Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    const camera = zoomed(target.camera, by, other.x, other.y);
    target.move(camera);
  });
  svg.addEventListener('pointerup', (event) => {
    if (!down.delete(event.pointerId) || moved > STILL || down.size > 0) return;
    const { x, y } = at(event);
    target.click(x, y, document.elementFromPoint(event.clientX, event.clientY));
  });
  svg.addEventListener('pointercancel', (event) => void down.delete(event.pointerId));
  svg.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      if (event.shiftKey)
        return target.move(panned(target.camera, -(event.deltaY + event.deltaX) * lines, 0));
      const { x, y } = at(event);
      target.move(
        zoomed(target.camera, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), x, y),
      );
    },
    { passive: false },
  );
}
