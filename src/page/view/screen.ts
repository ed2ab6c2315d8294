/** Which part of the picture is on the screen, and which part is drawn: somewhat more. */
import { boundsOf, centred, fitted, holds, levelOf, seen, shownIn } from '../layout/camera.ts';
import type { Camera, Level, Size } from '../layout/camera.ts';
import type { Rect, Scene } from '../layout/scene-types.ts';

/** Beyond the screen on each side, as a part of it. */
const MORE = 0.35;
/** Of a character of a label, where the picture is somewhat far. */
const LABEL_WIDTH = 11;
/** So many are shown as a whole, even where they are too small to read. */
const MANY = 60;
/** So large labels can be read. */
const LABELS = 12 / 21;
/** So large it is shown when somebody goes to it from far out. */
const READABLE = 10 / 11;

export class Screen {
  camera: Camera = { left: 0, top: 0, scale: 1 };
  size: Size = { width: 0, height: 0 };
  part: Rect = { x: 0, y: 0, width: 0, height: 0 };
  /** Whether somebody has moved it. */
  isHeld: boolean = false;
  level: Level = 'near';
  /** Of labels: as when it was drawn. */
  scale: number = 1;

  fit({ boxes, labels }: Scene): void {
    const tops = labels.map(({ x, y, text, anchor }) => {
      const width = text.length * LABEL_WIDTH;
      return { x: anchor === 'start' ? x : x - width, y: y - 16, width, height: 0 };
    });
    this.camera = fitted(boundsOf([...boxes.values(), ...tops]), this.size);
  }

  /** As at first: all of it, or what is around the host where that would be too small to read. */
  start(scene: Scene): void {
    this.fit(scene);
    if (levelOf(this.camera) !== 'far' || scene.boxes.size > MANY) return;
    const boxes = [...scene.boxes.values()];
    const host = boxes.find(({ namespace }) => namespace.own) ?? boxes[0];
    if (host !== undefined) this.camera = centred(host, this.size, LABELS);
  }

  reveal(rect: Rect): void {
    this.isHeld = true;
    const least = levelOf(this.camera) === 'far' ? READABLE : 0;
    this.camera = shownIn(this.camera, rect, this.size, least);
  }

  /** @returns whether another part is to be drawn */
  moved(): boolean {
    const level = levelOf(this.camera);
    const { scale } = this.camera;
    const isNear =
      level === 'near'
        ? this.part.width * scale < this.size.width * 4
        : Math.abs(Math.log(scale / this.scale)) < 0.15;
    if (level === this.level && isNear && holds(this.part, seen(this.camera, this.size, 0))) return false;
    this.level = level;
    this.scale = scale;
    this.part = seen(this.camera, this.size, MORE);
    return true;
  }

  get transform(): string {
    const { left, top, scale } = this.camera;
    return `translate(${Math.round(left)} ${Math.round(top)}) scale(${scale.toFixed(5)})`;
  }
}
