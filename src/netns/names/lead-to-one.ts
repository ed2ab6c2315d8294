/**
 * Whether two paths lead to one network namespace at this moment: one is held open while the other
 * is looked at, so that an inode number is enough. What identities cannot show before Linux 6.18 of
 * a namespace that nothing but processes hold (identity.ts).
 */
import { cPath } from '../../reference/names.ts';
import { emptyStatus } from '../../sys/stat.ts';
import type { System } from '../../sys/system.ts';

/** False as well where one of them may not be opened. */
export function leadToOne(system: System, path: string, other: string): boolean {
  const held = system.open(cPath(path), 0);
  if (held < 0) return false;
  const [one, two] = [emptyStatus(), emptyStatus()];
  const results = [
    system.stat(cPath(`/proc/self/fd/${held}`), true, one),
    system.stat(cPath(other), true, two),
  ];
  system.close(held);
  return results.every((result) => result === 0) && one.dev === two.dev && one.ino === two.ino;
}
