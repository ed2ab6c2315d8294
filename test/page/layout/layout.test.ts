import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Layout } from '../../../src/page/layout/layout.ts';
import type { Box, Rect, Scene } from '../../../src/page/layout/scene-types.ts';
import { Lab } from '../support/generated-model.ts';

const counts = fc.record({
  containers: fc.nat(30),
  pods: fc.nat(12),
  routers: fc.nat(14),
  pairs: fc.nat(6),
  sandboxes: fc.nat(6),
  named: fc.nat(9),
  hostile: fc.boolean(),
  states: fc.boolean(),
});
/** What happens: a number for what, one for whom. */
const steps = fc.array(fc.tuple(fc.nat(7), fc.nat(1000)), { maxLength: 25 });

test('no two boxes overlap, whatever is there and whatever happens', () => {
  fc.assert(
    fc.property(counts, steps, (some, happens) => {
      const lab = new Lab(some);
      const layout = new Layout();
      assertApart(layout.update(lab.model));
      for (const [what, whom] of happens) {
        happen(lab, what, whom);
        assertApart(layout.update(lab.model));
      }
    }),
    { numRuns: 60 },
  );
});

test('an event moves nothing but the box that it is about', () => {
  fc.assert(
    fc.property(counts, steps, (some, happens) => {
      const lab = new Lab(some);
      const layout = new Layout();
      let before = placesOf(layout.update(lab.model));
      for (const [what, whom] of happens) {
        const about = happen(lab, what, whom);
        const scene = layout.update(lab.model);
        const after = placesOf(scene);
        for (const [id, place] of after)
          if (before.has(id) && !about.includes(id)) assert.equal(place, before.get(id), `${id} moved`);
        before = after;
      }
    }),
    { numRuns: 60 },
  );
});

test('one that was alone moves when it is linked to one that leaves a fold, and not later', () => {
  const some = { containers: 10, pods: 1, routers: 3, pairs: 1, sandboxes: 0, named: 5 };
  const lab = new Lab({ ...some, hostile: true, states: true });
  const layout = new Layout();
  layout.update(lab.model);
  const about = happen(lab, 6, 5);
  const before = placesOf(layout.update(lab.model));
  happen(lab, 4, 5);
  const after = placesOf(layout.update(lab.model));
  assert.equal(about.length, 2);
  for (const id of about) assert.equal(after.get(id), before.get(id), `${id} moved`);
});

test('wires are those that a new picture of the same would have', () => {
  fc.assert(
    fc.property(counts, steps, (some, happens) => {
      const lab = new Lab(some);
      const layout = new Layout();
      layout.update(lab.model);
      for (const [what, whom] of happens) {
        happen(lab, what, whom);
        layout.update(lab.model);
      }
      // All folds open: which are folded depends on what was before.
      const open = new Set([...layout.scene.boxes.values()].flatMap(({ fold }) => fold?.shape ?? []));
      const fresh = new Layout();
      fresh.update(lab.model);
      for (const { fold } of fresh.scene.boxes.values()) if (fold !== null) open.add(fold.shape);
      const options = { kept: new Set<string>(), open };
      assert.deepEqual(endsOf(layout.update(lab.model, options)), endsOf(fresh.update(lab.model, options)));
    }),
    { numRuns: 40 },
  );
});

test('the same model gives the same picture', () => {
  const all = { containers: 20, pods: 9, routers: 7, pairs: 3, sandboxes: 4, hostile: true, states: true };
  const one = new Layout().update(new Lab(all).frozen);
  const other = new Layout().update(new Lab(all).frozen);
  assert.deepEqual(placesOf(one), placesOf(other));
  assert.deepEqual(
    [...one.wires.values()].map(({ path }) => path),
    [...other.wires.values()].map(({ path }) => path),
  );
});

test('equal boxes are folded to one that says how many they are', () => {
  const lab = new Lab({ containers: 37, sandboxes: 5, routers: 3 });
  const layout = new Layout();
  const folds = foldsOf(layout.update(lab.model));
  assert.deepEqual(new Set(folds.map(({ fold }) => fold?.alive)), new Set([37, 5]));

  lab.end(lab.keys.find((key) => lab.get(key).owner?.kind === 'docker') as string);
  assert.ok(
    foldsOf(layout.update(lab.model)).some(({ fold }) => fold?.alive === 36 && fold.members.length === 37),
  );
});

test('what is selected or found is not folded, and an opened fold is all boxes', () => {
  const lab = new Lab({ containers: 12 });
  const layout = new Layout();
  layout.update(lab.model);
  const key = lab.keys.at(-1) as string;
  const kept = layout.update(lab.model, { kept: new Set([key]), open: new Set() });
  assert.equal(kept.boxOf.get(key), key);
  assert.equal(foldsOf(kept)[0]?.fold?.alive, 11);

  const shape = foldsOf(kept)[0]?.fold?.shape as string;
  const opened = layout.update(lab.model, { kept: new Set(), open: new Set([shape]) });
  assert.equal(opened.boxes.size, 13);
  const folded = layout.update(lab.model, { kept: new Set(), open: new Set() });
  assert.equal(folded.boxes.size, 2);
});

test('a fold stays one until none or one is left; three that are alike stay apart', () => {
  const lab = new Lab({ containers: 4 });
  const layout = new Layout();
  assert.equal(foldsOf(layout.update(lab.model)).length, 1);
  const keys = lab.keys.slice(1);
  lab.remove(keys[0] as string);
  lab.remove(keys[1] as string);
  assert.equal(foldsOf(layout.update(lab.model))[0]?.fold?.alive, 2);
  lab.remove(keys[2] as string);
  assert.equal(foldsOf(layout.update(lab.model)).length, 0);
  lab.container();
  lab.container();
  assert.equal(foldsOf(layout.update(lab.model)).length, 0);
});

test('wires of containers join in one trunk; those of routers go from port to port', () => {
  const layout = new Layout();
  const scene = layout.update(new Lab({ containers: 3, routers: 4 }).model);
  assert.equal(scene.trunks.size, 1);
  assert.equal([...scene.trunks.values()][0]?.count, 3);
  assert.equal([...scene.wires.values()].filter(({ trunk }) => trunk === null).length, 3);
  for (const wire of scene.wires.values()) assert.match(wire.path, /^M-?\d/);
});

test('the cell of what has gone is used again', () => {
  const lab = new Lab({ containers: 3 });
  const layout = new Layout();
  layout.update(lab.model);
  const [, first] = lab.keys as [string, string];
  const place = placesOf(layout.scene).get(first);
  lab.remove(first);
  layout.update(lab.model);
  const key = lab.container();
  layout.update(lab.model);
  assert.equal(placesOf(layout.scene).get(key), place);
});

test('5,000 boxes are laid out at once', (context) => {
  const open = new Set<string>();
  const lab = new Lab({ containers: 2500, pods: 1500, routers: 40, pairs: 480 });
  const model = lab.frozen;
  for (const { fold } of new Layout().update(model).boxes.values()) if (fold !== null) open.add(fold.shape);
  const times: number[] = [];
  let layout = new Layout();
  for (let round = 0; round < 5; round++) {
    layout = new Layout();
    const start = performance.now();
    layout.update(model, { kept: new Set(), open });
    times.push(performance.now() - start);
  }
  assert.equal(layout.scene.boxes.size, 5001);
  const events: number[] = [];
  for (let round = 0; round < 50; round++) {
    lab.container();
    const next = lab.model;
    const start = performance.now();
    layout.update(next, { kept: new Set(), open });
    events.push(performance.now() - start);
  }
  const middle = (all: number[]): string => (all.sort((a, b) => a - b)[all.length >> 1] as number).toFixed(2);
  context.diagnostic(`5,001 boxes: ${middle(times)} ms; a container more: ${middle(events)} ms`);
});

/** @returns whom it is about */
function happen(lab: Lab, what: number, whom: number): readonly string[] {
  const keys = lab.keys.slice(1);
  const key = keys[whom % Math.max(keys.length, 1)];
  if (what === 0) return [lab.container()];
  if (what === 1) return [lab.add(`new${whom}-${keys.length}`)];
  if (key === undefined) return [];
  const links = [...lab.get(key).links.values()];
  if (what === 2) lab.end(key);
  else if (what === 3) lab.remove(key);
  else if (what === 4 && links.length > 0)
    lab.change(links[whom % links.length] as never, { state: 'down', up: false });
  else if (what === 5) lab.veth(key, `new${whom}`, 3);
  else if (what === 6) {
    const other = keys[(whom * 7) % keys.length] as string;
    if (other !== key) lab.veth(key, `to${whom}`, null, other);
    return [key, other];
  } else lab.link(key, { name: `dummy${whom}`, kind: 'dummy', ifindex: 5000 + whom });
  return [key];
}

const foldsOf = (scene: Scene): Box[] => [...scene.boxes.values()].filter(({ fold }) => fold !== null);

const placesOf = (scene: Scene): Map<string, string> =>
  new Map([...scene.boxes.values()].map(({ id, x, y }) => [id, `${x} ${y}`]));

/** What wires join: how many run in one another depends on how many rows there is room for. */
const endsOf = (scene: Scene): string[] =>
  [
    ...new Set(
      [...scene.wires.values()].map(({ from, to, end }) => `${[from, to ?? ''].sort().join(' - ')} ${end}`),
    ),
  ].sort();

function assertApart({ boxes }: Scene): void {
  const sorted = [...boxes.values()].sort((one, other) => one.x - other.x);
  for (const [at, one] of sorted.entries())
    for (let next = at + 1; next < sorted.length; next++) {
      const other = sorted[next] as Box;
      if (other.x >= one.x + one.width) break;
      assert.ok(!overlaps(one, other), `${one.id} and ${other.id} overlap`);
    }
}

const overlaps = (one: Rect, other: Rect): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;
