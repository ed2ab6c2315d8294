/**
 * Docker's containers for whoever watches all namespaces, and not the directory of Docker's names.
 * dockerd is a service here, as on most hosts, and makes the namespace before the container's first
 * process is there: whose it is is not known from the first moment.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { ProcessOwner } from '../../src/netns/processes/process-owner.ts';
import { docker, dockerVersion, importImage, inspect, run, startDocker } from './support/docker.ts';
import { list } from './support/nlink.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import type { Step } from './support/ring.ts';
import { descendants } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

const SERVICE = '/sys/fs/cgroup/system.slice/docker.service';

let server: Daemon;

/** As systemd does with a service and all that it starts. */
async function putIntoService(): Promise<void> {
  mkdirSync(SERVICE, { recursive: true });
  const pids = [server.pid, ...(await descendants(server.pid)).map(({ pid }) => pid)];
  for (const pid of pids) writeFileSync(`${SERVICE}/cgroup.procs`, String(pid));
}

async function ownerOf(name: string): Promise<ProcessOwner> {
  const { id } = await inspect(name);
  return { kind: 'docker', name: id.slice(0, 12), id };
}

runtime({
  name: 'docker, all',
  version: dockerVersion,
  begin: async () => {
    server = await startDocker();
    await importImage();
    await run('--name', 'probe');
    await docker('rm', '-f', 'probe');
    await putIntoService();
  },
  end: () => server?.kill('SIGKILL'),
  steps: [
    ...['bridge', 'none'].map((network): Step => [
      `--network ${network}: found with its owner, and its death`,
      (note) =>
        foundAndDestroyed(
          {
            begin: async () => {
              await run('--name', network, '--network', network);
              return (await inspect(network)).pid;
            },
            owner: () => ownerOf(network),
            loOnly: network === 'none',
            end: () => docker('rm', '-f', network),
          },
          note,
        ),
    ]),
    [
      'nothing is left',
      async () => {
        const others = (await list('--all')).filter(({ own }) => own !== true);
        assert.deepEqual(others, []);
      },
    ],
  ],
});
