/**
 * Checks that imports point down only (docs/architecture.md): a file may import from its own layer
 * and from lower ones, type imports too; koffi from sys/ alone; no other package at all. Usage:
 * check-layers.js [DIRECTORY], by default src. Prints each import that is against it, and ends with
 * 1 if there is one.
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
  ['watch/names', 'watch/ids'],
  ['watch/unified'],
  ['index.ts'],
  ['cli'],
];
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;

const root = process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url));
if (!existsSync(root)) throw new Error(`${root} is not there`);

const faults = [];
let imports = 0;
for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
)) {
  for (const [, , target] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
    imports++;
    const fault = faultOf(file, target);
    if (fault !== null) faults.push(`${file}: import of '${target}': ${fault}`);
  }
}
if (imports === 0) faults.push(`no import found below ${root}`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

/** What is wrong with an import, or null. */
function faultOf(file, target) {
  if (target.startsWith('node:')) return null;
  const from = layerOf(file);
  if (from === null) return 'the importing file belongs to no layer';
  if (!target.startsWith('.')) {
    if (target !== 'koffi') return 'koffi is the one package that may be imported';
    return from.name === 'sys' ? null : 'koffi is for sys/ alone';
  }
  const path = normalize(join(dirname(file), target));
  if (path === '../package.json') return null;
  const to = layerOf(path);
  if (to === null) return 'leads to no layer';
  if (to.name === from.name || to.rank < from.rank) return null;
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
    if (rank >= 0) return { name, rank };
  }
  return null;
}
