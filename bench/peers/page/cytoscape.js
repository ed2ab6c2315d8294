/**
 * cytoscape.js BOXES: serves a page that draws the same network with cytoscape and its layout fcose:
 * a node for each namespace, an edge for each pair of links. The page changes a node a hundred times
 * a second when it is told to. Prints where it listens, and `ready`.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { networkOf } from './network.js';

const { resolve } = createRequire(import.meta.url);
const SCRIPTS = ['cytoscape/dist/cytoscape.min.js', 'layout-base', 'cose-base', 'cytoscape-fcose'];

const entries = networkOf(Number(process.argv[2]));
const id = ({ number }) => `n${number}`;
const elements = [
  ...entries.map((entry) => ({ data: { id: id(entry), label: entry.names[0]?.name ?? 'host' } })),
  ...entries.flatMap((entry) =>
    entry.links
      .filter(({ peer }) => peer !== null && entry.number < peer.netns.number)
      .map(({ peer, name }) => ({
        data: { id: `${String(entry.number)} ${String(name)}`, source: id(entry), target: id(peer.netns) },
      })),
  ),
];
const START = `
window.figure.came();
const elements = ${JSON.stringify(elements)};
const cy = cytoscape({
  container: document.getElementById('graph'),
  elements,
  style: [
    { selector: 'node', style: { label: 'data(label)', shape: 'rectangle', 'font-size': 8 } },
    { selector: '.down', style: { 'background-color': 'red' } },
  ],
  layout: { name: 'fcose', animate: false, stop: () => (window.drawn = true) },
});
window.update = (milliseconds) => {
  const nodes = cy.nodes();
  let at = 0;
  // As the server of nlink: what happened in 250 ms at once.
  const timer = setInterval(() => {
    cy.batch(() => {
      for (let each = 0; each < 25; each++) nodes[(at++ * 7919) % nodes.length].toggleClass('down');
    });
  }, 250);
  setTimeout(() => clearInterval(timer), milliseconds);
};
`;
const PAGE = `<!doctype html><title>cytoscape</title><style>#graph { position: fixed; inset: 0 }</style>
<div id="graph"></div>
${[...SCRIPTS.keys(), 'start'].map((at) => `<script src="/${at}"></script>`).join('\n')}`;
const files = new Map([
  ['/', ['text/html', PAGE]],
  ['/start', ['text/javascript', START]],
  ...SCRIPTS.map((path, at) => [`/${at}`, ['text/javascript', readFileSync(resolve(path))]]),
]);
const server = createServer(({ url }, response) => {
  const [type, body] = files.get(url) ?? ['text/plain', ''];
  response.setHeader('content-type', type);
  response.end(body);
}).listen(0, '127.0.0.1', () => {
  writeSync(1, `http://127.0.0.1:${server.address().port}\nready\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
