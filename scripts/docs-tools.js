/** The tools of tools/docs/, which have a lock file of their own: installed on first use, and again when that file changes. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const directory = fileURLToPath(new URL('../tools/docs/', import.meta.url));

/** Loads one of them. */
export async function tool(name) {
  install();
  return import(pathToFileURL(createRequire(`${directory}package.json`).resolve(name)));
}

function install() {
  const [lock, installed] = [`${directory}package-lock.json`, `${directory}node_modules/installed.json`];
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  copyFileSync(lock, installed);
}
