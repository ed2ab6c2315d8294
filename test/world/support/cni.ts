/**
 * Calls CNI plugins as a runtime does: the configuration on standard input, the rest in the
 * environment.
 */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { waitFor } from '../../support/wait.ts';
import type { Watch } from './nlink.ts';
import { output } from './programs.ts';

const PLUGINS = '/usr/lib/cni';

const CONFIGURATIONS: Record<string, object> = {
  bridge: { type: 'bridge', bridge: 'cni1', ipam: { type: 'host-local', subnet: '10.74.0.0/16' } },
  macvlan: { type: 'macvlan', master: 'parent0', ipam: { type: 'host-local', subnet: '10.75.0.0/24' } },
};

/** Throws with what the plugin says. */
export function cni(plugin: string, command: 'ADD' | 'DEL', name: string): Promise<void> {
  const env = {
    ...process.env,
    CNI_COMMAND: command,
    CNI_CONTAINERID: name,
    CNI_NETNS: `/run/netns/${name}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: PLUGINS,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(`${PLUGINS}/${plugin}`, { env }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${plugin} ${command}: ${stdout}${stderr}`));
    });
    child.stdin?.end(
      JSON.stringify({ cniVersion: '0.4.0', name: `by-${plugin}`, ...CONFIGURATIONS[plugin] }),
    );
  });
}

/** A device that macvlans can be made on. */
export async function addMacvlanParent(): Promise<void> {
  await output('ip', 'link', 'add', 'parent0', 'type', 'veth', 'peer', 'name', 'parent1');
  await output('ip', 'link', 'set', 'parent0', 'up');
}

/**
 * Makes so many namespaces on a bridge and deletes them by one `ip -batch`. When `destroyed` of one
 * is told, its near end is looked for at once, in /sys/class/net: `outlived` counts those that were
 * there still, `slowest` is how long the last of all took.
 */
export async function manyEnds(
  watch: Watch,
  count: number,
): Promise<{ inodes: string[]; outlived: number; slowest: number }> {
  const mark = watch.mark();
  const names = Array.from({ length: count }, (_, index) => `many${index}`);
  const nearEnds = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    await output('ip', 'netns', 'add', name);
    await output('ip', 'link', 'add', `near${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    const created = await watch.event(
      `the name ${name}`,
      mark,
      (event) => event.type === 'created' && event.name === name,
    );
    nearEnds.set(created.namespace?.ino ?? '', `near${index}`);
  }
  const ids = (): number => watch.told.slice(mark).filter(({ type }) => type === 'nsidAssigned').length;
  // Some kernels assign an id only when a device is listed.
  await output('ip', 'link');
  await watch.event('their ids', mark, () => ids() === count);
  writeFileSync('/run/nlink-world/batch', names.map((name) => `netns del ${name}\n`).join(''));
  const deletion = output('ip', '-batch', '/run/nlink-world/batch');
  let outlived = 0;
  for (const [ino, near] of nearEnds) {
    await watch.event(
      `the end of ${near}`,
      mark,
      (event) => event.type === 'destroyed' && event.namespace?.ino === ino,
    );
    if (existsSync(`/sys/class/net/${near}`)) outlived++;
  }
  const told = performance.now();
  await deletion;
  await waitFor('the end of the veths', () =>
    [...nearEnds.values()].every((near) => !existsSync(`/sys/class/net/${near}`)),
  );
  return { inodes: [...nearEnds.keys()], outlived, slowest: Math.round(performance.now() - told) };
}
