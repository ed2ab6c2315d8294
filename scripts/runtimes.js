/**
 * Runs test/runtimes/ on Deno and Bun, of the versions in tools/runtimes/: some 200 MB, installed
 * on first use. Linux with glibc.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install } from './docs-tools.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = `${install('runtimes')}node_modules`;
const bun = process.arch === 'arm64' ? 'aarch64' : process.arch;
const env = {
  ...process.env,
  NLINK_DENO: `${packages}/@deno/linux-${process.arch}-glibc/deno`,
  NLINK_BUN: `${packages}/@oven/bun-linux-${bun}/bin/bun`,
};
const files = readdirSync(`${root}test/runtimes`)
  .filter((name) => name.endsWith('.runtime.ts'))
  .map((name) => `${root}build/test/runtimes/${name.replace(/\.ts$/, '.js')}`);
const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], {
  env,
  stdio: 'inherit',
});
process.exit(status === 0 ? 0 : 1);
