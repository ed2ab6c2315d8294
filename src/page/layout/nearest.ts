/** The box that an arrow key leads to: the nearest one in that direction, aside counting double. */
import type { Box, Rect } from './scene-types.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

export function nearestBox(boxes: Iterable<Box>, from: Rect, direction: Direction): Box | null {
  const isAcross = direction === 'left' || direction === 'right';
  const sign = direction === 'right' || direction === 'down' ? 1 : -1;
  let best: Box | null = null;
  let least = Infinity;
  for (const box of boxes) {
    const dx = middleX(box) - middleX(from);
    const dy = middleY(box) - middleY(from);
    const ahead = (isAcross ? dx : dy) * sign;
    if (ahead <= 1) continue;
    const aside = isAcross
      ? apart(box.y, box.height, from.y, from.height)
      : apart(box.x, box.width, from.x, from.width);
    const distance = ahead + 3 * aside + Math.abs(isAcross ? dy : dx) / 16;
    if (distance >= least) continue;
    least = distance;
    best = box;
  }
  return best;
}

const middleX = ({ x, width }: Rect): number => x + width / 2;
const middleY = ({ y, height }: Rect): number => y + height / 2;

/** Between two spans; 0: they are side by side. */
const apart = (a: number, length: number, b: number, other: number): number =>
  Math.max(0, b - (a + length), a - (b + other));
