/**
 * The directories in which container runtimes keep the names of network namespaces, and which of
 * them this user can watch.
 *
 * | runtime          | directory                               | by                            |
 * | ---------------- | --------------------------------------- | ----------------------------- |
 * | Docker           | `/run/docker/netns`                     | `netnsBasePath` of moby (1)   |
 * | Docker, rootless | `$XDG_RUNTIME_DIR/docker/netns`         | the same, below its exec dir  |
 * | Docker, snap     | `/run/snap.docker/netns`                | its `--exec-root` (2)         |
 * | Podman, rootless | `$XDG_RUNTIME_DIR/netns`                | `GetNSRunDir` (3)             |
 * | the same         | `/tmp/podman-run-UID/netns`, …          | without XDG_RUNTIME_DIR       |
 * | containerd       | `STATE/io.containerd.grpc.v1.cri/netns` | `netns_mounts_under_state_dir` |
 * | any of these     | where its processes say                 | runtime-processes.ts          |
 *
 * 1: `libnetwork/osl/namespace_linux.go`; its exec dir: docs.docker.com/engine/security/rootless.
 * 2: nomad issue 24318. 3: `pkg/netns` of containers/common; `GetRuntimeDir` for the next row.
 *
 * containerd without that option, Podman run by root and CRI-O use `/run/netns`, as ip(8) does. A
 * rootless runtime, and Docker's snap, mounts its namespaces in a mount namespace of its own: seen
 * from outside there are only files.
 */
import { accessSync, constants, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { directoriesOfProcesses } from './runtime-processes.ts';

/**
 * Below the directory that a user has for the time of being logged in (XDG_RUNTIME_DIR,
 * pam_systemd(8)).
 */
const ROOTLESS = ['netns', 'docker/netns'];
/**
 * What Podman and its libraries take in its place, by version: named after the user, and the
 * user's.
 */
const IN_TEMPORARY = /^(?:podman-run|containers-user|storage-run|run)-(\d+)$/;
/** Below the state of containerd, and of the one that k3s and rke2 bring. */
const CONTAINERD = ['containerd', 'k3s/containerd'].map(
  (state) => `${state}/io.containerd.grpc.v1.cri/netns`,
);

/** Where all of this is. */
export interface ContainerPlaces {
  run: string;
  temporary: string;
  /** There where Docker's snap is installed. */
  snap: string;
  /** Null: processes are not asked. */
  proc: string | null;
}

const PLACES: ContainerPlaces = { run: '/run', temporary: '/tmp', snap: '/var/snap/docker', proc: '/proc' };

export interface ContainerDirectories {
  /** Those that are there, and those that this user could make and that may come. */
  watched: string[];
  /** What this user may not read, or look into. */
  refused: string[];
}

/**
 * @param env for XDG_RUNTIME_DIR
 * @param named directories that are watched anyhow, and not to be watched twice
 */
export function containerDirectories(
  env: NodeJS.ProcessEnv,
  named: readonly string[],
  places: Partial<ContainerPlaces> = {},
): ContainerDirectories {
  const { run, temporary, snap, proc } = { ...PLACES, ...places };
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
  consider(`${run}/snap.docker/netns`, faultOf(snap) === null ? run : undefined);
  for (const state of CONTAINERD) consider(`${run}/${state}`);
  const runtime = env['XDG_RUNTIME_DIR'] ?? '';
  if (runtime.startsWith('/')) for (const below of ROOTLESS) consider(`${runtime}/${below}`, runtime);
  for (const user of entriesOf(`${run}/user`)) {
    const theirs = `${run}/user/${user}`;
    if (faultOf(theirs) === 'EACCES') refused.push(theirs);
    else for (const below of ROOTLESS) consider(`${theirs}/${below}`);
  }
  for (const entry of entriesOf(temporary)) {
    const theirs = `${temporary}/${entry}`;
    if (isTheirs(theirs, IN_TEMPORARY.exec(entry)?.[1]))
      for (const below of ROOTLESS) consider(`${theirs}/${below}`);
  }
  if (proc !== null) for (const path of directoriesOfProcesses(proc)) consider(path);
  return { watched, refused };
}

/** Whether a directory that anybody could have made is of the user after whom it is named. */
function isTheirs(path: string, user: string | undefined): boolean {
  if (user === undefined) return false;
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === Number(user);
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
