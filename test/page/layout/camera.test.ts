import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf, fitted, holds, levelOf, seen, shownIn, zoomed } from '../../../src/page/layout/camera.ts';
import { Layout } from '../../../src/page/layout/layout.ts';
import { nearestBox } from '../../../src/page/layout/nearest.ts';
import type { Direction } from '../../../src/page/layout/nearest.ts';
import type { Box } from '../../../src/page/layout/scene-types.ts';
import { Lab } from '../support/generated-model.ts';

const SIZE = { width: 1280, height: 700 };

test('what is zoomed stays under the pointer', () => {
  const point = fc.record({ x: fc.integer({ min: 0, max: 1280 }), y: fc.integer({ min: 0, max: 700 }) });
  fc.assert(
    fc.property(point, fc.double({ min: 0.2, max: 5, noNaN: true }), ({ x, y }, by) => {
      const before = { left: 30, top: -20, scale: 0.7 };
      const after = zoomed(before, by, x, y);
      assert.ok(Math.abs((x - before.left) / before.scale - (x - after.left) / after.scale) < 1e-6);
      assert.ok(Math.abs((y - before.top) / before.scale - (y - after.top) / after.scale) < 1e-6);
    }),
  );
});

test('all of it is seen when it is fitted, and never larger than it is', () => {
  for (const count of [0, 3, 60]) {
    const scene = new Layout().update(new Lab({ containers: count, routers: count, states: true }).model);
    const bounds = boundsOf(scene.boxes.values());
    const camera = fitted(bounds, SIZE);
    assert.ok(holds(seen(camera, SIZE, 0), bounds));
    assert.ok(camera.scale <= 1);
  }
});

test('it is moved no farther than needed to show a box, and zoomed only where that is too small', () => {
  const camera = { left: 0, top: 0, scale: 1 };
  const box = { x: 100, y: 100, width: 264, height: 80 };
  assert.equal(shownIn(camera, box, SIZE, 0.8), camera);
  assert.deepEqual(shownIn(camera, { ...box, x: 1200 }, SIZE, 0.8), { left: -208, top: 0, scale: 1 });
  assert.equal(shownIn({ ...camera, scale: 0.1 }, box, SIZE, 0.8).scale, 0.8);
  assert.equal(levelOf({ ...camera, scale: 0.1 }), 'far');
});

test('every box is reached by arrow keys', () => {
  const { boxes } = new Layout().update(
    new Lab({ containers: 9, pods: 7, routers: 9, pairs: 4, hostile: true, states: true }).model,
  );
  const [start] = [...boxes.values()].filter(({ namespace }) => namespace.own) as [Box];
  const reached = new Set([start]);
  for (const box of reached)
    for (const direction of ['left', 'right', 'up', 'down'] as readonly Direction[]) {
      const next = nearestBox(boxes.values(), box, direction);
      if (next !== null) reached.add(next);
    }
  assert.equal(reached.size, boxes.size);
});
