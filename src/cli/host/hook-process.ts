/**
 * Runs a command by the shell (sh(1)), in a session and process group of its own (setsid(2)), so
 * that a signal of the terminal is not for it, and one for the group reaches all that it starts.
 * Those still there when nlink exits are ended by SIGTERM.
 */
import { hasRawBytes } from '../../format/escape.ts';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { encodeName } from '../../reference/names.ts';

export interface HookStart {
  command: string;
  env: Readonly<Record<string, string>>;
  /** What it reads from stdin. */
  input: string;
  /** Where its stdout goes; its stderr is nlink's. */
  stdout: 'stdout' | 'stderr';
}

export interface HookEnd {
  status: number | null;
  signal: NodeJS.Signals | null;
}

export interface HookProcess {
  /** When the shell has ended. Rejects where it could not be started. */
  ended: Promise<HookEnd>;
  /** Sends a signal to the group; 0: none. @returns whether anybody was there */
  kill: (signal: NodeJS.Signals | 0) => boolean;
}

const SHELL = '/bin/sh';
const running = new Set<ChildProcess>();

export function startHook({ command, env, input, stdout }: HookStart): HookProcess {
  let child: ChildProcess;
  try {
    const output = descriptorOf(stdout === 'stdout' ? 1 : 2);
    child = spawn(SHELL, wordsOf(command, env), {
      env,
      detached: true,
      stdio: ['pipe', output, descriptorOf(2)],
    });
  } catch (error) {
    return { ended: Promise.reject(error), kill: () => false };
  }
  if (running.size === 0) process.once('exit', endAll);
  running.add(child);
  const ended = new Promise<HookEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve({ status, signal }));
  }).finally(() => {
    running.delete(child);
    if (running.size === 0) process.off('exit', endAll);
  });
  // Whoever does not read it may close it.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return { ended, kill: (signal) => killGroup(child, signal) };
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM: somebody is there, of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function endAll(): void {
  for (const child of running) killGroup(child, 'SIGTERM');
}

/**
 * The words for the shell. Node writes the environment as UTF-8, in which a byte that is not has no
 * place: then a shell before the shell sets such variables, byte by byte, with a full stop behind
 * since `$()` takes newlines away.
 */
function wordsOf(command: string, env: Readonly<Record<string, string>>): string[] {
  const raw = Object.entries(env).filter(
    ([variable, value]) => hasRawBytes(value) && variable.startsWith('NLINK_'),
  );
  if (raw.length === 0) return ['-c', command];
  const lines = raw.map(([variable, value]) => {
    const bytes = Array.from(encodeName(value), (byte) => `\\${byte.toString(8).padStart(3, '0')}`);
    return `${variable}=$(printf '${bytes.join('')}.'); ${variable}=\${${variable}%.}; export ${variable}`;
  });
  return ['-c', `${lines.join('\n')}\nexec ${SHELL} -c "$1"`, 'sh', command];
}

const descriptors = new Map<number, number>();
/** Never waits for a reader (fifo(7)); what the child gets of it is made to wait again by Node. */
const REOPENED = constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK;

/**
 * Node makes a pipe or terminal of its own non-blocking, for everybody who has it, and most
 * programs lose what they write there when it is full: so a hook gets one that was opened anew
 * (proc_pid_fd(5)), where that is allowed.
 */
function descriptorOf(fd: 1 | 2): number {
  const known = descriptors.get(fd);
  if (known !== undefined) return known;
  let opened: number = fd;
  try {
    if (fstatSync(fd).isFIFO() || isatty(fd)) opened = openSync(`/proc/self/fd/${fd}`, REOPENED);
  } catch {
    // Closed, another user's, or a FIFO that nobody reads any more: as it is.
  }
  descriptors.set(fd, opened);
  return opened;
}
