/**
 * Walks a path: which directories it leads through, with symbolic links resolved one by one as the
 * kernel does (path_resolution(7)), and how far it exists. A watch of the path has to watch all of
 * these, since a change in any of them can make it lead elsewhere.
 */
import { cPath, decodeName, joinPath } from '../../reference/names.ts';
import { errno } from '../../sys/errno.ts';
import { emptyStatus, isDirectory, isSymlink } from '../../sys/stat.ts';
import type { System } from '../../sys/system.ts';

/** A directory on the way, and its entry that the path goes on with. */
export interface Step {
  directory: string;
  entry: string;
  /**
   * `link`: the entry is a symbolic link. `missing`: it is not there. `blocked`: the path cannot go
   * on, see `fault`.
   */
  kind: 'directory' | 'link' | 'missing' | 'blocked';
  /**
   * Where it is blocked, why: `ENOTDIR` (it is no directory), `ELOOP`, `EACCES`, `ENAMETOOLONG`, …;
   * else 0.
   */
  fault: number;
}

/** As many as the kernel follows (MAXSYMLINKS in `include/linux/namei.h`). */
const MAX_LINKS = 40;

/**
 * The steps of an absolute path, as far as it exists: the last one says whether it leads to a
 * directory.
 */
export function walkPath(system: System, path: string): Step[] {
  const status = emptyStatus();
  const steps: Step[] = [];
  const ahead = path.split('/').toReversed();
  let directory = '/';
  let links = 0;
  for (let entry = ahead.pop(); entry !== undefined; entry = ahead.pop()) {
    if (entry === '' || entry === '.') continue;
    if (entry === '..') {
      directory = directory.slice(0, Math.max(1, directory.lastIndexOf('/')));
      continue;
    }
    const here = joinPath(directory, entry);
    const result = system.stat(cPath(here), false, status);
    if (result === 0 && isSymlink(status)) {
      const target = system.readLink(cPath(here));
      if (typeof target === 'number') {
        steps.push({ directory, entry, kind: 'link', fault: 0 });
        return steps;
      }
      if (++links > MAX_LINKS) {
        steps.push({ directory, entry, kind: 'blocked', fault: errno.ELOOP });
        return steps;
      }
      const text = decodeName(target);
      // An ordinary link is as long as its text.
      if (status.size !== BigInt(target.length) && isMagic(system, here, text)) {
        steps.push({ directory, entry, kind: 'directory', fault: 0 });
        directory = here;
        continue;
      }
      steps.push({ directory, entry, kind: 'link', fault: 0 });
      if (text.startsWith('/')) directory = '/';
      ahead.push(...text.split('/').toReversed());
    } else if (result === 0 && isDirectory(status)) {
      steps.push({ directory, entry, kind: 'directory', fault: 0 });
      directory = here;
    } else {
      const fault = result === 0 ? errno.ENOTDIR : -result;
      if (fault === errno.ENOENT) steps.push({ directory, entry, kind: 'missing', fault: 0 });
      else steps.push({ directory, entry, kind: 'blocked', fault });
      return steps;
    }
  }
  return steps;
}

/**
 * Whether a link leads elsewhere than its text says, as `/proc/PID/root` does, into another mount
 * namespace (proc_pid_root(5)).
 */
function isMagic(system: System, link: string, text: string): boolean {
  if (!text.startsWith('/')) return false;
  const [real, said] = [emptyStatus(), emptyStatus()];
  if (system.stat(cPath(link), true, real) !== 0) return false;
  if (system.stat(cPath(text), true, said) !== 0) return true;
  return real.dev !== said.dev || real.ino !== said.ino || real.mountId !== said.mountId;
}
