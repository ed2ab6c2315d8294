/**
 * Which directories a path leads through, symbolic links resolved one by one as the kernel does (path_resolution(7)), and
 * how far it exists. Whoever watches a path has to watch these: a change in any of them can make it lead elsewhere.
 */
import { cPath, decodeName, joinPath } from '../netns/names.ts';
import { errno } from '../sys/errno.ts';
import { emptyStatus, isDirectory, isSymlink } from '../sys/stat.ts';
import type { System } from '../sys/system.ts';

/** A directory on the way and the entry of it that the path goes on with. */
export interface Step {
  directory: string;
  entry: string;
  /**
   * `link`: the entry is a symbolic link. `missing`: it is not there, or one link too many, as where links lead round.
   * `blocked`: it is there, but is no directory.
   */
  kind: 'directory' | 'link' | 'missing' | 'blocked';
}

/** As many as the kernel follows (MAXSYMLINKS in `include/linux/namei.h`). */
const MAX_LINKS = 40;

/** The steps of an absolute path, as far as it exists: the last one tells whether it leads to a directory. */
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
      const endless = ++links > MAX_LINKS;
      steps.push({ directory, entry, kind: endless ? 'missing' : 'link' });
      if (endless || typeof target === 'number') return steps;
      const text = decodeName(target);
      if (text.startsWith('/')) directory = '/';
      ahead.push(...text.split('/').toReversed());
    } else if (result === 0 && isDirectory(status)) {
      steps.push({ directory, entry, kind: 'directory' });
      directory = here;
    } else {
      const kind = result === 0 || result === -errno.ENOTDIR ? 'blocked' : 'missing';
      steps.push({ directory, entry, kind });
      return steps;
    }
  }
  return steps;
}
