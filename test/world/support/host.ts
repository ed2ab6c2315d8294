/**
 * What a test of a real runtime could leave on the host, looked at before and after: mounts, names,
 * links, directories, control groups.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Each kind with what there is of it. */
export type Host = Readonly<Record<string, ReadonlySet<string>>>;

/** Where runtimes keep what outlives them. */
const STATE = ['docker', 'containerd', 'containers', 'lxc', 'cni'].map((name) => `/var/lib/${name}`);

export function lookAtHost(): Host {
  const links = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout ?? '';
  return {
    mounts: new Set(mountPoints()),
    names: new Set(entries('/run/netns').concat(entries('/run'))),
    links: new Set([...links.matchAll(/^\d+: ([^:@]+)/gmu)].map(([, name]) => name ?? '')),
    state: new Set(STATE.flatMap(entries)),
  };
}

/** What is there now and was not before; what others do on the host at the same time counts too. */
export function whatIsLeft(before: Host): string[] {
  return Object.entries(lookAtHost()).flatMap(([kind, now]) =>
    [...now].filter((entry) => before[kind]?.has(entry) !== true).map((entry) => `${kind}: ${entry}`),
  );
}

/**
 * A control group for everything in one sandbox; undefined where version 2 is not mounted
 * (cgroups(7)).
 */
export function makeControlGroup(): string | undefined {
  const mount = mountPoints(' - cgroup2 ')[0];
  if (mount === undefined) return undefined;
  const group = join(mount, `nlink-world-${process.pid}`);
  mkdirSync(group);
  return group;
}

/** Removes it with those below it; what is still in them after a while is told. */
export function removeControlGroup(group: string): string[] {
  const end = performance.now() + 10_000;
  while (existsSync(group)) {
    try {
      removeTree(group);
    } catch (error) {
      if (performance.now() > end) return [`control group ${group}: ${String(error)}`];
      // The kernel has killed them all; each takes a moment to leave its group.
      spawnSync('sleep', ['0.05']);
    }
  }
  return [];
}

function removeTree(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(group, entry.name));
  rmdirSync(group);
}

function mountPoints(containing = ''): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && line.includes(containing))
    .map((line) => line.split(' ')[4] ?? '');
}

function entries(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).map((name) => join(directory, name));
}
