/**
 * What is in tools/, each with a lock file of its own: installed on first use, and again when that
 * file changes.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Loads one of tools/docs/. */
export async function tool(name) {
  const directory = install('docs');
  return import(pathToFileURL(createRequire(`${directory}package.json`).resolve(name)));
}

/** Installs a folder of tools/, and gives its path, with a slash. */
export function install(folder) {
  const directory = fileURLToPath(new URL(`../tools/${folder}/`, import.meta.url));
  const [lock, installed] = [`${directory}package-lock.json`, `${directory}node_modules/installed.json`];
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return directory;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  copyFileSync(lock, installed);
  return directory;
}
