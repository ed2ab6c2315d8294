/**
 * A mount namespace that a file keeps, after all that ran in it has ended (unshare(1),
 * `--mount=FILE`).
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/**
 * Runs a script in one. On Linux 6.18 that is possible on some processors only
 * (findings/persistent-mount-namespace-fails-by-processor.sh).
 */
export function keepMountNamespace(file: string, script: string): void {
  const isKept = (processor: number): boolean => {
    const words = ['-c', String(processor), 'unshare', `--mount=${file}`, 'sh', '-ec', script];
    return spawnSync('taskset', words, { stdio: 'ignore' }).status === 0;
  };
  assert.ok(
    cpus().some((_, processor) => isKept(processor)),
    'no processor keeps a mount namespace',
  );
}
