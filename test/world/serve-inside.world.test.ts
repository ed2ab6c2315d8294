/**
 * `nlink serve` in a container with the rights, mounts and arguments of the DaemonSet: it sees all of
 * the host, and misses something as soon as one of them is taken away.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { checked } from '../serve/metrics/support/checked.ts';
import type { Read } from '../serve/metrics/support/checked.ts';
import { waitFor } from '../support/wait.ts';
import { docker, dockerVersion, IMAGE, importImage, inspect, run, startDocker } from './support/docker.ts';
import { NODE_COMMAND, NODE_MOUNTS } from './support/image.ts';
import { output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import type { Step } from './support/ring.ts';

/** In the sandbox's network namespace it is free, and an address like that of a node. */
const HOST_IP = '127.0.0.9';
const TOKEN = 'a+token/of-many-signs==';
const TOKENS = '/run/nlink-world/token';

interface Pod {
  hostNetwork: boolean;
  hostPID: boolean;
  containers: [
    {
      args: string[];
      securityContext: {
        runAsUser: number;
        allowPrivilegeEscalation: boolean;
        readOnlyRootFilesystem: boolean;
        capabilities: { drop: string[]; add: string[] };
        seccompProfile: { type: string };
      };
      resources: { limits: { memory: string } };
      volumeMounts: { name: string; mountPath: string; mountPropagation?: string; readOnly: boolean }[];
    },
  ];
  volumes: { name: string; hostPath?: { path: string } }[];
}

const { template } = (
  parse(readFileSync(new URL('../../../examples/deploy/daemonset-serve.yaml', import.meta.url), 'utf8')) as {
    spec: { template: { spec: Pod } };
  }
).spec;

/** What docker calls what is in the manifest. */
function optionsOf({ hostNetwork, hostPID, containers: [container], volumes }: Pod): string[] {
  const { securityContext: rights, resources, volumeMounts } = container;
  const mounts = volumeMounts.map(({ name, mountPath, mountPropagation, readOnly }) => {
    const source = volumes.find((volume) => volume.name === name)?.hostPath?.path ?? TOKENS;
    const options = [
      ...(readOnly ? ['ro'] : []),
      ...(mountPropagation === 'HostToContainer' ? ['rslave'] : []),
    ];
    return `${source}:${mountPath}:${options.join(',')}`;
  });
  return [
    ...(hostNetwork ? ['--network', 'host'] : []),
    ...(hostPID ? ['--pid', 'host'] : []),
    ...['--user', String(rights.runAsUser), '--memory', resources.limits.memory.replace('Mi', 'm')],
    ...(rights.allowPrivilegeEscalation ? [] : ['--security-opt', 'no-new-privileges']),
    ...(rights.readOnlyRootFilesystem ? ['--read-only'] : []),
    ...rights.capabilities.drop.flatMap((right) => ['--cap-drop', right]),
    ...rights.capabilities.add.flatMap((right) => ['--cap-add', right]),
    // Docker's own profile is what RuntimeDefault means there.
    ...(rights.seccompProfile.type === 'Unconfined' ? ['--security-opt', 'seccomp=unconfined'] : []),
    ...[...NODE_MOUNTS, ...mounts].flatMap((mount) => ['-v', mount]),
  ];
}

/** The container of a pod, with its metrics when it is ready, and its end. */
async function served(pod: Pod, act: (scrape: () => Promise<Read>) => Promise<void>): Promise<void> {
  const args = pod.containers[0].args.map((word) => word.replace('$(HOST_IP)', HOST_IP));
  const id = await docker('run', '-d', ...optionsOf(pod), IMAGE, ...NODE_COMMAND, ...args);
  try {
    const ask = (path: string): Promise<Response> =>
      fetch(`http://${HOST_IP}:9478${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await waitFor('it to be ready', async () => {
      if ((await docker('inspect', '-f', '{{.State.Running}}', id)) !== 'true')
        throw new Error(await docker('logs', id));
      return (await ask('/readyz').catch(() => null))?.status === 200;
    });
    await act(async () => checked(await (await ask('/metrics')).text(), 'text'));
  } finally {
    await docker('rm', '-f', id);
  }
}

let server: Daemon;
/** Of a container that runs beside it. */
let beside = '';

const has = ({ series }: Read, name: string, labels: Record<string, string>): boolean =>
  (series.get(name) ?? []).some((one) => Object.entries(labels).every(([key, value]) => one[key] === value));

/** What the manifest's comment promises; what is missing of it. */
function missing(read: Read): string[] {
  const down = [...read.values].flatMap(([name, value]) => {
    const [, part] = /^nlink_part_up\{part="(\w+)"\}$/u.exec(name) ?? [];
    return part !== undefined && value === 0 ? [part] : [];
  });
  const wanted = {
    name: has(read, 'nlink_namespace_info', { netns: 'blue' }),
    kind: has(read, 'nlink_network_info', { netns: 'blue', device: 'eth0', kind: 'veth' }),
    peer: has(read, 'nlink_link_peer_info', { netns: 'blue', device: 'eth0', peer_netns: 'green' }),
    counters: has(read, 'nlink_network_receive_bytes_total', { netns: 'blue', device: 'eth0' }),
    // Of the path of its control group the pod sees the end: not that it is Docker's.
    owner: has(read, 'nlink_namespace_info', { owner: beside.slice(0, 12) }),
  };
  return [...down, ...Object.entries(wanted).flatMap(([what, isThere]) => (isThere ? [] : [what]))];
}

/** Takes something away. @param least what is missed then, at least */
const needs = (what: string, change: (pod: Pod) => void, least: readonly string[]): Step => [
  `without ${what}: something is missed`,
  async (note) => {
    const pod = structuredClone(template.spec);
    change(pod);
    await served(pod, async (scrape) => {
      // Time for what comes late.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const found = missing(await scrape());
      note(found.join(', '));
      assert.deepEqual(
        least.filter((one) => !found.includes(one)),
        [],
      );
    });
  },
];

const withoutRight =
  (right: string) =>
  ({ containers: [{ securityContext }] }: Pod): void => {
    const { add } = securityContext.capabilities;
    securityContext.capabilities.add = add.filter((one) => one !== right);
    assert.notEqual(securityContext.capabilities.add.length, add.length);
  };

runtime({
  name: 'docker, nlink serve inside',
  version: dockerVersion,
  begin: async () => {
    await output('mkdir', '-p', '/run/netns', TOKENS);
    writeFileSync(`${TOKENS}/token`, `${TOKEN}\n`);
    server = await startDocker();
    await importImage();
    for (const name of ['blue', 'green']) await output('ip', 'netns', 'add', name);
    const ends = ['eth0', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', 'green'];
    await output('ip', '-n', 'blue', 'link', 'add', ...ends);
    await run('--name', 'beside');
    beside = (await inspect('beside')).id;
  },
  end: async () => {
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'with the rights, mounts and arguments of the manifest nothing is missed, what comes later neither',
      async () => {
        await served(template.spec, async (scrape) => {
          await waitFor('all of it', async () => missing(await scrape()).length === 0);
          await output('ip', 'netns', 'add', 'late');
          await output('ip', '-n', 'late', 'link', 'add', 'br0', 'type', 'bridge');
          await waitFor('what came later', async () =>
            has(await scrape(), 'nlink_network_info', { netns: 'late', device: 'br0', kind: 'bridge' }),
          );
          await output('ip', 'netns', 'del', 'late');
          await waitFor('its end', async () => !has(await scrape(), 'nlink_network_up', { netns: 'late' }));
          const bare = await fetch(`http://${HOST_IP}:9478/metrics`);
          assert.equal(bare.status, 401);
        });
      },
    ],
    needs('SYS_ADMIN', withoutRight('SYS_ADMIN'), ['peer']),
    needs('NET_ADMIN', withoutRight('NET_ADMIN'), ['peer']),
    needs('NET_BROADCAST', withoutRight('NET_BROADCAST'), ['links']),
    needs('hostPID', (pod) => (pod.hostPID = false), ['owner']),
    needs(
      'root',
      ({ containers: [{ securityContext }] }) => {
        securityContext.runAsUser = 1000;
      },
      ['peer'],
    ),
    needs(
      'the mount of /run/netns',
      ({ containers: [container] }) => {
        container.volumeMounts = container.volumeMounts.filter(({ name }) => name !== 'netns');
      },
      ['name'],
    ),
  ],
});
