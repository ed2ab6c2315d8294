/**
 * The mounts of a namespace, file by file. Mounts of one file are copies of each other: each mount
 * namespace that is made has its own, as a hardened service of systemd does, and all of them go
 * when the file is deleted. Pure.
 */
import type { LocatedName } from '../../../netns/names/entry.ts';
import type { HoldingMount } from '../../../netns/holders/holders-found.ts';
import type { Explanation } from './explanation.ts';

/** The mounts on one file. */
export interface MountGroup {
  /** The one that is printed: that of a name, or one in this mount namespace, if there is one. */
  mount: HoldingMount;
  /**
   * The names that it is; none: it is not in the directories looked at, or in another mount
   * namespace.
   */
  names: LocatedName[];
  /** How many more there are on the same file. */
  copies: number;
  /** In how many mount namespaces they all are; those that look alike count once. */
  mountNamespaces: number;
}

type Seen = Pick<Explanation, 'names' | 'realPaths' | 'ownMounts'> & {
  holders: Pick<Explanation['holders'], 'mounts'>;
};

/** Names first, then as they were found. */
export function mountGroups({ names, realPaths, ownMounts, holders }: Seen): MountGroup[] {
  const byFile = new Map<string, [HoldingMount, ...HoldingMount[]]>();
  for (const mount of holders.mounts) {
    const { file, id } = mount;
    // A mount whose file is unknown cannot be recognized as a copy.
    const key = file === null ? String(id) : `${file.device} ${file.path}`;
    const others = byFile.get(key);
    if (others === undefined) byFile.set(key, [mount]);
    else others.push(mount);
  }
  const groups = [...byFile.values()].map((mounts): MountGroup => {
    const here = mounts.filter(({ mountNamespace }) => ownMounts !== null && mountNamespace === ownMounts);
    const points = new Set(here.map(({ mountPoint }) => mountPoint));
    const own = names.filter((_, at) => points.has(realPaths[at] ?? ''));
    const named = here.find(({ mountPoint }) => realPaths.includes(mountPoint));
    const mount = named ?? here[0] ?? mounts[0];
    const mountNamespaces = new Set(mounts.map(({ mountNamespace }) => mountNamespace)).size;
    return { mount, names: own, copies: mounts.length - 1, mountNamespaces };
  });
  return [...groups.filter(isName), ...groups.filter((group) => !isName(group))];
}

export const isName = ({ names }: MountGroup): boolean => names.length > 0;
