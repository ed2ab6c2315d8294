/**
 * After a build: puts the modules into few files, since loading a hundred takes longer than what
 * `nlink list` does, and each keeps memory for as long as the process lives (the figures:
 * docs/benchmarks.md, "idle" and "command-start"). The declarations stay as they are.
 *
 * | file                | what is in it                                       | loaded by              |
 * | ------------------- | --------------------------------------------------- | ---------------------- |
 * | netlink.js          | all that `nlink/netlink` needs                      | both entries, commands |
 * | namespaces.js       | all else that is below watch/                       | `nlink`, commands      |
 * | watching.js         | watch/, inotify/                                    | `nlink`, all but list  |
 * | cli/command-line.js | what each start needs, help and complaints          | the program            |
 * | cli/list.js         | the command that is used in loops and prompts       | `nlink list`, commands |
 * | cli/exec.js         | the command that others are run by                  | `nlink exec`           |
 * | cli/commands.js     | the other commands                                  | them                   |
 *
 * The program itself, cli/main.js, is apart from them: while it waits for what it has begun,
 * nothing that imports it could be loaded.
 */
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const MAIN = 'cli/main.js';
const NETLINK = 'netlink/index.js';
const ENTRIES = ['index.js', NETLINK, MAIN];
/**
 * What these files begin with, and all that this imports at once. A module is in the first file
 * that wants it.
 */
const PARTS = [
  ['netlink', [NETLINK]],
  ['cli/command-line', [MAIN, 'cli/spec/help.js', 'cli/output/error-text.js']],
  // The second is what `--format ip` asks for, too late to be found here.
  ['cli/list', ['cli/commands/list/list.js', 'cli/host/directory-entries.js']],
  ['cli/exec', ['cli/commands/exec/exec.js', 'cli/host/runner.js', 'cli/host/exec-program.js']],
];

let parts;

function partOf(id, { getModuleInfo }) {
  const path = relative(dist, id);
  if (ENTRIES.includes(path)) return null;
  parts ??= new Map(PARTS.flatMap(([part, files]) => withImports(files, getModuleInfo, part)).reverse());
  if (!path.startsWith('cli/') && parts.get(path) !== 'netlink')
    return /^(watch|inotify)\//.test(path) ? 'watching' : 'namespaces';
  return parts.get(path) ?? 'cli/commands';
}

function withImports(files, getModuleInfo, part) {
  const found = new Set(files);
  for (const path of found)
    for (const id of getModuleInfo(join(dist, path))?.importedIds ?? []) found.add(relative(dist, id));
  return Array.from(found, (path) => [path, part]);
}

const bundle = await rollup({
  input: Object.fromEntries(ENTRIES.map((file) => [file.slice(0, -'.js'.length), join(dist, file)])),
  external: /^(?:node:|koffi$)/,
  onwarn: (warning) => {
    // What tsc makes of `await using` asks for it.
    if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(`bundle: ${warning.message}`);
  },
});
// All has been read by now.
const isLeft = (path) => path.endsWith('.js') || path.startsWith('cli/');
for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(isLeft))
  rmSync(join(dist, path), { recursive: true, force: true });
await bundle.write({
  dir: dist,
  format: 'es',
  chunkFileNames: '[name].js',
  hoistTransitiveImports: false,
  minifyInternalExports: false,
  manualChunks: partOf,
});
await bundle.close();
chmodSync(join(dist, MAIN), 0o755);
