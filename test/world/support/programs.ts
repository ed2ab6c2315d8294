/**
 * Runs the programs of a runtime: commands that end, and daemons that are there until the test
 * ends.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, closeSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** Longer than any command here takes on a slow machine. */
const TIMEOUT = 120_000;

/** Runs a command; ends well however that ends. */
export async function attempt(command: string, ...args: string[]): Promise<Result> {
  try {
    const { stdout, stderr } = await execute(command, args, { timeout: TIMEOUT, maxBuffer: 1 << 26 });
    return { stdout, stderr, status: 0 };
  } catch (error) {
    const { stdout = '', stderr = '', code, message } = error as Partial<Result> & Error & { code?: unknown };
    return { stdout, stderr: stderr || message, status: typeof code === 'number' ? code : -1 };
  }
}

/** What the command prints, without the line's end; throws with what it said if it fails. */
export async function output(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr, status } = await attempt(command, ...args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.trim();
}

export interface Daemon {
  readonly pid: number;
  /** What it has said. */
  log(): string;
  /** Ends it by this signal, and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  running(): boolean;
}

let logs = 0;

/** Starts a program that stays; it ends with the sandbox. */
export function daemon(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Daemon {
  const path = `/run/nlink-world/log-${logs++}`;
  const log = openSync(path, 'w');
  const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  return {
    pid: child.pid ?? 0,
    log: () => readFileSync(path, 'utf8'),
    kill: (signal) => end(child, signal),
    running: () => isRunning(child),
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, 'exit');
  child.ref();
  child.kill(signal);
  await exited;
}
