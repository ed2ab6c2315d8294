/** Where the keyboard is in the picture, and where its keys lead. Pure. */
import { farLink } from '../layout/attach.ts';
import { isLoopback } from '../layout/rows.ts';
import { rowMiddle } from '../layout/scene-types.ts';
import type { Box, Rect, Scene } from '../layout/scene-types.ts';
import { boxWords, linkWords } from '../layout/words.ts';
import type { PageModel } from '../../replay/replay-types.ts';

/** A box by its id, and a link of it. */
export interface Cursor {
  readonly box: string;
  readonly link: string | null;
}

/** The next link of a box, or the one before; null: it has none. */
export function nextLink({ box, link }: Cursor, scene: Scene, by: 1 | -1): Cursor | null {
  const links = [...(scene.boxes.get(box)?.namespace.links.values() ?? [])];
  const found = links.some((one) => !isLoopback(one)) ? links.filter((one) => !isLoopback(one)) : links;
  if (found.length === 0) return null;
  const at = found.findIndex(({ key }) => key === link);
  const next = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
  return { box, link: found[next]?.key ?? null };
}

/** The far end of the link that it is at, or of the first that has one. */
export function farEnd({ box, link }: Cursor, scene: Scene, model: PageModel): Cursor | null {
  const links = scene.boxes.get(box)?.namespace.links;
  const from = link === null ? [...(links?.values() ?? [])] : [links?.get(link)];
  for (const one of from) {
    const key = one?.peer?.namespace;
    if (one === undefined || key === undefined || key === null || key === one.namespace) continue;
    const to = scene.boxOf.get(key);
    if (to === undefined) continue;
    const far = farLink(one, { namespace: (other) => model.namespaces.get(other), host: null });
    return { box: to, link: far?.key ?? null };
  }
  return null;
}

/** What is around it: all of the box, or the row of the link. */
export function cursorRect({ x, y, width, height, rowOf }: Box, link: string | null): Rect {
  const row = link === null ? undefined : rowOf.get(link);
  if (row === undefined) return { x: x - 4, y: y - 4, width: width + 8, height: height + 8 };
  return { x: x - 2, y: y + rowMiddle(row) - 9, width: width + 4, height: 18 };
}

export function cursorWords(box: Box, link: string | null): string {
  const found = link === null ? undefined : box.namespace.links.get(link);
  return found === undefined ? boxWords(box.namespace, box.fold) : linkWords(found);
}
