/**
 * Mounts on a name that no path leads to: made before the directory was covered, as the first `ip
 * netns add` does by mounting it on itself (`iplink_netns.c` of iproute2, mount_namespaces(7)).
 * They keep the file from being removed, EBUSY, once what is mounted above them is gone; and
 * whoever uncovers them by `umount -l` of the directory takes every other name off with it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, realpath, stat } from 'node:fs/promises';
import { decodeName, encodeName, joinPath } from '../../reference/names.ts';
import { mountHolding, parseMountinfo, pathInFileSystem } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';

/** The directory of a name of which a mount is covered. */
export interface CoveredName {
  /** Without symbolic links. */
  directory: string;
  name: string;
  /** How many mounts cover the directory. */
  covers: number;
}

/** Null where no mount on the name is covered, or all of them go with the one above. */
export async function coveredMountOn(path: string): Promise<CoveredName | null> {
  const end = path.lastIndexOf('/');
  const name = path.slice(end + 1);
  const directory = decodeName(await realpath(encodeName(path.slice(0, end) || '/'), { encoding: 'buffer' }));
  const text = await readFile('/proc/self/mountinfo');
  const mounts = parseMountinfo(text);
  return coveredIn(mounts, directory, name);
}

/** {@link coveredMountOn} by a table of mounts. */
function coveredIn(mounts: readonly Mount[], directory: string, name: string): CoveredName | null {
  const path = joinPath(directory, name);
  const holder = mountHolding(mounts, directory);
  if (holder === null) return null;
  const place = pathInFileSystem(holder, path);
  const byId = new Map(mounts.map((mount) => [mount.id, mount]));
  for (const mount of mounts) {
    const below = byId.get(mount.parent);
    if (mount.mountPoint !== path || below === undefined || below.id === holder.id) continue;
    // On the same file, of another mount; what stands on a namespace that is mounted there is above
    // it.
    if (below.device !== holder.device || pathInFileSystem(below, path) !== place) continue;
    // Peers lose together what is mounted below one of them.
    if (below.shared !== null && below.shared === holder.shared) continue;
    return { directory, name, covers: coversOf(mounts, holder, below) };
  }
  return null;
}

/** How many mounts lie between the one that the directory is seen through, and another below. */
function coversOf(mounts: readonly Mount[], holder: Mount, below: Mount): number {
  const byId = new Map(mounts.map((mount) => [mount.id, mount]));
  let covers = 0;
  for (let at: Mount | undefined = holder; at !== undefined && at.id !== below.id; at = byId.get(at.parent))
    covers++;
  return covers;
}

/**
 * Runs in a mount namespace of its own, a private copy: takes what covers the directory off there,
 * then what is mounted on the name, and removes the file. That takes every mount of it off in all
 * mount namespaces, and touches no other. `$1` and `$2`: directory and name as printf(1) decodes
 * them; `$3`: how many mounts cover it; `$4`: device and inode of the directory, which must be met.
 */
const SCRIPT = `
set -e
directory=$(printf '%b.' "$1"); directory=\${directory%.}
name=$(printf '%b.' "$2"); name=\${name%.}
covers=$3
while [ "$covers" -gt 0 ]; do umount -l "$directory"; covers=$((covers - 1)); done
cd "$directory"
[ "$(stat -c %d:%i .)" = "$4" ]
while umount -l "./$name" 2>/dev/null; do :; done
rm -f -- "./$name"
`;

/**
 * Removes the name with all mounts on it, and leaves every other one as it was. Takes unshare(1),
 * umount(8), stat(1) and rm(1), and CAP_SYS_ADMIN.
 * @returns null; or why it could not be done: then nothing was
 */
export async function removeCovered({ directory, name, covers }: CoveredName): Promise<string | null> {
  const { dev, ino } = await stat(encodeName(directory), { bigint: true });
  const words = ['-c', SCRIPT, 'nlink', octal(directory), octal(name), String(covers), `${dev}:${ino}`];
  return new Promise((resolve) => {
    const child: ChildProcess = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status) => resolve(status === 0 ? null : said.trim() || `status ${status}`));
  });
}

/** Bytes that no argument can carry, as `printf %b` reads them. */
const octal = (text: string): string =>
  [...encodeName(text)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
