/**
 * The picture: the part that is seen, and somewhat more, so that it can be moved without being
 * drawn again. Far out it is a handful of paths; nearer, a group for each box and wire.
 */
import { svg } from 'lit-html';
import type { SVGTemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { touches } from '../layout/camera.ts';
import type { Level } from '../layout/camera.ts';
import type { BandLabel, Box, Rect, Scene, Wire } from '../layout/scene-types.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import { boxView } from './box-view.ts';
import type { BoxLook } from './box-view.ts';
import { farView } from './far-view.ts';
import type { Matches, Selection } from './state.ts';
import { trunkView, wireView } from './wire-view.ts';

export interface Frame {
  readonly scene: Scene;
  readonly model: PageModel;
  readonly level: Level;
  /** Of labels, which are as large far out as near. */
  readonly scale: number;
  /** The part to draw. */
  readonly part: Rect;
  readonly matches: Matches | null;
  readonly onlyMatches: boolean;
  readonly selection: Selection | null;
}

export function pictureView(frame: Frame): SVGTemplateResult {
  const { scene, level } = frame;
  const looks = new Looks(frame);
  return svg`${
    level === 'far'
      ? guard([scene.revision, frame.matches, frame.onlyMatches, frame.scale], () =>
          farView(scene, frame.scale, looks),
        )
      : nearView(frame, level, looks)
  }
    ${labelsView(frame)}`;
}

function nearView(frame: Frame, level: 'mid' | 'near', looks: Looks): SVGTemplateResult {
  const { scene, model, part } = frame;
  const boxes = [...scene.boxes.values()].filter((box) => touches(box, part) && !looks.isHidden(box));
  const wires = [...scene.wires.values()].filter(
    (wire) => touches(wire.bounds, part) && !looks.isHiddenId(wire.from) && !looks.isHiddenId(wire.to),
  );
  const trunks = [...scene.trunks.values()].filter(({ bounds }) => touches(bounds, part));
  return svg`<g class="wires">
      ${repeat(
        trunks,
        ({ id }) => id,
        (trunk) => trunkView(trunk, looks.trunk(trunk.bus.key)),
      )}
      ${repeat(
        wires,
        ({ id }) => id,
        (wire) =>
          guard([wire, looks.wireKey(wire), looks.route(wire)], () =>
            wireView(wire, looks.wire(wire), looks.route(wire)),
          ),
      )}
    </g>
    <g class="boxes">
      ${repeat(
        boxes,
        ({ id }) => id,
        (box) => guard([box, level, looks.boxKey(box)], () => boxView(box, level, looks.box(box), model)),
      )}
    </g>`;
}

/** What each box is among: which bus they are at. As large far out as near. */
function labelsView({ scene, scale, part }: Frame): SVGTemplateResult {
  const size = Math.round(Math.max(11, Math.min(11 / scale, 400)));
  const isSeen = ({ x, y, anchor }: BandLabel): boolean =>
    touches(
      { x: anchor === 'start' ? x : x - size * 30, y: y - size, width: size * 30, height: size * 2 },
      part,
    );
  return svg`<g class="labels" font-size=${size}>
    ${scene.labels
      .filter(isSeen)
      .map(
        ({ text, x, y, anchor, count }) =>
          svg`<text x=${x} y=${y} text-anchor=${anchor}>${text} · ${count}</text>`,
      )}
  </g>`;
}

/** How boxes and wires are shown, by what is searched for and selected. */
class Looks {
  readonly #frame: Frame;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  box(box: Box): BoxLook {
    const { matches, selection } = this.#frame;
    const lit = this.#isFound(box);
    const selected = selection?.namespace === box.namespace.key && box.fold === null;
    return { lit, dim: matches !== null && !lit, selected, litLinks: matches?.links ?? null };
  }

  boxKey(box: Box): string | Matches | null {
    const { matches } = this.#frame;
    const { lit, dim, selected } = this.box(box);
    return lit ? matches : `${dim} ${selected}`;
  }

  wire(wire: Wire): BoxLook {
    const { matches, selection } = this.#frame;
    const isFound = (key: string | undefined): boolean =>
      key !== undefined && matches?.links.has(key) === true;
    const lit = isFound(wire.link.key) || isFound(wire.far?.key);
    const link = selection?.link ?? null;
    const selected = link !== null && (link === wire.link.key || link === wire.far?.key);
    const near = this.#frame.scene.boxes.get(wire.from);
    const dim = matches !== null && !lit && (near === undefined || !this.#isFound(near));
    return { lit, dim, selected, litLinks: null };
  }

  wireKey(wire: Wire): string {
    const { lit, dim, selected } = this.wire(wire);
    return `${lit} ${dim} ${selected}`;
  }

  /** Of a wire that is to be seen all the way. */
  route(wire: Wire): string | null {
    if (wire.trunk === null) return null;
    const { lit, selected } = this.wire(wire);
    return lit || selected ? this.#frame.scene.routeOf(wire) : null;
  }

  trunk(bus: string): BoxLook {
    const { matches, selection } = this.#frame;
    const lit = matches?.links.has(bus) === true;
    return { lit, dim: matches !== null && !lit, selected: selection?.link === bus, litLinks: null };
  }

  isHidden(box: Box): boolean {
    const { matches, onlyMatches } = this.#frame;
    return onlyMatches && matches !== null && !this.#isFound(box);
  }

  isHiddenId(id: string | null): boolean {
    const box = id === null ? undefined : this.#frame.scene.boxes.get(id);
    return box !== undefined && this.isHidden(box);
  }

  #isFound({ namespace, fold }: Box): boolean {
    const { matches } = this.#frame;
    if (matches === null) return false;
    for (const { key, links } of fold?.members ?? [namespace]) {
      if (matches.namespaces.has(key)) return true;
      if (matches.links.size > 0) for (const link of links.keys()) if (matches.links.has(link)) return true;
    }
    return false;
  }
}
