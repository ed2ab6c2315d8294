/** A program that does something all the time, until it is ended; it dies with this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Storm {
  end(): Promise<void>;
}

/** Starts a program, and does not wait until it has begun. */
export function startStorm(command: readonly string[], cwd?: string): Storm {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
