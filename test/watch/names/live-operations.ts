/**
 * The operations of operations.ts on a real directory in the sandbox, by system calls of this
 * process: quick enough for thousands. What fails, fails silently, as it would for another process.
 */
import '../../support/sandbox.ts';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { parseMountinfo } from '../../../src/netns/mounts/mountinfo.ts';
import { cPath, encodeName, joinPath } from '../../../src/reference/names.ts';
import { check, errno } from '../../../src/sys/errno.ts';
import { bind } from '../../../src/sys/library.ts';
import { linux } from '../../../src/sys/system.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import type { Operation } from '../../support/operations.ts';

const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_MOVE = 0x2000;
const MNT_DETACH = 2;
/** More than are ever mounted one on top of the other. */
const MOST_PASSES = 100;

/** Numbered alike on all architectures; the constants are those of `linux/mount.h`. */
const SYS_OPEN_TREE = 428;
const SYS_MOVE_MOUNT = 429;
const AT_FDCWD = -100;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MOVE_MOUNT_T_SYMLINKS = 0x10;

export class LiveHost {
  /**
   * The directory of names. Beside it: `spare` with a name `a`, `linked` with a namespace `b`, as
   * simulated hosts have them.
   */
  readonly directory: string;
  readonly #parent: string;
  readonly #tmpfs: boolean;
  readonly #held: number[] = [];
  /** Mounts that were made and are not attached. */
  readonly #made: number[] = [];
  /**
   * Namespaces that stay, since making and destroying them takes the kernel longer than all the
   * rest.
   */
  readonly #pool: string[];
  #used = 0;
  readonly #syscall = bind(
    'long syscall(long number, long from, const void *path, long to, const void *target, long flags)',
  );

  /**
   * @param tmpfs whether directories are covered by a tmpfs, which takes a program, or by another
   *   directory
   * @param namespaces how many there are to be mounted, in turn
   */
  constructor(parent: string, tmpfs: boolean, namespaces: number) {
    this.#parent = parent;
    this.directory = `${parent}/netns`;
    this.#tmpfs = tmpfs;
    const pool = netnsDirectory();
    this.#pool = Array.from({ length: namespaces }, (_, index) => `${pool}/${index}`);
    for (const path of this.#pool) addNamespace(path);
  }

  /** An empty host again, but for what is beside the directory. */
  reset(): void {
    this.release();
    this.discard();
    // A path leads to the topmost mount, so that what one hides shows in the next pass.
    for (let passes = 0, mounts = this.#mountsInside(); mounts.length > 0; mounts = this.#mountsInside()) {
      for (const mountPoint of mounts.toReversed()) linux().umount(cPath(mountPoint), MNT_DETACH);
      if (++passes > MOST_PASSES) throw new Error(`still mounted: ${mounts.join(', ')}`);
    }
    fs.rmSync(this.#parent, { recursive: true, force: true });
    for (const path of ['', '/spare', '/linked', '/cover']) fs.mkdirSync(this.#parent + path);
    fs.writeFileSync(`${this.#parent}/spare/a`, '');
    fs.writeFileSync(`${this.#parent}/linked/b`, '');
    this.#mount(`${this.#parent}/linked/b`);
  }

  /** Where something is mounted in the parent, or on it, in the order of /proc. */
  #mountsInside(): string[] {
    return parseMountinfo(fs.readFileSync('/proc/self/mountinfo'))
      .map(({ mountPoint }) => mountPoint)
      .filter((path) => path === this.#parent || path.startsWith(`${this.#parent}/`));
  }

  /** Sees to it that the directory is there, whatever has become of it. */
  restore(): void {
    while (this.perform({ do: 'uncover' }) || this.perform({ do: 'uncoverParent' }));
    this.perform({ do: 'unlinkDirectory' });
    this.perform({ do: 'makeDirectory' });
  }

  /** Makes a name, and mounts a namespace on it. */
  add(name: string): void {
    create(joinPath(this.directory, name), '');
    check(this.#mount(joinPath(this.directory, name)), 'mount');
  }

  /** Takes it away again. */
  remove(name: string): void {
    check(linux().umount(cPath(this.directory, name), MNT_DETACH), 'umount2');
    check(linux().unlink(cPath(this.directory, name)), 'unlink');
  }

  /** @returns whether it was possible */
  perform(operation: Operation): boolean {
    try {
      return this.#perform(operation) >= 0;
    } catch {
      return false;
    }
  }

  /** Makes the directory some process's working directory, so to speak. */
  hold(): void {
    if (fs.existsSync(this.directory)) this.#held.push(fs.openSync(this.directory, fs.constants.O_DIRECTORY));
  }

  release(): void {
    for (const fd of this.#held.splice(0)) fs.closeSync(fd);
  }

  /** Mounts that were made and not attached go. */
  discard(): void {
    for (const fd of this.#made.splice(0)) fs.closeSync(fd);
  }

  #perform(operation: Operation): number {
    const { directory } = this;
    const path = 'name' in operation ? joinPath(directory, operation.name) : directory;
    switch (operation.do) {
      case 'create':
        return create(path, '');
      case 'write':
        return create(path, 'x');
      case 'mount':
        return this.#mount(path);
      case 'mountOther':
        return linux().mount(cPath('/proc/self/ns/uts'), cPath(path), MS_BIND);
      case 'alias':
        return linux().mount(cPath(directory, operation.of), cPath(path), MS_BIND);
      case 'makeMount':
        return this.#make();
      case 'attachMount':
        return this.#attach(path);
      case 'moveMount':
        return linux().mount(cPath(path), cPath(directory, operation.to), MS_MOVE);
      case 'moveMountAway':
        return linux().mount(cPath(directory), cPath(`${this.#parent}/spare`), MS_MOVE);
      case 'moveMountBack':
        return linux().mount(cPath(`${this.#parent}/spare`), cPath(directory), MS_MOVE);
      case 'unmount':
      case 'uncover':
        return linux().umount(cPath(path), MNT_DETACH);
      case 'uncoverParent':
        return linux().umount(cPath(this.#parent), MNT_DETACH);
      case 'unlink':
      case 'unlinkDirectory':
        return linux().unlink(cPath(path));
      case 'link':
        return (fs.symlinkSync(encodeName(operation.to), encodeName(path)), 0);
      case 'linkDirectory':
        return (fs.symlinkSync('linked', directory), 0);
      case 'loopDirectory':
        return (fs.symlinkSync(directory, directory), 0);
      case 'rename':
        return rename(path, joinPath(directory, operation.to));
      case 'moveAway':
        return rename(directory, `${this.#parent}/away`);
      case 'moveBack':
        return rename(`${this.#parent}/away`, directory);
      case 'moveIn':
        return rename(`${this.#parent}/spare`, directory);
      case 'makeDirectory':
      case 'makeSubdirectory':
        return linux().mkdir(cPath(path), 0o755);
      case 'removeDirectory':
      case 'removeSubdirectory':
        return (fs.rmdirSync(encodeName(path)), 0);
      case 'cover':
        return this.#cover(directory);
      case 'coverParent':
        return this.#cover(this.#parent);
      default:
        return linux().mount(cPath(directory), cPath(directory), MS_BIND | MS_REC);
    }
  }

  #mount(path: string): number {
    return linux().mount(cPath(this.#nextNamespace()), cPath(path), MS_BIND);
  }

  #nextNamespace(): string {
    return this.#pool[this.#used++ % this.#pool.length] ?? '';
  }

  /** open_tree(2), Linux 5.2: a descriptor of a mount that stands nowhere. */
  #make(): number {
    const [path, flags] = [cPath(this.#nextNamespace()), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC];
    const fd = this.#syscall(SYS_OPEN_TREE, AT_FDCWD, path, flags, null, 0);
    if (fd >= 0) this.#made.push(fd);
    return fd;
  }

  /** move_mount(2): the oldest of those comes to stand on a path. */
  #attach(path: string): number {
    const fd = this.#made[0];
    if (fd === undefined) return -errno.EBADF;
    const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS;
    const result = this.#syscall(SYS_MOVE_MOUNT, fd, cPath(''), AT_FDCWD, cPath(path), flags);
    if (result >= 0) fs.closeSync(this.#made.shift() as number);
    return result;
  }

  #cover(path: string): number {
    if (!this.#tmpfs) return linux().mount(cPath(`${this.#parent}/cover`), cPath(path), MS_BIND);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path], { stdio: 'ignore' });
    return 0;
  }
}

function create(path: string, content: string): number {
  fs.writeFileSync(encodeName(path), content, { flag: 'wx', mode: 0 });
  return 0;
}

function rename(from: string, to: string): number {
  fs.renameSync(encodeName(from), encodeName(to));
  return 0;
}
