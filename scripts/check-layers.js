/**
 * Checks that imports point down only (docs/architecture.md): a file may import from its own layer
 * and from lower ones, and no files import each other in a circle; `import type` and `import()`
 * count too. koffi is for sys/ alone, lit-html for page/view/, and nothing of Node for page/ and
 * replay/; there is no other package at all. Usage: check-layers.js [DIRECTORY], by default src. Prints each import
 * that is against it, and ends with 1 if there is one.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * From the lowest to the highest; those of one row must not know each other. A folder with rooms
 * has an entry for each of them; what lies in the folder itself belongs to the entry of that name.
 */
const LAYERS = [
  ['errors.ts'],
  ['sys'],
  ['reference'],
  ['inotify', 'netlink'],
  ['netns/identity'],
  ['netns/processes'],
  ['netns/mounts'],
  ['netns/diagnosis'],
  ['netns/names'],
  ['netns/holders', 'netns/enter'],
  ['watch/stream'],
  ['watch/names', 'watch/ids', 'watch/links'],
  ['watch/unified'],
  ['format'],
  ['replay'],
  ['page/model'],
  ['page/layout'],
  ['page/view'],
  ['serve/metrics'],
  ['serve'],
  ['index.ts'],
  ['internal.ts'],
  ['cli/output'],
  ['cli/host', 'cli/spec'],
  ['cli/args'],
  ['cli/commands/shared'],
  ['cli/commands'],
  ['cli/registry.ts'],
  ['cli/run.ts'],
  ['cli/main.ts'],
];
/** Each entry of these folders is a layer of its own; they must not know each other. */
const SEPARATE = new Set(['cli/commands']);
/** Who alone may import from a layer, of all that are above it. */
const ONLY_BY = { 'cli/commands': 'cli/registry.ts', 'cli/registry.ts': 'cli/run.ts' };
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;

const root = process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url));
if (!existsSync(root)) throw new Error(`${root} is not there`);

const faults = [];
let imports = 0;
/** Each file, with those below the root that it imports. */
const graph = new Map();
const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
for (const file of files.filter((path) => path.endsWith('.ts')).toSorted()) {
  graph.set(file, new Set());
  for (const [, , target] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
    imports++;
    if (target.startsWith('.')) graph.get(file).add(normalize(join(dirname(file), target)));
    const fault = faultOf(file, target);
    if (fault !== null) faults.push(`${file}: import of '${target}': ${fault}`);
  }
}
for (const circle of circlesOf(graph)) faults.push(`a circle: ${circle.join(' -> ')}`);
if (imports === 0) faults.push(`no import found below ${root}`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

/** What is wrong with an import, or null. */
function faultOf(file, target) {
  if (target.startsWith('node:'))
    return /^(?:page|replay)\//.test(file) ? `${file.split('/')[0]}/ runs in a browser` : null;
  const from = layerOf(file);
  if (from === null) return 'the importing file belongs to no layer';
  if (!target.startsWith('.')) {
    if (/^lit-html(?:\/|$)/.test(target))
      return from.name === 'page/view' ? null : 'lit-html is for page/view/ alone';
    if (target !== 'koffi') return 'koffi is the one package that may be imported';
    return from.name === 'sys' ? null : 'koffi is for sys/ alone';
  }
  const path = normalize(join(dirname(file), target));
  if (path === '../package.json') return null;
  const to = layerOf(path);
  if (to === null) return 'leads to no layer';
  if (to.name === from.name) return null;
  const only = ONLY_BY[LAYERS[to.rank][0]];
  if (to.rank < from.rank && only !== undefined && from.name !== only)
    return `only ${only} may import from ${to.name}`;
  if (to.rank < from.rank) return null;
  return to.rank === from.rank
    ? `${from.name} and ${to.name} must not know each other`
    : `${to.name} is above ${from.name}`;
}

/** The layer of a path below the root: the longest entry that it lies in, or is. */
function layerOf(path) {
  const parts = path.split('/');
  for (let length = parts.length; length > 0; length--) {
    const name = parts.slice(0, length).join('/');
    const rank = LAYERS.findIndex((row) => row.includes(name));
    if (rank < 0) continue;
    return { name: SEPARATE.has(name) ? parts.slice(0, length + 1).join('/') : name, rank };
  }
  return null;
}

/** Each circle that a walk along the imports closes; its first file is its last one, too. */
function circlesOf(imported) {
  const circles = [];
  const done = new Set();
  const visit = (file, trail) => {
    const at = trail.indexOf(file);
    if (at >= 0) circles.push([...trail.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const target of imported.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of imported.keys()) visit(file, []);
  return circles;
}
