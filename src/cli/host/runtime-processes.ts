/**
 * The directories of names that the running container runtimes use, by the arguments of their
 * processes (/proc/PID/cmdline): `dockerd --exec-root DIR` (dockerd(8)) has
 * `DIR/netns`; the monitor of a container of rootless Podman, `conmon --exit-dir
 * DIR/libpod/tmp/exits`, says which runtime directory its user has: `DIR/netns`.
 *
 * Anybody may call a process so: what root's say is taken, and of others what belongs to the same
 * user.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';

/** Those that are there, each once. */
export function directoriesOfProcesses(proc = '/proc'): string[] {
  const found = new Set<string>();
  for (const pid of pidsOf(proc)) {
    const command = commandOf(`${proc}/${pid}/cmdline`);
    const program = command[0]?.replace(/^.*\//, '');
    const root =
      program === 'dockerd'
        ? argumentOf(command, '--exec-root')
        : program === 'conmon'
          ? /^(\/.+)\/libpod\/tmp\/exits\/?$/.exec(argumentOf(command, '--exit-dir') ?? '')?.[1]
          : undefined;
    if (!root?.startsWith('/')) continue;
    const directory = `${root.replace(/\/+$/, '')}/netns`;
    const [user, owner] = [ownerOf(`${proc}/${pid}`), ownerOf(directory)];
    if (owner !== null && (user === 0 || user === owner)) found.add(directory);
  }
  return [...found].sort();
}

/** Of `--name value` or `--name=value`. */
function argumentOf(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  return words[at] === name ? words[at + 1] : words[at]?.slice(name.length + 1);
}

/** Null: it is not there, or not to be looked at. */
function ownerOf(path: string): number | null {
  try {
    return lstatSync(path).uid;
  } catch {
    return null;
  }
}

/** None where it has ended. */
function commandOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function pidsOf(proc: string): number[] {
  try {
    return readdirSync(proc)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}
