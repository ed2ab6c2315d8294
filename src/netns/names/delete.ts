/**
 * Takes the name off a network namespace with the system calls of `ip netns del` (ip-netns(8)):
 * unmounts it, then removes the file. Touches nothing that is not a name of a network namespace or
 * what is left of one. Removing the file takes off what is mounted on it in *all* mount namespaces,
 * so it asks before whether somebody has a namespace there:
 *
 * | the name here | elsewhere | done |
 * | --- | --- | --- |
 * | a namespace is mounted | another one is mounted on the same file | refused, unless forced |
 * | a namespace is mounted | - | unmounted, removed |
 * | the same, and another mount on it is covered | - | removed where nothing is mounted on it |
 * | a file | a namespace is mounted, or may be | refused, unless forced |
 * | a file | nothing is mounted | removed |
 * | a symbolic link | - | removed; what it leads to stays |
 */
import { setTimeout } from 'node:timers/promises';
import { invalidArgument, requireOptions, NlinkError } from '../../errors.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { joinPath } from '../../reference/names.ts';
import { shellWord } from '../../sys/shell-word.ts';
import { check, errno, systemError } from '../../sys/errno.ts';
import type { SystemError } from '../../sys/errno.ts';
import { MNT_DETACH, UMOUNT_NOFOLLOW } from '../../sys/flags.ts';
import { linux } from '../../sys/system.ts';
import type { CPath, System } from '../../sys/system.ts';
import { coveredMountOn, removeCovered } from '../mounts/covered-mounts.ts';
import type { CoveredName } from '../mounts/covered-mounts.ts';
import { holdDirectory } from './held-directory.ts';
import { diagnosisAt, refuseInUse, refuseOthers } from '../diagnosis/delete-check.ts';
import type { DeleteDiagnosis } from '../diagnosis/delete-check.ts';
import { leadsNowhere, Observer } from '../identity/observe.ts';
import type { Observation } from '../identity/observe.ts';
import { procOption } from '../processes/procfs.ts';
import type { ProcOptions } from '../processes/procfs.ts';
import { namespaceFile } from './target.ts';
import type { NamespaceFile, NamespaceTarget } from './target.ts';

/**
 * How often a file is tried that somebody mounts something on again and again, and the pause
 * between, in milliseconds.
 */
const ATTEMPTS = 10;
const PAUSE_MS = 10;

/**
 * Options of {@link deleteNamespace}. `directory` is where a name is looked up, `proc` where
 * processes are.
 */
export interface DeleteOptions extends DirectoryOptions, ProcOptions {
  /**
   * Whether to remove a name on which somebody may have a namespace mounted elsewhere, which ends
   * that. Default false.
   */
  force?: boolean | undefined;
}

/**
 * Deletes a name, as `ip netns del` does. The namespace itself ends when nothing uses it any more:
 * processes, sockets, descriptors and other names keep it. A stale file, on which no namespace is
 * mounted any more, is removed as well. Of a symbolic link only the link is removed.
 *
 * A file on which nothing is mounted *here* may be the name of a live namespace in another mount
 * namespace, which would lose it: then the deletion is refused. It is also refused where that
 * cannot be known (processes are hidden, or outside of this PID namespace). Between the check and
 * the removal somebody can still mount a namespace on the file, as with `ip netns del`.
 *
 * Needs CAP_SYS_ADMIN for what is mounted; for the rest, write permission on the directory.
 * @throws NlinkError `ERR_NLINK_MAY_BE_IN_USE` (with `verdict`; see {@link DeleteOptions.force}),
 *   `ERR_NLINK_NOT_A_NAMESPACE` (a file with content, a namespace of another kind, a link to
 *   either: left alone), `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`,
 *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`, `ERR_NLINK_UNSUPPORTED_KERNEL`
 * @throws SystemError `ENOENT` (no such name, or somebody else deleted it first), `EISDIR` (a
 *   directory: left alone), `EPERM`, `EACCES`, `EBUSY` (it is mounted on once more below a mount
 *   that covers the directory, and that could not be removed gently; nothing was taken off)
 */
export async function deleteNamespace(target: NamespaceTarget, options: DeleteOptions = {}): Promise<void> {
  requireOptions(options);
  const { force = false } = options;
  const file = namespaceFile(target, options);
  const proc = procOption(options.proc);
  if (typeof force !== 'boolean') throw invalidArgument('force', 'true or false', force);
  await remove(linux(), file, force ? null : diagnosisAt(proc));
}

/**
 * {@link deleteNamespace} with other system calls. @param diagnosis null: it is not asked whether
 * the name is in use elsewhere
 */
export async function remove(
  system: System,
  { path }: NamespaceFile,
  diagnosis: DeleteDiagnosis | null,
): Promise<void> {
  const observer = new Observer(system);
  const held = holdDirectory(system, path);
  if (typeof held === 'number') {
    if (leadsNowhere(held)) throw unlinkError(errno.ENOENT, path);
    throw systemError(-held, 'open', path);
  }
  const { file, release } = held;
  try {
    // Before anything is taken off.
    let found = requireName(observer, file, path);
    if (found === 'marker' && diagnosis !== null) {
      await refuseInUse(path, diagnosis);
      found = requireName(observer, file, path);
    }
    if (found === 'mounted') {
      if (diagnosis !== null) await refuseOthers(observer, file, path, diagnosis);
      if (await removedGently(path)) return;
    }
    for (let attempt = 1; ; attempt++) {
      if (found !== 'link') unmountAll(system, file, path, found === 'mounted');
      const result = system.unlink(file);
      if (result >= 0) return;
      // Mounted on again meanwhile, by somebody who had made the file just now.
      if (result !== -errno.EBUSY || attempt === ATTEMPTS) throw unlinkError(-result, path);
      await setTimeout(PAUSE_MS);
      found = requireName(observer, file, path);
    }
  } finally {
    release();
  }
}

/**
 * A name of which a mount is covered cannot be removed from here; taking the upper one off would be
 * half of it.
 * @returns false where no mount is covered, or /proc does not say
 */
async function removedGently(path: string): Promise<boolean> {
  const covered = await coveredMountOn(path).catch(() => null);
  if (covered === null) return false;
  const failed = await removeCovered(covered);
  if (failed !== null) throw coveredError(path, covered, failed);
  return true;
}

/**
 * Makes sure that the path is a name of a network namespace, or was one, and says what it is now.
 */
function requireName(observer: Observer, file: CPath, path: string): 'mounted' | 'marker' | 'link' {
  const found = look(observer, file, path);
  if (found.kind === 'missing') throw unlinkError(errno.ENOENT, path);
  if (found.kind === 'directory') throw unlinkError(errno.EISDIR, path);
  if (found.kind === 'namespace') return found.symlink ? 'link' : 'mounted';
  if (found.fresh) return 'marker';
  // A link whose target ended, or is hidden, was a name of a process's namespace.
  if (found.reason === 'dangling-symlink' || found.reason === 'no-permission') return 'link';
  const plain = found.symlink
    ? 'a file on which no namespace is mounted'
    : 'a file with content, or no regular file';
  const what = found.reason === 'wrong-type' ? 'a namespace of another kind' : plain;
  throw new NlinkError(
    'ERR_NLINK_NOT_A_NAMESPACE',
    `'${path}' is left alone: it ${found.symlink ? 'leads to' : 'is'} ${what}, not a network namespace`,
  );
}

/** An error names the path that the user gave. */
function look(observer: Observer, file: CPath, path: string): Observation {
  try {
    return observer.observe(file, true);
  } catch (error) {
    const { errno: number, syscall } = error as SystemError;
    throw systemError(-number, syscall, path);
  }
}

/**
 * One name can carry several mounts: `mount --bind` adds one, and each of ip(8) where the directory
 * was mounted twice.
 */
function unmountAll(system: System, file: CPath, path: string, mounted: boolean): void {
  for (;;) {
    const result = system.umount(file, MNT_DETACH | UMOUNT_NOFOLLOW);
    // EINVAL: nothing is mounted there (any more).
    if (result === -errno.EINVAL) return;
    // Without privilege the kernel does not say that nothing is mounted there. If something is,
    // removing the file will.
    if (result === -errno.EPERM && !mounted) return;
    check(result, 'umount2', path);
  }
}

function unlinkError(number: number, path: string): Error {
  const remedies: Record<number, string> = {
    [errno.ENOENT]: 'no network namespace has this name',
    [errno.EBUSY]: 'somebody mounts on it again and again',
    [errno.EISDIR]: 'this is a directory, not the name of a network namespace',
  };
  return systemError(number, 'unlink', path, remedies[number]);
}

function coveredError(path: string, { directory, name, covers }: CoveredName, failed: string): Error {
  const uncover = `umount -l ${shellWord(directory)}; `.repeat(covers);
  const file = shellWord(joinPath(directory, name));
  return systemError(
    errno.EBUSY,
    'unlink',
    path,
    'a mount on it is covered, made before its directory was mounted on itself, as the first `ip netns add` does; ' +
      `nothing was taken off; it could not be removed from a mount namespace of its own (${failed}); as root: ` +
      `unshare -m --propagation private sh -c ${shellWord(`${uncover}umount ${file}; rm ${file}`)}`,
  );
}
