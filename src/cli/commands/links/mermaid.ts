/** The graph as a flowchart of Mermaid, which GitHub and others draw in Markdown. */
import type { Box, Edge, EdgeKind, Graph, GraphNode } from './graph.ts';

const ARROWS: Readonly<Record<EdgeKind, string>> = {
  pair: '===',
  lower: '-->',
  master: '---',
  namespace: '-.->',
};

export function mermaidText({ boxes, edges }: Graph): string {
  const nodes = boxes.flatMap((box) => box.nodes);
  return [
    'flowchart LR',
    ...boxes.flatMap(boxLines),
    ...edges.map(({ from, to, kind }: Edge) => `  ${from} ${ARROWS[kind]} ${to}`),
    ...classLines('off', 'fill:#ddd,color:#000', nodes),
    ...classLines('outside', 'stroke-dasharray:4', nodes),
    '',
  ].join('\n');
}

function boxLines({ id, label, nodes }: Box): string[] {
  const head = `  subgraph ${id}[${quoted([label])}]`;
  return [head, ...nodes.map((node) => `    ${nodeText(node)}`), '  end'];
}

const nodeText = ({ id, label }: GraphNode): string =>
  label.length === 0 ? `${id}(( ))` : `${id}[${quoted(label)}]`;

function classLines(look: GraphNode['look'], style: string, nodes: readonly GraphNode[]): string[] {
  const ids = nodes.filter((node) => node.look === look).map(({ id }) => id);
  return ids.length === 0 ? [] : [`  classDef ${look} ${style}`, `  class ${ids.join(',')} ${look}`];
}

/**
 * Whatever means something to Mermaid, HTML or Markdown is a number: `#34;` is a quote. So are the
 * beginnings of lists.
 */
const quoted = (lines: readonly string[]): string => `"${lines.map(safe).join('<br/>')}"`;

const safe = (line: string): string =>
  line.replace(/[^\p{L}\p{N} ./:@(),-]|^-|(?<=^\d+)\./gu, (character) => `#${character.codePointAt(0)};`);
