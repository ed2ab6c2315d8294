/**
 * After a build: makes the command of two files, since to load a hundred takes longer than what `nlink list` does. command-line.js has what
 * each start needs, help too; commands.js all the rest, the library with it. The program itself is apart from both: while it
 * waits for what it has begun, nothing that imports it could be loaded.
 */
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const directory = fileURLToPath(new URL('../dist/cli/', import.meta.url));
const main = `${directory}main.js`;

/** What there is to be said without doing any work, beside what the program imports at once. */
const SAYINGS = ['help.js', 'failure.js'];
/** The modules that are loaded before any command is. */
let early;

function chunkOf(id, { getModuleInfo }) {
  if (id === main) return null;
  if (early === undefined) {
    early = new Set();
    for (const file of [main, ...SAYINGS.map((saying) => directory + saying)])
      addWithImports(file, getModuleInfo);
  }
  return early.has(id) ? 'command-line' : 'commands';
}

function addWithImports(id, getModuleInfo) {
  if (early.has(id)) return;
  early.add(id);
  for (const imported of getModuleInfo(id)?.importedIds ?? []) addWithImports(imported, getModuleInfo);
}

const bundle = await rollup({
  input: main,
  external: /^(?:node:|koffi$)/,
  onwarn: (warning) => {
    // What tsc makes of `await using` asks for it.
    if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(`bundle: ${warning.message}`);
  },
});
// It is all read by now. Whatever is left of the files that were put together nobody would load.
rmSync(directory, { recursive: true });
await bundle.write({ dir: directory, format: 'es', chunkFileNames: '[name].js', manualChunks: chunkOf });
await bundle.close();
chmodSync(main, 0o755);
