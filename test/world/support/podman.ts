/**
 * Podman with all that it keeps on the sandbox's tmpfs: of root, and of an ordinary user with a
 * range of subordinate ids.
 */
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { archive } from './image.ts';
import { attempt, output } from './programs.ts';
import type { Result } from './programs.ts';

const IMAGE = 'localhost/busybox';
export const USER = 1500;
const HOME = '/home/nlink-world';
export const RUNTIME_DIRECTORY: string = `/run/user/${USER}`;

/**
 * crun is Debian's default; it raises a limit that root of some virtual machines may not
 * (CAP_SYS_RESOURCE).
 */
let ociRuntime = 'crun';

const options = (root: string, runRoot: string): string[] => [
  ...['--root', root, '--runroot', runRoot, '--storage-driver', 'vfs', '--log-level', 'error'],
  ...['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--runtime', ociRuntime],
];

export interface Podman {
  (...args: string[]): Promise<string>;
  attempt(...args: string[]): Promise<Result>;
  /** `podman run -d` with these options and a command that sleeps. */
  start(...args: string[]): Promise<string>;
}

function podman(words: () => string[]): Podman {
  const [call, tryIt] = [output, attempt].map((how) => (...args: string[]) => {
    const [command = '', ...rest] = words();
    return how(command, ...rest, ...args);
  }) as [Podman, Podman['attempt']];
  return Object.assign(call, {
    attempt: tryIt,
    // Where no controller is handed down there is no limit of processes; where there is, none is
    // needed.
    start: (...args: string[]) => call('run', '-d', '--pids-limit', '0', ...args, IMAGE, 'sleep', '3600'),
  });
}

export const rootful: Podman = podman(() => [
  'podman',
  ...options('/run/nlink-world/podman', '/run/containers/storage'),
]);

/**
 * Its own login in everything but systemd; `ulimit host`: raising a limit takes more than a user
 * may.
 */
export const rootless: Podman = podman(() => [
  ...['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'],
  ...['env', '-C', HOME, `HOME=${HOME}`, `XDG_RUNTIME_DIR=${RUNTIME_DIRECTORY}`, 'USER=nlink-world'],
  'podman',
  ...options(`${RUNTIME_DIRECTORY}/storage`, `${RUNTIME_DIRECTORY}/containers`),
]);

/**
 * A user of the sandbox's /etc alone; where the runtime directory comes later, so do users that log
 * in.
 */
export async function addUser(): Promise<void> {
  appendFileSync('/etc/passwd', `nlink-world:x:${USER}:${USER}::${HOME}:/bin/sh\n`);
  appendFileSync('/etc/group', `nlink-world:x:${USER}:\n`);
  for (const file of ['/etc/subuid', '/etc/subgid']) writeFileSync(file, `nlink-world:200000:65536\n`);
  mkdirSync(HOME);
  chownSync(HOME, USER, USER);
}

export function logIn(): void {
  mkdirSync(RUNTIME_DIRECTORY);
  chownSync(RUNTIME_DIRECTORY, USER, USER);
  chmodSync(RUNTIME_DIRECTORY, 0o700);
}

/**
 * Imports the image and starts a container for a trial, by crun and else by runc; the name of what
 * works.
 */
export async function prepare(call: Podman, ...args: string[]): Promise<string> {
  const image = '/run/nlink-world-image.tar';
  cpSync(await archive(), image);
  chmodSync(image, 0o644);
  let reason = '';
  for (ociRuntime of ['crun', 'runc']) {
    await call('import', image, IMAGE);
    const trial = await call.attempt('run', '--rm', '--pids-limit', '0', ...args, IMAGE, 'true');
    if (trial.status === 0) return ociRuntime;
    reason = `${ociRuntime}: ${trial.stderr}`;
  }
  throw new Error(reason);
}

export interface Container {
  readonly id: string;
  readonly pid: string;
  /** Its name's path; empty where it has none. */
  readonly path: string;
}

export async function inspect(call: Podman, name: string): Promise<Container> {
  const format = '{{.Id}} {{.State.Pid}} {{.NetworkSettings.SandboxKey}}';
  const [id = '', pid = '', path = ''] = (await call('inspect', '-f', format, name)).split(' ');
  return { id, pid, path };
}

export async function podmanVersion(): Promise<string> {
  return (await output('podman', '--version')).replace(/^.*version /u, '');
}
