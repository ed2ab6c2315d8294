/**
 * The graph in the language of graphviz (dot(1)): a cluster for each namespace. It is directed, so
 * that lower devices are; pairs have no arrows.
 */
import type { Box, Edge, EdgeKind, Graph, GraphNode } from './graph.ts';

const EDGES: Readonly<Record<EdgeKind, string>> = {
  pair: 'dir=none, penwidth=2',
  lower: 'style=solid',
  master: 'style=dashed, arrowhead=none',
  namespace: 'style=dotted',
};
const LOOKS: Readonly<Record<GraphNode['look'], string>> = {
  working: '',
  off: ', style=filled, fillcolor=lightgray',
  outside: ', style=dashed',
};

export function dotText({ boxes, edges }: Graph): string {
  return [
    'digraph links {',
    '  rankdir=LR;',
    '  node [shape=box];',
    ...boxes.flatMap(clusterLines),
    ...edges.map(edgeLine),
    '}',
    '',
  ].join('\n');
}

function clusterLines({ id, label, nodes }: Box): string[] {
  // A cluster without a node is not drawn.
  const inside = nodes.length === 0 ? [`    ${id}i [style=invis];`] : nodes.map(nodeLine);
  return [`  subgraph cluster_${id} {`, `    label=${quoted([label])};`, ...inside, '  }'];
}

function nodeLine({ id, label, look }: GraphNode): string {
  if (label.length === 0) return `    ${id} [shape=point];`;
  return `    ${id} [label=${quoted(label)}${LOOKS[look]}];`;
}

const edgeLine = ({ from, to, kind }: Edge): string => `  ${from} -> ${to} [${EDGES[kind]}];`;

/** Graphviz reads `\N` and `&lt;` in a label. */
const quoted = (lines: readonly string[]): string =>
  `"${lines.map((line) => line.replace(/[\\"]/g, '\\$&').replaceAll('&', '&amp;')).join('\\n')}"`;
