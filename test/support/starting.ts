/** Programs that tests start, and know to be at work by their first line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { Holder } from './netns.ts';
import { within } from './wait.ts';

/** Starts a program that says a line when it does what it is for. It dies with the test. */
export async function start(t: TestContext, command: readonly string[]): Promise<Holder> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  t.after(end);
  await within('the first line', once(child.stdout, 'data'));
  return { pid: child.pid as number, end };
}
