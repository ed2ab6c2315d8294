/**
 * Deno and Bun as processes, from the packages in tools/runtimes/ (scripts/runtimes.js), which say
 * where by their variables.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { programOf } from '../cli/support/program.ts';
import type { Program } from '../cli/support/program.ts';

/** The words that run a script with everything allowed. */
const RUN = { deno: ['run', '--allow-all', '--no-lock'], bun: [] } as const;
type Runtime = keyof typeof RUN;

const caches = mkdtempSync(`${tmpdir()}/nlink-runtimes-`);
process.once('exit', () => rmSync(caches, { recursive: true, force: true }));
const env = {
  ...process.env,
  DENO_DIR: caches,
  DENO_NO_UPDATE_CHECK: '1',
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0',
  NO_COLOR: '1',
};

function wordsOf(runtime: Runtime, words: readonly string[]): [binary: string, words: string[]] {
  const variable = `NLINK_${runtime.toUpperCase()}`;
  const binary = process.env[variable];
  if (binary === undefined) throw new Error(`${variable} is not set: npm run test:runtimes`);
  return [binary, [...RUN[runtime], ...words]];
}

/** A program next to the tests here. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}.js`, import.meta.url));

/** Starts a script. It is dead at the end of the test. */
export const start = (t: TestContext, runtime: Runtime, ...words: string[]): Program =>
  programOf(t, spawn(...wordsOf(runtime, words), { env, stdio: ['ignore', 'pipe', 'pipe'] }));

/** Runs a script to its end. */
export function run(
  runtime: Runtime,
  ...words: string[]
): { status: number | null; signal: string | null; stdout: string; stderr: string } {
  return spawnSync(...wordsOf(runtime, words), { env, encoding: 'utf8', timeout: 60_000 });
}
