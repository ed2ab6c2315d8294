/**
 * Gets the peers ready: compiles the C programs with `cc`, installs the packages of
 * bench/package.json once, and finds which foreign programs are there. What cannot be had is named,
 * and the figures do without it.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Where a compiled program of bench/c is. */
export const program = (name) => join(here, 'bin', name);
export const hasProgram = (name) => existsSync(program(name));

/** Compiles what is older than its source; false without a compiler. */
export function compile() {
  mkdirSync(join(here, 'bin'), { recursive: true });
  const sources = readdirSync(join(here, 'c'));
  const headers = sources
    .filter((name) => name.endsWith('.h'))
    .map((name) => modified(join(here, 'c', name)));
  for (const name of sources.filter((name) => name.endsWith('.c')).map((name) => name.slice(0, -2))) {
    const source = join(here, 'c', `${name}.c`);
    const newest = Math.max(modified(source), ...headers);
    if (modified(program(name)) > newest) continue;
    const args = ['-O2', '-Wall', '-Wextra', '-o', program(name), source];
    const { status, error } = spawnSync(process.env.CC ?? 'cc', args, { stdio: 'inherit' });
    if (error || status !== 0) return false;
  }
  return true;
}

/**
 * `npm ci` in bench/, if it was not done yet or the packages are others now; false where it fails.
 */
export function installPackages() {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  if (Object.keys(dependencies).every(hasPackage)) return true;
  console.log('installing the packages of bench/package.json (once) ...');
  const { status } = spawnSync('npm', ['ci', '--silent'], { cwd: here, stdio: 'inherit' });
  return status === 0;
}

export const hasPackage = (name) => existsSync(join(here, 'node_modules', name));

/** Whether a foreign program is in the PATH. */
export function hasCommand(name) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether `npm run build` was done. */
export const hasNlink = () => existsSync(join(here, '..', 'dist', 'index.js'));
