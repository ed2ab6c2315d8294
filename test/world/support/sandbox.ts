/**
 * Importing this file puts a test of a real runtime into a sandbox of its own: private mount,
 * network, PID and control group namespaces, an empty tmpfs on /run, and overlays on the
 * directories that runtimes write to. All that the runtime starts ends with the PID namespace
 * (unshare(1), --kill-child), and what it writes with the mounts. Afterwards the host is compared
 * with what it was before: host.ts.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lookAtHost, makeControlGroup, removeControlGroup, whatIsLeft } from './host.ts';

/** The source of the tmpfs on /run, by which the sandbox is known (proc_pid_mountinfo(5)). */
const MARK = 'nlink-world';

/**
 * Runs as process 1 of the new namespaces. /run is shared, as systemd makes it. A group with
 * processes in it cannot hand controllers down (cgroups(7)), so everything here moves into a leaf;
 * what is outside of the PID namespace cannot, and need not. /dev/net/tun is there for users, as on
 * most hosts.
 */
const SET_UP = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 ${MARK} /run
mount --make-shared /run
mkdir /run/lock /run/user /run/nlink-world
chmod 755 /run/nlink-world
mount -t tmpfs -o mode=755 overlays /run/nlink-world
for place in etc var root home srv; do
  mkdir -p /run/nlink-world/$place/upper /run/nlink-world/$place/work
  mount -t overlay -o lowerdir=/$place,upperdir=/run/nlink-world/$place/upper,workdir=/run/nlink-world/$place/work overlay /$place
done
test "$(readlink -f /var/run)" = /run || mount --bind /run /var/run
mknod /run/nlink-world/tun c 10 200
chmod 666 /run/nlink-world/tun
if test -e /dev/net/tun; then mount --bind /run/nlink-world/tun /dev/net/tun; fi
umount -R /sys/fs/cgroup
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir /sys/fs/cgroup/init
for process in $(cat /sys/fs/cgroup/cgroup.procs); do
  echo "$process" > /sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
done
ip link set lo up
"$@"
exit $?`;

const PATH = `/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin:${process.env['PATH'] ?? ''}`;

function isInside(): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.some((line) => line.split(' ')[4] === '/run' && line.includes(` - tmpfs ${MARK} `));
}

function enter(): never {
  const [, file] = process.argv;
  if (file === undefined) throw new Error('the sandbox needs each test file in a process of its own');
  if (process.getuid?.() !== 0) refuse(file, 'real runtimes take root');
  const before = lookAtHost();
  const group = makeControlGroup();
  if (group === undefined) refuse(file, 'no control groups of version 2 are mounted');
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // Its parent joins the group first: the root of the new control group namespace is the group of
  // who makes it.
  const join = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"';
  const unshare = ['unshare', '-mnpC', '--propagation', 'private', '--fork', '--kill-child', '--mount-proc'];
  const run = spawnSync('sh', ['-c', join, 'sh', group, ...unshare, 'sh', '-c', SET_UP, 'sh', ...self], {
    env: { ...process.env, PATH },
    stdio: 'inherit',
  });
  const left = [...removeControlGroup(group), ...whatIsLeft(before)];
  for (const line of left) console.error(`world: left on the host: ${line}`);
  if (run.error !== undefined) throw run.error;
  process.exit(left.length > 0 ? 1 : (run.status ?? 1));
}

/** One visible skip stands for the whole file. */
function refuse(file: string, reason: string): never {
  const skip = fileURLToPath(new URL('../../support/no-sandbox.js', import.meta.url));
  const run = spawnSync(process.execPath, [skip, file, reason], { stdio: 'inherit' });
  process.exit(run.status ?? 1);
}

if (!isInside()) enter();
process.env['PATH'] = PATH;
