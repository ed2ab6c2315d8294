/**
 * Importing this file puts the test file into a PID namespace of its own as well, inside of the
 * sandbox: its /proc shows nothing but what the tests start (pid_namespaces(7)), so that whoever
 * looks at all processes looks at few. As process 1: at its end all others are ended. Where none can
 * be made, the tests go on without.
 */
import './sandbox.ts';
import { spawnSync } from 'node:child_process';

const WAY = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

const can = (): boolean => spawnSync('setpriv', [...WAY, 'true']).status === 0;

if (process.pid !== 1 && can()) {
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync('setpriv', [...WAY, ...self], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.exit(status ?? 1);
}
