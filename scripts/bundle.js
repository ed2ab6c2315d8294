/**
 * After a build: puts the modules into few files, since loading a hundred takes longer than what
 * `nlink list` does, and each keeps memory for as long as the process lives (the figures:
 * docs/benchmarks.md, "idle" and "command-start"). The declarations stay as they are.
 *
 * | file                 | what is in it                                         | loaded by              |
 * | -------------------- | ----------------------------------------------------- | ---------------------- |
 * | netlink.js           | all that `nlink/netlink` needs                        | both entries           |
 * | namespaces.js        | all else that is below watch/                         | `nlink`                |
 * | watching.js          | watch/, inotify/, but for links                       | `nlink`                |
 * | linking.js           | what follows links                                    | watching.js, for links |
 * | serving.js           | serve/, format/                                       | namespaces.js, to serve|
 * | internal.js          | what nlink-fleet alone wants besides: replay/         | `nlink/internal`       |
 * | scratch-child.cjs    | a program of its own: netlink/scratch-child.ts        | Node, as a child       |
 * | cli/command-line.cjs | what each start needs, help and complaints            | the program            |
 * | cli/system.cjs       | system calls, references, identities                  | all commands           |
 * | cli/listing.cjs      | what `nlink list` needs of the library                | `nlink list`, commands |
 * | cli/list.cjs         | the command that is used in loops and prompts         | `nlink list`, commands |
 * | cli/entering.cjs     | what `nlink exec` needs of the library besides        | `nlink exec`, commands |
 * | cli/exec.cjs         | the command that others are run by                    | `nlink exec`, commands |
 * | cli/library.cjs      | the rest of the library, but for what watches         | the other commands     |
 * | cli/watching.cjs     | watch/, inotify/, but for links                       | those that watch       |
 * | cli/linking.cjs      | what follows links                                    | watching.cjs, for links|
 * | cli/serving.cjs      | serve/                                                | `nlink serve`          |
 * | cli/commands.cjs     | the other commands                                    | them                   |
 *
 * The program and the child are CommonJS: Node loads that in half the time, without its loader of modules and
 * without the façade of each of its own modules (`node:fs` alone makes all its streams for it).
 */
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const MAIN = 'cli/main.js';
const CHILD = 'netlink/scratch-child.js';
const NETLINK = 'netlink/index.js';
const INTERNAL = 'internal.js';
const LIBRARY = ['index.js', NETLINK, INTERNAL];
/**
 * What the files of the program begin with, and all that this imports at once. A module is in the
 * first file that wants it, so that no file needs a later one.
 */
const PARTS = [
  ['command-line', ['cli/run.js', 'cli/host/process-io.js', 'cli/spec/help.js', 'cli/output/error-text.js']],
  ['system', ['sys/system.js', 'netns/identity/observe.js']],
  [
    'listing',
    [
      'netns/names/list.js',
      'netlink/nsid-client.js',
      'netns/processes/processes-by-namespace.js',
      'netns/processes/first-owner.js',
    ],
  ],
  // The second is what `--format ip` asks for.
  ['list', ['cli/commands/list/list.js', 'cli/host/directory-entries.js']],
  ['exec', ['cli/commands/exec/exec.js', 'cli/host/runner.js', 'cli/host/exec-program.js']],
  // With what these want of watch/, which does not watch.
  ['library', ['format/event-json.js', 'format/link-names.js', 'format/link-row.js']],
];
/** What these want of the library, and others may want as well. */
const BELOW = { list: 'listing', exec: 'entering' };

/** All that a module imports at once, and what that imports. */
function withImports(files, getModuleInfo) {
  const found = new Set(files);
  for (const path of found)
    for (const id of getModuleInfo(join(dist, path))?.importedIds ?? []) found.add(relative(dist, id));
  return found;
}

/** Declarations that nobody else needs: nlink-fleet has the rest of the command's. */
const CLI_ALONE = /^cli\/(?:commands\/|main\.|run\.|registry\.)/;

/** What is loaded by `import()` alone, where links are asked for. */
const LINKS = 'watch/unified/open-links.js';
const SERVER = 'serve/server.js';

let linking;

/** The part of what watches; null: it is none. */
function rest(path, getModuleInfo) {
  // What links alone want of the library; the checks of their options are wanted by all.
  linking ??= without(withImports([LINKS], getModuleInfo), withImports(['index.js'], getModuleInfo));
  if (linking.has(path)) return 'linking';
  // But for what it is begun by.
  if (path.startsWith('serve/') && path !== 'serve/serve.js') return 'serving';
  return /^(watch|inotify)\//.test(path) ? 'watching' : null;
}

const without = (files, others) => new Set([...files].filter((file) => !others.has(file)));

let netlink;
let serving;
let internal;

function partOfLibrary(id, { getModuleInfo }) {
  const path = relative(dist, id);
  if (LIBRARY.includes(path)) return null;
  netlink ??= withImports([NETLINK], getModuleInfo);
  // In the program others want what is in format/.
  serving ??= without(withImports([SERVER], getModuleInfo), withImports(['index.js'], getModuleInfo));
  if (serving.has(path)) return 'serving';
  internal ??= without(
    withImports([INTERNAL], getModuleInfo),
    withImports(['index.js', SERVER], getModuleInfo),
  );
  if (internal.has(path)) return null;
  return netlink.has(path) ? 'netlink' : (rest(path, getModuleInfo) ?? 'namespaces');
}

let parts;

function partOfProgram(id, { getModuleInfo }) {
  const path = relative(dist, id);
  if (path === MAIN) return null;
  parts ??= new Map(
    PARTS.flatMap(([part, files]) =>
      Array.from(withImports(files, getModuleInfo), (file) => [
        file,
        file.startsWith('cli/') ? part : (BELOW[part] ?? part),
      ]),
    ).reverse(),
  );
  return parts.get(path) ?? rest(path, getModuleInfo) ?? (path.startsWith('cli/') ? 'commands' : 'library');
}

const onwarn = (warning) => {
  // What tsc makes of `await using` asks for it.
  if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(`bundle: ${warning.message}`);
};
const external = /^(?:node:|koffi$)/;
const common = { hoistTransitiveImports: false, minifyInternalExports: false };

const library = await rollup({
  input: Object.fromEntries(LIBRARY.map((file) => [file.slice(0, -'.js'.length), join(dist, file)])),
  external,
  onwarn,
});
// createRequire takes a path as well, and what makes a URL of it would be loaded for that alone.
const plugins = [
  { name: 'own-path', resolveImportMeta: (property) => (property === 'url' ? '__filename' : null) },
];
const program = await rollup({ input: { main: join(dist, MAIN) }, external, onwarn, plugins });
const child = await rollup({ input: join(dist, CHILD), external, onwarn, plugins });
// All has been read by now.
const isLeft = (path) => path.endsWith('.js') || CLI_ALONE.test(path);
for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(isLeft))
  rmSync(join(dist, path), { recursive: true, force: true });
await library.write({
  ...common,
  dir: dist,
  format: 'es',
  chunkFileNames: '[name].js',
  manualChunks: partOfLibrary,
});
await child.write({ ...common, file: join(dist, 'scratch-child.cjs'), format: 'cjs' });
await program.write({
  ...common,
  dir: join(dist, 'cli'),
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  manualChunks: partOfProgram,
  externalLiveBindings: false,
  freeze: false,
});
await library.close();
await program.close();
await child.close();
chmodSync(join(dist, 'cli/main.cjs'), 0o755);
