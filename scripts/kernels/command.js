/**
 * A program that is waited for: what it wrote to stdout, or an error with what it wrote to stderr.
 */
import { spawnSync } from 'node:child_process';

export function command(program, args, options = {}) {
  const run = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  if (run.error !== undefined) throw run.error;
  if (run.status === 0) return run.stdout;
  throw new Error(
    `${program} ${args.join(' ')} ended with ${run.status ?? run.signal}: ${run.stderr?.trim()}`,
  );
}
