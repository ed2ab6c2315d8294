/**
 * A dockerd of the sandbox's own, started by hand: vfs, its data on the tmpfs, its sockets and
 * names where they always are.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { waitFor } from '../../support/wait.ts';
import { archive } from './image.ts';
import { attempt, daemon, output } from './programs.ts';
import type { Daemon } from './programs.ts';

export const IMAGE = 'busybox';
export const NAMES = '/run/docker/netns';
const STATE = '/run/nlink-world/docker';
export const SOCKET = 'unix:///run/docker.sock';

/** Debian's; there may be others in /usr/local. */
export const CLIENT = '/usr/bin/docker';
export const docker = (...args: string[]): Promise<string> => output(CLIENT, '-H', SOCKET, ...args);

/**
 * With the iptables of the sandbox's network namespace where there are any. It raises limits of the
 * whole kernel in /proc/sys/kernel/keys, which is read-only for it here.
 */
export async function startDocker(): Promise<Daemon> {
  await mkdir(STATE, { recursive: true });
  // An earlier one that was killed leaves it, and its number may be another process's by now.
  rmSync('/run/docker.pid', { force: true });
  const protect =
    'mount --bind /proc/sys/kernel /proc/sys/kernel && mount -o remount,bind,ro /proc/sys/kernel';
  if ((await attempt('findmnt', '/proc/sys/kernel')).status !== 0) await output('sh', '-c', protect);
  const server = daemon('dockerd', ['--data-root', `${STATE}/data`, '-H', SOCKET, '--storage-driver', 'vfs']);
  await waitFor('dockerd', async () => {
    if (!server.running()) throw new Error(`dockerd ended:\n${server.log()}`);
    return existsSync('/run/docker.sock') && (await attempt(CLIENT, '-H', SOCKET, 'version')).status === 0;
  });
  return server;
}

export async function importImage(): Promise<void> {
  await docker('import', await archive(), IMAGE);
}

/** `docker run` with its arguments; the id of the container. */
export const run = (...args: string[]): Promise<string> =>
  docker('run', '-d', ...args, IMAGE, 'sleep', '3600');

export interface Container {
  readonly id: string;
  readonly pid: string;
  /** The name's file: C6 of what docs/containers.md says of Docker's names. */
  readonly path: string;
}

export async function inspect(container: string): Promise<Container> {
  const format = '{{.Id}} {{.State.Pid}} {{.NetworkSettings.SandboxKey}}';
  const [id = '', pid = '', path = ''] = (await docker('inspect', '-f', format, container)).split(' ');
  return { id, pid, path: path.replace(/^\/var\/run\//u, '/run/') };
}

export async function dockerVersion(): Promise<string> {
  const words = await output('dockerd', '--version');
  const runc = /runc version (\S+)/u.exec(await output('runc', '--version'))?.[1] ?? '?';
  return `${/version ([^,\s]+)/u.exec(words)?.[1] ?? words}, runc ${runc}`;
}
