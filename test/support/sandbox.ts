/**
 * Importing this file puts the test file into a sandbox of its own: the process runs itself again
 * inside private network and mount namespaces (and a user namespace where it is not root:
 * unshare(1)) with an empty tmpfs on /run, and ends as that run ends. Whatever the tests make is
 * gone with it; the host is never touched. Every `*.live.test.ts` and `*.slow.test.ts` imports it,
 * however it is started.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The source of the tmpfs on /run, by which the sandbox is known (proc_pid_mountinfo(5)): no
 * variable that may be stale.
 */
const MARK = 'nlink-test';

/**
 * Runs inside the new namespaces: nothing may propagate to the host; /run is empty; /var/run leads
 * to it (a symbolic link on most systems); the loopback device is up. Then the tests, which die
 * with the process that waits for them.
 */
const SET_UP = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 ${MARK} /run
test "$(readlink -f /var/run)" = /run || mount --bind /run /var/run
ip link set lo up || true
exec setpriv --pdeathsig KILL "$@"`;

/** Where `ip`, `mount` and `unshare` are, whatever the user's own PATH. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

function isInside(): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.some((line) => line.split(' ')[4] === '/run' && line.includes(` - tmpfs ${MARK} `));
}

/**
 * The ways into a sandbox: as root; as an ordinary user, or as root of a container that may not
 * make namespaces.
 */
const ways = process.getuid?.() === 0 ? ['-mn', '-Urmn'] : ['-Urmn'];

function enter(): never {
  if (process.argv[1] === undefined)
    throw new Error('the sandbox needs each test file in a process of its own');
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, PATH };
  let reason = '';
  for (const way of ways) {
    const probe = spawnSync('unshare', [way, 'sh', '-c', SET_UP, 'sh', 'true'], { env, encoding: 'utf8' });
    if (probe.status === 0)
      end(spawnSync('unshare', [way, 'sh', '-c', SET_UP, 'sh', ...self], { env, stdio: 'inherit' }));
    reason = probe.error?.message ?? probe.stderr.trim();
  }
  // One visible skip stands for the whole file.
  const skip = fileURLToPath(new URL('no-sandbox.js', import.meta.url));
  end(spawnSync(process.execPath, [skip, process.argv[1], reason], { stdio: 'inherit' }));
}

function end(run: { status: number | null; error?: Error }): never {
  if (run.error !== undefined) throw run.error;
  process.exit(run.status ?? 1);
}

if (!isInside()) enter();
process.env['PATH'] = PATH;
