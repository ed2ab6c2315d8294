/**
 * Checks that imports point down only (docs/architecture.md): a file may import from its own layer
 * and from lower ones, and no files import each other in a circle; `import type` and `import()`
 * count too. Packages, and modules of Node in what a browser runs, are for those alone that
 * layers.js names. Usage: check-layers.js [DIRECTORY]: by the layers of the core; by default all
 * packages, each by its own. Prints each import that is against it, and ends with 1 if there is one.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CORE, FLEET } from './layers.js';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;

const faults = [];
if (process.argv[2] === undefined)
  for (const rules of [CORE, FLEET])
    check(fileURLToPath(new URL(`../${rules.root}`, import.meta.url)), rules);
else check(process.argv[2], CORE);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

function check(root, rules) {
  if (!existsSync(root)) throw new Error(`${root} is not there`);
  let imports = 0;
  /** Each file, with those below the root that it imports. */
  const graph = new Map();
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((path) => path.endsWith('.ts')).toSorted()) {
    graph.set(file, new Set());
    for (const [, , target] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
      imports++;
      if (target.startsWith('.')) graph.get(file).add(normalize(join(dirname(file), target)));
      const fault = faultOf(file, target, rules);
      if (fault !== null) faults.push(`${file}: import of '${target}': ${fault}`);
    }
  }
  for (const circle of circlesOf(graph)) faults.push(`a circle: ${circle.join(' -> ')}`);
  if (imports === 0) faults.push(`no import found below ${root}`);
}

/** What is wrong with an import, or null. */
function faultOf(file, target, rules) {
  const browser = rules.browser.find((folder) => file.startsWith(`${folder}/`));
  if (target.startsWith('node:')) return browser === undefined ? null : `${browser}/ runs in a browser`;
  const from = layerOf(file, rules);
  if (from === null) return 'the importing file belongs to no layer';
  if (!target.startsWith('.')) {
    const name = Object.keys(rules.packages).find((one) => target === one || target.startsWith(`${one}/`));
    if (name === undefined)
      return `no other package than ${Object.keys(rules.packages).join(', ')} may be imported`;
    const only = rules.packages[name];
    return only.some((one) => isIn(from.name, one)) ? null : `${name} is for ${only.join('/, ')}/ alone`;
  }
  const path = normalize(join(dirname(file), target));
  if (path.startsWith('..')) {
    const way = Object.keys(rules.outside).find(
      (one) => path === one || (one.endsWith('/') && path.startsWith(one)),
    );
    if (way === undefined) return 'leads out of the package';
    const only = rules.outside[way];
    return only.some((one) => isIn(file, one)) ? null : `only ${only.join(', ')} may import it`;
  }
  const to = layerOf(path, rules);
  if (to === null) return 'leads to no layer';
  if (to.name === from.name) return null;
  const only = rules.onlyBy[rules.layers[to.rank][0]];
  if (to.rank < from.rank && only !== undefined && from.name !== only)
    return `only ${only} may import from ${to.name}`;
  if (to.rank < from.rank) return null;
  return to.rank === from.rank
    ? `${from.name} and ${to.name} must not know each other`
    : `${to.name} is above ${from.name}`;
}

/** Empty: everybody is. */
function isIn(path, folder) {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** The layer of a path below the root: the longest entry that it lies in, or is. */
function layerOf(path, { layers, separate }) {
  const parts = path.split('/');
  for (let length = parts.length; length > 0; length--) {
    const name = parts.slice(0, length).join('/');
    const rank = layers.findIndex((row) => row.includes(name));
    if (rank < 0) continue;
    return { name: separate.includes(name) ? parts.slice(0, length + 1).join('/') : name, rank };
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
