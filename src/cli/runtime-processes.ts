/**
 * The directories of names that the container runtimes running now were told to use, by the arguments of their processes
 * (/proc/PID/cmdline): `dockerd --exec-root DIR` (dockerd(8)) has `DIR/netns`; the monitor of a container of rootless Podman,
 * `conmon --exit-dir DIR/libpod/tmp/exits`, says which runtime directory its user has: `DIR/netns`.
 */
import { readdirSync } from 'node:fs';
import { readSmall } from '../netns/proc.ts';
import { decodeName } from '../reference/names.ts';

/** Paths as those processes know them, each once. */
export function directoriesOfProcesses(proc = '/proc'): string[] {
  const found = new Set<string>();
  for (const pid of pidsOf(proc)) {
    const command = decodeName(readSmall(`${proc}/${pid}/cmdline`) ?? Buffer.alloc(0)).split('\0');
    const program = command[0]?.replace(/^.*\//, '');
    const root =
      program === 'dockerd'
        ? argumentOf(command, '--exec-root')
        : program === 'conmon'
          ? /^(\/.+)\/libpod\/tmp\/exits\/?$/.exec(argumentOf(command, '--exit-dir') ?? '')?.[1]
          : undefined;
    if (root?.startsWith('/')) found.add(`${root.replace(/\/+$/, '')}/netns`);
  }
  return [...found].sort();
}

/** Of `--name value` or `--name=value`. */
function argumentOf(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  return words[at] === name ? words[at + 1] : words[at]?.slice(name.length + 1);
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
