/** Which part of the picture is seen, and how large: a point of it is at `x * scale + left`. */
import type { Rect } from './scene-types.ts';

export interface Camera {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How much is drawn: shapes, boxes with labels, or all. */
export type Level = 'far' | 'mid' | 'near';

/** From which scale on. */
const MID = 0.32;
const NEAR = 0.68;
const SCALES = { least: 0.004, most: 3 };
/** As large as a whole picture is shown, at most. */
const MOST_FIT = 1;
const MARGIN = 24;

export const levelOf = ({ scale }: Camera): Level => (scale < MID ? 'far' : scale < NEAR ? 'mid' : 'near');

/** About a point of the screen, which stays. */
export function zoomed(camera: Camera, by: number, x: number, y: number): Camera {
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, camera.scale * by));
  const ratio = scale / camera.scale;
  return { scale, left: x - (x - camera.left) * ratio, top: y - (y - camera.top) * ratio };
}

export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  left: camera.left + dx,
  top: camera.top + dy,
});

/** Somewhat smaller, so that characters come out in whole pixels: 11 near, 21 in the middle. */
function snapped(scale: number): number {
  const size = scale < NEAR ? 21 : 11;
  return scale < MID ? scale : Math.floor(scale * size + 1e-6) / size;
}

/** All of it, in the middle. */
export function fitted(bounds: Rect, { width, height }: Size): Camera {
  const across = (width - 2 * MARGIN) / Math.max(bounds.width, 1);
  const down = (height - 2 * MARGIN) / Math.max(bounds.height, 1);
  const scale = Math.max(SCALES.least, snapped(Math.min(MOST_FIT, across, down)));
  return {
    scale,
    left: width / 2 - (bounds.x + bounds.width / 2) * scale,
    top: height / 2 - (bounds.y + bounds.height / 2) * scale,
  };
}

/** The same, moved as little as needed to have this in sight, and near enough to read. */
export function shownIn(camera: Camera, rect: Rect, size: Size, least: number): Camera {
  const scale = Math.max(camera.scale, least);
  if (scale !== camera.scale) return centred(rect, size, scale);
  const left = rect.x * scale + camera.left;
  const top = rect.y * scale + camera.top;
  const dx = into(left, left + rect.width * scale, size.width);
  const dy = into(top, top + rect.height * scale, size.height);
  return dx === 0 && dy === 0 ? camera : panned(camera, dx, dy);
}

export const centred = (rect: Rect, size: Size, scale: number): Camera => ({
  scale,
  left: size.width / 2 - (rect.x + rect.width / 2) * scale,
  top: size.height / 2 - (rect.y + rect.height / 2) * scale,
});

/** What is seen of the picture, with so much more on each side, as a part of it. */
export function seen({ left, top, scale }: Camera, { width, height }: Size, more: number): Rect {
  return {
    x: (-left - width * more) / scale,
    y: (-top - height * more) / scale,
    width: (width * (1 + 2 * more)) / scale,
    height: (height * (1 + 2 * more)) / scale,
  };
}

export const touches = (one: Rect, other: Rect): boolean =>
  one.x <= other.x + other.width &&
  other.x <= one.x + one.width &&
  one.y <= other.y + other.height &&
  other.y <= one.y + one.height;

export const holds = (outer: Rect, inner: Rect): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;

export function boundsOf(rects: Iterable<Rect>): Rect {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of rects) {
    x1 = Math.min(x1, x);
    y1 = Math.min(y1, y);
    x2 = Math.max(x2, x + width);
    y2 = Math.max(y2, y + height);
  }
  return x1 > x2 ? { x: 0, y: 0, width: 0, height: 0 } : { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}

/** How far to move so that it is inside. */
function into(from: number, to: number, size: number): number {
  if (to - from > size - 2 * MARGIN) return size / 2 - (from + to) / 2;
  if (from < MARGIN) return MARGIN - from;
  return to > size - MARGIN ? size - MARGIN - to : 0;
}
