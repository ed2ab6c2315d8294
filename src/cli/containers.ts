/**
 * The directories in which container runtimes keep the names of network namespaces, and which of them this user can watch.
 *
 * | runtime          | directory                       | by                                                                       |
 * | ---------------- | ------------------------------- | ------------------------------------------------------------------------ |
 * | Docker           | `/run/docker/netns`             | `netnsBasePath` in moby's `libnetwork/osl/namespace_linux.go`            |
 * | Docker, rootless | `$XDG_RUNTIME_DIR/docker/netns` | the same, below the "exec dir" of docs.docker.com/engine/security/rootless |
 * | Podman, rootless | `$XDG_RUNTIME_DIR/netns`        | `GetNSRunDir` in `pkg/netns` of containers/common                        |
 *
 * Podman run by root, CRI-O and containerd use `/run/netns`, as ip(8) does. A rootless runtime mounts its namespaces in a mount namespace
 * of its own: seen from outside there are only files.
 */
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';

/** Below the directory that a user has for the time of being logged in (XDG_RUNTIME_DIR, pam_systemd(8)). */
const ROOTLESS = ['netns', 'docker/netns'];

export interface ContainerDirectories {
  /** Those that are there, and those that this user could make and that may come. */
  watched: string[];
  /** What this user may not read, or look into. */
  refused: string[];
}

/**
 * @param env for XDG_RUNTIME_DIR
 * @param named directories that are watched anyhow, and not to be watched twice
 * @param run where all of this is
 */
export function containerDirectories(
  env: NodeJS.ProcessEnv,
  named: readonly string[],
  run = '/run',
): ContainerDirectories {
  const watched: string[] = [];
  const refused: string[] = [];
  const known = new Set(named.map(resolved));
  const consider = (path: string, maker?: string): void => {
    const real = resolved(path);
    if (known.has(real)) return;
    known.add(real);
    const fault = faultOf(path);
    if (fault === 'EACCES') refused.push(path);
    // What somebody else will make may not be readable for this user, and that would end the watch.
    else if (fault === null || (fault === 'ENOENT' && maker !== undefined && mayWrite(maker)))
      watched.push(path);
  };
  consider(`${run}/docker/netns`, run);
  const runtime = env['XDG_RUNTIME_DIR'] ?? '';
  if (runtime.startsWith('/')) for (const below of ROOTLESS) consider(`${runtime}/${below}`, runtime);
  for (const user of entriesOf(`${run}/user`)) {
    const theirs = `${run}/user/${user}`;
    if (faultOf(theirs) === 'EACCES') refused.push(theirs);
    else for (const below of ROOTLESS) consider(`${theirs}/${below}`);
  }
  return { watched, refused };
}

/** Why a directory cannot be read and searched; null: it can. */
function faultOf(path: string): string | null {
  try {
    // With its dot, so that a file is not taken for one.
    accessSync(`${path}/.`, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** None where it is missing or may not be read. */
function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
