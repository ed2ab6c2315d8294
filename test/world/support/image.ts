/**
 * A root file system for containers, from Debian's statically linked busybox: no registry is asked.
 */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { output } from './programs.ts';
import { MAIN } from './nlink.ts';

const ROOT = '/run/nlink-world/image';
const APPLETS = ['sh', 'sleep', 'true', 'ls', 'cat', 'ip', 'mount'];

/**
 * Its directory, made once. `/lib` and `/lib64` lead to `/usr`, so that the host's `/usr` brings
 * its libraries along.
 */
export function rootFileSystem(directory: string = ROOT): string {
  for (const name of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp', 'run', 'var'])
    mkdirSync(join(directory, name), { recursive: true });
  symlinkSync('../run', join(directory, 'var/run'));
  cpSync('/bin/busybox', join(directory, 'bin/busybox'), { dereference: true });
  for (const applet of APPLETS) symlinkSync('busybox', join(directory, 'bin', applet));
  symlinkSync('usr/lib', join(directory, 'lib'));
  symlinkSync('usr/lib64', join(directory, 'lib64'));
  return directory;
}

/** The same as an archive for `docker import` and `podman import`. */
export async function archive(): Promise<string> {
  const path = `${ROOT}.tar`;
  await output('tar', '-C', rootFileSystem(), '-cf', path, '.');
  return path;
}

/** Bind mounts with which nlink runs in a container of this image, and how it is called there. */
export const NODE_MOUNTS: readonly string[] = [
  '/usr:/usr:ro',
  `${dirname(process.execPath)}:/node:ro`,
  `${packageRoot()}:/nlink:ro`,
];
export const NODE_COMMAND: readonly string[] = [
  '/node/node',
  `/nlink/${MAIN.slice(packageRoot().length + 1)}`,
];

/** The directory with dist/ and node_modules/. */
function packageRoot(): string {
  return dirname(dirname(dirname(MAIN)));
}
