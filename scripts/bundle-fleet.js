/**
 * Makes packages/fleet/dist from what `npm run build:test` compiled: the library, the command and the
 * declarations. The core is not in it: what came from it by src/core.ts comes from `nlink/internal`.
 *
 * | file             | what is in it                        |
 * | ---------------- | ------------------------------------ |
 * | index.js         | `nlink-fleet`                        |
 * | cli/main.js      | the command                          |
 * | *.js             | what these share, or load when asked |
 * | page/            | the page of `nlink-fleet serve`      |
 * | **.d.ts          | the declarations                     |
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'build/packages/fleet/src');
const dist = join(root, 'packages/fleet/dist');
const CORE = join(root, 'build/src/internal.js');
const INTERNAL = 'nlink/internal';
const ENTRIES = ['index', 'cli/main'];

rmSync(dist, { recursive: true, force: true });
const bundle = await rollup({
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(built, `${entry}.js`)])),
  external: [/^node:/, /^@nats-io\//, INTERNAL],
  plugins: [
    { name: 'core', resolveId: (id, from) => (from && join(dirname(from), id) === CORE ? INTERNAL : null) },
  ],
  onwarn(warning) {
    if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(`bundle-fleet: ${warning.message}`);
  },
});
const { output } = await bundle.write({ dir: dist, format: 'es', chunkFileNames: '[name].js' });
await bundle.close();
const strangers = output.flatMap(({ moduleIds = [] }) => moduleIds).filter((id) => !id.startsWith(built));
if (strangers.length > 0) throw new Error(`bundle-fleet: not of this package: ${strangers.join(', ')}`);
for (const path of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.d.ts') || path.startsWith('cli/') || path.startsWith('page/')) continue;
  mkdirSync(dirname(join(dist, path)), { recursive: true });
  const text = readFileSync(join(built, path), 'utf8');
  writeFileSync(join(dist, path), text.replaceAll(/(['"])(?:\.\.\/)+src\/internal\.ts\1/g, `'${INTERNAL}'`));
}
if (existsSync(join(built, 'serve/page')))
  cpSync(join(built, 'serve/page'), join(dist, 'page'), { recursive: true });
chmodSync(join(dist, 'cli/main.js'), 0o755);
