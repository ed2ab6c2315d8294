/**
 * What is told of links: the difference between what was told last and what is known now. Told in
 * an order in which whoever keeps a table by namespace and index is never wrong: a place is left
 * before another link takes it. Links that change places in a circle have no such order: one of
 * them is told as removed and added.
 */
import type { LinkGraph } from './link-graph.ts';
import type { GraphNamespace, LinkNode, LinkView } from './link-node.ts';
import type { LinkField } from './link-types.ts';
import { differences, viewOf } from './link-view.ts';

/** A place that a link has, or had. */
interface LinkPlace {
  namespace: GraphNamespace;
  ifindex: number;
  name: string;
}

/** What is told. */
export type LinkChange =
  | { type: 'added'; namespace: GraphNamespace; view: LinkView }
  | { type: 'changed'; namespace: GraphNamespace; view: LinkView; changed: LinkField[] }
  | { type: 'moved'; from: LinkPlace; namespace: GraphNamespace; view: LinkView }
  | { type: 'removed'; namespace: GraphNamespace; view: LinkView };

/** A link that moved: where it was told of, and where it is. */
interface Move {
  from: LinkNode;
  to: LinkNode;
  view: LinkView;
}

/**
 * @param isVisible whether a link is told of
 * @param isUnderWay whether one that departed may still arrive elsewhere: it is told of later,
 *   unless another one has its place
 */
export function publish(
  graph: LinkGraph,
  isVisible: (view: LinkView) => boolean,
  isUnderWay: (node: LinkNode) => boolean = () => false,
): LinkChange[] {
  const removed: LinkChange[] = [];
  const rest: LinkChange[] = [];
  const moves: Move[] = [];
  const moved = new Set<LinkNode>();
  const tellChange = (namespace: GraphNamespace, before: LinkView, view: LinkView): void => {
    const changed = differences(before, view);
    if (changed.length > 0) rest.push({ type: 'changed', namespace, view, changed });
  };
  for (const node of graph.touched) {
    const seen = viewOf(graph, node);
    const view = isVisible(seen) ? seen : null;
    const { namespace, published, past } = node;
    node.past = null;
    node.published = view;
    if (published !== null) {
      if (view === null) removed.push({ type: 'removed', namespace, view: published });
      else tellChange(namespace, published, view);
    } else if (view !== null && past !== null && graph.departed.has(past)) {
      moved.add(past);
      // It went away and came back.
      if (keyOf(past) === keyOf(node)) tellChange(namespace, past.published as LinkView, view);
      else moves.push({ from: past, to: node, view });
    } else if (view !== null) rest.push({ type: 'added', namespace, view });
  }
  for (const node of graph.departed) {
    const { namespace, ifindex, published } = node;
    if (!moved.has(node)) {
      if (!namespace.links.has(ifindex) && isUnderWay(node)) continue;
      if (published !== null) removed.push({ type: 'removed', namespace, view: published });
    }
    graph.departed.delete(node);
  }
  graph.touched.clear();
  return [...removed, ...inOrder(moves), ...rest];
}

/** What is told of the links of a namespace that died. */
export function publishEnd(graph: LinkGraph, namespace: GraphNamespace): LinkChange[] {
  const removed: LinkChange[] = [];
  for (const node of graph.departed) {
    if (node.namespace !== namespace) continue;
    graph.departed.delete(node);
    removed.push({ type: 'removed', namespace, view: node.published as LinkView });
  }
  return removed;
}

/** As they leave free what others take. */
function inOrder(moves: readonly Move[]): LinkChange[] {
  const occupied = new Map(moves.map((move) => [keyOf(move.from), move]));
  const before: LinkChange[] = [];
  const after: LinkChange[] = [];
  const ordered: LinkChange[] = [];
  let left = [...moves];
  while (left.length > 0) {
    const free = left.filter(({ to }) => !occupied.has(keyOf(to)));
    const [first] = left as [Move];
    if (free.length === 0) {
      const { from, to, view } = first;
      before.push({ type: 'removed', namespace: from.namespace, view: from.published as LinkView });
      after.push({ type: 'added', namespace: to.namespace, view });
    }
    const done = free.length === 0 ? [first] : free;
    for (const move of done) {
      occupied.delete(keyOf(move.from));
      if (free.length > 0) ordered.push(changeOf(move));
    }
    left = left.filter((move) => !done.includes(move));
  }
  return [...before, ...ordered, ...after];
}

const keyOf = ({ namespace, ifindex }: LinkNode): string => `${namespace.nsid} ${ifindex}`;

function changeOf({ from, to, view }: Move): LinkChange {
  const { facts } = from.published as LinkView;
  const place = { namespace: from.namespace, ifindex: from.ifindex, name: facts.name };
  return { type: 'moved', from: place, namespace: to.namespace, view };
}
