/** The real program as a process. */
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../../../../test/cli/support/program.ts';
import type { Program } from '../../../../../test/cli/support/program.ts';

export const main: string = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** Runs it to its end. @returns what it wrote, and its status */
export function outcome(...words: string[]): [stdout: string, stderr: string, status: number | null] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
  return [stdout, stderr, status];
}

/** Starts it. It is dead at the end of the test. */
export const start = (t: TestContext, ...words: string[]): Program => startProgram(t, main, ...words);
