/**
 * Makes the page that `nlink serve` serves: `page.js`, all that src/page/view/main.ts imports in one
 * file, with `index.html` and `page.css`, each without what only people who read it need. What they
 * import is for a browser: a module of Node fails here. Prints how large they are. Usage: page.js
 * DIRECTORY, which is made anew, [VIEW], by default src/page/view, [BYTES], how many all three may
 * have.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const [directory, from = 'src/page/view', most = '120000'] = process.argv.slice(2);
if (directory === undefined) throw new Error('Usage: page.js DIRECTORY [VIEW [BYTES]]');
const view = fileURLToPath(new URL(`../${from}/`, import.meta.url));
const common = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
};
const bundled = async (file, options) => {
  const { outputFiles } = await build({ ...common, entryPoints: [join(view, file)], ...options });
  return outputFiles[0].text;
};
const files = {
  'index.html': readFileSync(join(view, 'index.html'), 'utf8').replaceAll(/^\s+/gm, ''),
  'page.css': await bundled('page.css', { target: ['chrome123', 'firefox128', 'safari17'] }),
  // What is minified has lines in templates alone: their indentation is of no use.
  'page.js': (await bundled('main.ts', { format: 'esm', platform: 'browser', target: 'es2022' })).replaceAll(
    /\n +/g,
    '\n',
  ),
};
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
let bytes = 0;
for (const [name, text] of Object.entries(files)) {
  writeFileSync(join(directory, name), text);
  bytes += Buffer.byteLength(text);
}
if (bytes > Number(most)) throw new Error(`the page has ${bytes} bytes, at most ${most}`);
console.log(`${directory}: ${bytes} bytes`);
