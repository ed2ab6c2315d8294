/**
 * Namespaces, directories and processes for live tests, by iproute2 and by system calls, as on a
 * real host. Importing this enters the sandbox (sandbox.ts), so nothing here can reach the host; a
 * `TestContext` argument undoes at the test's end.
 */
import './sandbox.ts';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { cPath, encodeName } from '../../src/reference/names.ts';
import { check } from '../../src/sys/errno.ts';
import { linux } from '../../src/sys/system.ts';
import { waitFor } from './wait.ts';

const CLONE_NEWNET = 0x40000000;
const MS_BIND = 0x1000;
const MNT_DETACH = 2;

/** Runs ip(8) and waits for it. @returns what it printed */
export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });
}

/** Runs ip(8) while the event loop goes on. */
export async function ipAsync(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('ip', args);
  return stdout;
}

/**
 * Covers /run with an empty tmpfs until the end of the test: no /var/run/netns, nothing of the
 * tests before.
 */
export function freshRun(t: TestContext): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']);
  // Together with whatever the test mounts below it.
  t.after(() => check(linux().umount(cPath('/run'), MNT_DETACH), 'umount2', '/run'));
}

/** An empty directory of names that nobody else uses. */
export function netnsDirectory(): string {
  const directory = mkdtempSync('/run/netns-');
  chmodSync(directory, 0o755);
  return directory;
}

/**
 * Makes a namespace as `ip netns add` does, in any directory: first the file, then the namespace
 * mounted on it.
 */
export function addNamespace(path: string): void {
  writeFileSync(encodeName(path), '', { flag: 'wx', mode: 0 });
  mountNamespace(path);
}

/** Mounts a new namespace on a file that is there. */
export function mountNamespace(path: string): void {
  const system = linux();
  const own = cPath('/proc/self/ns/net');
  const back = check(system.open(own, 0), 'open', '/proc/self/ns/net');
  try {
    check(system.unshare(CLONE_NEWNET), 'unshare');
    check(system.mount(own, cPath(path), MS_BIND), 'mount', path);
  } finally {
    check(system.setns(back, CLONE_NEWNET), 'setns');
    system.close(back);
  }
}

/** Gives the namespace of a path, `/proc/PID/ns/net` included, one more name. */
export function addAlias(of: string, path: string): void {
  writeFileSync(encodeName(path), '', { flag: 'wx', mode: 0 });
  check(linux().mount(cPath(of), cPath(path), MS_BIND), 'mount', path);
}

/** Takes the topmost mount off a file, which stays. */
export function unmountNamespace(path: string): void {
  check(linux().umount(cPath(path), MNT_DETACH), 'umount2', path);
}

/** Deletes as `ip netns del` does. */
export function deleteNamespace(path: string): void {
  unmountNamespace(path);
  unlinkSync(encodeName(path));
}

export interface Holder {
  pid: number;
  /** Kills it and waits until it is gone. Also at the end of the test. */
  end: () => Promise<void>;
}

/**
 * Starts a process that does nothing, inside the namespace of this path, or in a new one without a
 * name.
 */
export async function spawnHolder(t: Pick<TestContext, 'after'>, path?: string): Promise<Holder> {
  const enter = path === undefined ? ['unshare', '--net'] : ['nsenter', `--net=${path}`];
  const idle = ['sh', '-c', 'echo inside; exec sleep infinity'];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...enter, ...idle], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  t.after(end);
  await Promise.race([once(child.stdout, 'data'), exited]);
  if (child.pid === undefined || child.exitCode !== null)
    throw new Error(`no process could enter ${path ?? 'a namespace'}`);
  await asleep(child.pid);
  return { pid: child.pid, end };
}

/** Waits until a shell that was to become `sleep` has done so. */
export const asleep = (pid: number): Promise<void> =>
  waitFor('sleep(1)', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep\0'));
