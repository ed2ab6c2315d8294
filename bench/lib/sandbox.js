/**
 * A place of its own for what the figures create: private mount and network namespaces (and a user
 * namespace where not root), with an empty tmpfs on /run, so that the host's /run/netns is never
 * touched. See unshare(1).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readlinkSync } from 'node:fs';

const MARK = 'NLINK_BENCH_OUTSIDE';
const mountNamespace = () => readlinkSync('/proc/self/ns/mnt');

export const inside = () => process.env[MARK] !== undefined && process.env[MARK] !== mountNamespace();

/** Runs this program again inside; gives its exit code. Signals are passed on. */
export async function enter() {
  const userNamespace = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];
  const child = spawn(
    'unshare',
    [...userNamespace, '--mount', '--net', '--propagation', 'private']
      .concat(['sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh'])
      .concat([process.execPath, ...process.execArgv, ...process.argv.slice(1)]),
    { stdio: 'inherit', env: { ...process.env, [MARK]: mountNamespace() } },
  );
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  const [code] = await once(child, 'close');
  return code ?? 1;
}

/** Lays the directory of names as the first `ip netns add` does: a shared mount of itself. */
export function namesDirectory() {
  const directory = '/run/netns';
  mkdirSync(directory);
  for (const args of [
    ['--bind', directory, directory],
    ['--make-shared', directory],
  ]) {
    const { status } = spawnSync('mount', args, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`mount ${args.join(' ')} failed`);
  }
  return directory;
}
