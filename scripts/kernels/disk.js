/**
 * The disk that the kernels boot from: Debian by debootstrap(8) with systemd, this Node.js, nlink
 * with its tests, and the modules of all kernels. It is an ext4 file system without partitions,
 * which mke2fs(8) fills without mounting anything.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { command } from './command.js';

const RELEASE = 'bookworm';
const PACKAGES = 'dbus,iproute2,kmod,libstdc++6,mount,procps,systemd,systemd-sysv,util-linux';
/** What the tests read; the sources too, to which stack traces are mapped. */
const TREE = [
  'build',
  'dist',
  'docs',
  'examples',
  'man',
  'scripts',
  'src',
  'test',
  'package.json',
  'README.md',
];
const MODULES = ['@koromix', 'fast-check', 'koffi', 'pure-rand', 'yaml'];
const SIZE = '1536M';

/** Debian without anything of nlink, once for a work directory. */
function bootstrap(work, mirror) {
  const base = join(work, 'debian');
  if (existsSync(base)) return base;
  const partial = `${base}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // It mounts /proc in the tree, and packages may start what they install: neither is to be left
  // behind.
  const apart = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const args = ['--variant=minbase', `--include=${PACKAGES}`, RELEASE, partial, mirror];
  command('unshare', [...apart, 'debootstrap', ...args]);
  rmSync(join(partial, 'var/cache/apt'), { recursive: true, force: true });
  rmSync(join(partial, 'var/lib/apt/lists'), { recursive: true, force: true });
  command('mv', [partial, base]);
  return base;
}

/** Makes the disk anew, and returns its path. */
export function makeDisk({ work, mirror, root, kernels }) {
  const base = bootstrap(work, mirror);
  const tree = join(work, 'tree');
  rmSync(tree, { recursive: true, force: true });
  // With hard links: the disk gets copies, and nothing is written through them.
  command('cp', ['-al', base, tree]);

  const home = join(tree, 'opt/nlink');
  mkdirSync(home, { recursive: true });
  for (const path of TREE) cpSync(join(root, path), join(home, path), { recursive: true });
  for (const path of MODULES) {
    const from = join(root, 'node_modules', path);
    if (existsSync(from)) cpSync(from, join(home, 'node_modules', path), { recursive: true });
  }
  command('chmod', ['-R', 'a+rX', home]);
  const programs = join(tree, 'usr/local/bin');
  cpSync(process.execPath, join(programs, 'node'));
  symlinkSync('/opt/nlink/dist/cli/main.cjs', join(programs, 'nlink'));
  chmodSync(join(home, 'dist/cli/main.cjs'), 0o755);

  const units = join(tree, 'etc/systemd/system');
  cpSync(join(root, 'scripts/kernels/guest/nlink-kernels.service'), join(units, 'nlink-kernels.service'));
  for (const unit of readdirSync(join(root, 'examples/deploy')).filter((name) => name.endsWith('.service')))
    cpSync(join(root, 'examples/deploy', unit), join(units, unit));
  // Timers of apt, which have nothing to do there.
  rmSync(join(units, 'timers.target.wants'), { recursive: true, force: true });
  rmSync(join(tree, 'etc/hostname'), { force: true });
  writeFileSync(join(tree, 'etc/hostname'), 'nlink\n');

  for (const { release, modules } of kernels) {
    const place = join(tree, 'usr/lib/modules', release);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(modules, place, { recursive: true });
    command('chroot', [tree, '/sbin/depmod', release]);
  }

  const disk = join(work, 'disk.ext4');
  rmSync(disk, { force: true });
  command('mke2fs', ['-q', '-t', 'ext4', '-d', tree, disk, SIZE]);
  rmSync(tree, { recursive: true });
  return disk;
}
