/**
 * Services of systemd with PrivateNetwork=, systemd.exec(5): no names, no ids; systemd makes the
 * namespace in the service's control group. A systemd runs here as process 1 of a PID namespace,
 * with nothing but the units of this test.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checked } from '../serve/metrics/support/checked.ts';
import type { Read } from '../serve/metrics/support/checked.ts';
import { waitFor } from '../support/wait.ts';
import { MAIN, Watch, list, nlink } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { descendants, hasProcess, namespaceOf, processes } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

const UNITS = '/run/nlink-world/units';
const GROUP = '/sys/fs/cgroup/machine';
const NO_NAMES = '/run/nlink-world/no-units';

/** In a control group namespace of its own, of which it is the root; /run is the sandbox's. */
const SET_UP = `set -e
umount /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec env -i container=other PATH="$PATH" SYSTEMD_UNIT_PATH=${UNITS} SYSTEMD_GENERATOR_PATH=${UNITS}/generators /lib/systemd/systemd --system --unit=world.target --log-target=console --show-status=no`;
const JOIN = `echo $$ > ${GROUP}/cgroup.procs; exec "$@"`;
const UNSHARE = ['unshare', '-mpC', '--propagation', 'private', '--fork', '--kill-child', '--mount-proc'];

let server: Daemon;

/** It takes no orders from a process that has no number in its PID namespace (SO_PEERCRED, unix(7)). */
async function systemctl(...args: string[]): Promise<[string, ...string[]]> {
  return ['nsenter', ...(await inside()), 'systemctl', ...args];
}

/** Its mounts and processes, as nsenter(1) has them. */
async function inside(): Promise<string[]> {
  const [{ pid } = { pid: 0 }] = await descendants(server.pid);
  return ['-t', String(pid), '-m', '-p'];
}

const ip = async (...args: string[]): Promise<string> =>
  output('nsenter', ...(await inside()), 'ip', ...args);

function unit(name: string, ...lines: string[]): void {
  const head = ['[Unit]', 'DefaultDependencies=no'];
  writeFileSync(`${UNITS}/${name}`, [...head, ...lines, ''].join('\n'));
}

const service = (name: string, ...lines: string[]): void =>
  unit(`${name}.service`, '[Service]', 'PrivateNetwork=yes', ...lines);

/** By default a start is done before the service has its namespace. */
const SLEEP = 'Type=exec\nExecStart=/bin/sleep 3600';

/** The process of a service, by the number that it has here. */
async function start(name: string): Promise<number> {
  await output(...(await systemctl('start', `${name}.service`)));
  const isOf = (pid: string): boolean => groupOf(pid).endsWith(`/${name}.service`);
  return Number(processes().find(isOf));
}

function groupOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}

const stop = async (name: string): Promise<string> => output(...(await systemctl('stop', `${name}.service`)));

/** The unit as it is published, but for where the program is, and what it waits for at boot. */
function serveUnit(change: (text: string) => string = (text) => text): void {
  const published = new URL('../../../examples/deploy/nlink-serve.service', import.meta.url);
  const root = dirname(dirname(dirname(MAIN)));
  const text = readFileSync(published, 'utf8')
    .replace('[Unit]', '[Unit]\nDefaultDependencies=no')
    .replace('ExecStart=nlink ', `BindReadOnlyPaths=${root}\nExecStart=${process.execPath} ${MAIN} `);
  writeFileSync(`${UNITS}/nlink-serve.service`, change(text));
}

async function scrape(): Promise<Read | null> {
  const answer = await fetch('http://127.0.0.1:9478/metrics').catch(() => null);
  return answer === null ? null : checked(await answer.text(), 'text');
}

const has = (read: Read | null, name: string, labels: Record<string, string>): boolean =>
  (read?.series.get(name) ?? []).some((one) =>
    Object.entries(labels).every(([key, value]) => one[key] === value),
  );

const owner = (name: string): { kind: 'service'; name: string; id: null } => ({
  kind: 'service',
  name: `${name}.service`,
  id: null,
});

const isOwner = (type: string, whose: Told['owner'], name: string): boolean =>
  type === 'found' && whose?.name === `${name}.service`;

runtime({
  name: 'systemd',
  version: async () => /systemd (\S+)/u.exec(await output('systemctl', '--version'))?.[1] ?? '?',
  begin: async () => {
    for (const directory of [UNITS, GROUP, NO_NAMES]) mkdirSync(directory, { recursive: true });
    unit('world.target');
    service('alone', SLEEP);
    service('beside', SLEEP);
    service('once', 'Type=oneshot', 'RemainAfterExit=yes', 'ExecStart=/bin/sleep 2');
    service('again', 'Restart=always', 'RestartSec=0', SLEEP);
    unit('joined.service', 'JoinsNamespaceOf=alone.service', '[Service]', 'PrivateNetwork=yes', SLEEP);
    server = daemon('sh', ['-c', JOIN, 'sh', ...UNSHARE, 'sh', '-c', SET_UP]);
    await waitFor('systemd', async () => {
      if (!server.running()) throw new Error(server.log());
      return (await attempt(...(await systemctl('is-active', 'world.target')))).status === 0;
    });
    await start('alone');
    await stop('alone');
  },
  end: () => server?.kill('SIGKILL'),
  steps: [
    [
      'a service: found with its owner, and its death',
      (note) =>
        foundAndDestroyed(
          {
            begin: () => start('alone'),
            owner: () => owner('alone'),
            loOnly: true,
            end: () => stop('alone'),
          },
          note,
        ),
    ],
    [
      'JoinsNamespaceOf=: one namespace for two services, of the first of them, until both have ended',
      async () => {
        const first = await start('alone');
        const second = await start('joined');
        const inode = namespaceOf(first);
        assert.equal(namespaceOf(second), inode);
        const listed = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
        assert.deepEqual([listed?.processes, listed?.owner], [2, owner('alone')]);
        await using watch = await Watch.all([process.execPath, MAIN], NO_NAMES);
        const { number } = await watch.event('it', 0, ({ namespace }) => namespace?.ino === inode);
        await stop('alone');
        assert.equal(namespaceOf(second), inode);
        assert.equal(watch.told.filter(({ type }) => type === 'destroyed').length, 0);
        await stop('joined');
        await watch.event('its end', 0, (event) => event.type === 'destroyed' && event.number === number);
      },
    ],
    [
      'Type=oneshot, RemainAfterExit=: without a process it lives on, until the unit is stopped',
      async () => {
        await using watch = await Watch.all([process.execPath, MAIN], NO_NAMES);
        const starting = output(...(await systemctl('start', 'once.service')));
        const found = await watch.event('it', 0, ({ type, owner: whose }) => isOwner(type, whose, 'once'));
        await starting;
        const inode = found.namespace?.ino ?? '';
        assert.equal(hasProcess(inode), false);
        const { stdout } = await nlink('list', '--leaks');
        assert.match(stdout, new RegExp(`${inode}.*descriptor in flight of PID \\d+ \\(systemd\\)`, 'u'));
        assert.equal(watch.told.filter(({ type }) => type === 'destroyed').length, 0);
        await stop('once');
        await watch.event(
          'its end',
          0,
          (event) => event.type === 'destroyed' && event.number === found.number,
        );
      },
    ],
    [
      'Restart=: another namespace for each start',
      async () => {
        await using watch = await Watch.all([process.execPath, MAIN], NO_NAMES);
        const pid = await start('again');
        const first = namespaceOf(pid);
        const found = await watch.event('the first', 0, ({ namespace }) => namespace?.ino === first);
        process.kill(pid, 'SIGKILL');
        await watch.event(
          'its end',
          0,
          (event) => event.type === 'destroyed' && event.number === found.number,
        );
        const next = await watch.event(
          'the next',
          0,
          (event) => event.type === 'found' && event.number !== found.number,
        );
        assert.deepEqual(next.owner, owner('again'));
        await stop('again');
        await watch.event(
          'its end',
          0,
          (event) => event.type === 'destroyed' && event.number === next.number,
        );
      },
    ],
    [
      'nlink-serve.service: sees all links, as a user that owns nothing',
      async (note) => {
        serveUnit();
        // Makes its directory a mount that is shared, as all are where systemd boots a machine.
        await ip('netns', 'add', 'first');
        await output(...(await systemctl('daemon-reload')));
        const pid = await start('alone');
        await output(...(await systemctl('start', 'nlink-serve.service')));
        await ip('netns', 'add', 'blue');
        await ip('-n', 'blue', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
        await waitFor('its links', async () => {
          const read = await scrape();
          const peer = { netns: 'blue', device: 'eth0', peer_netns: 'blue', peer_device: 'eth1' };
          const found = { owner_kind: 'service', owner: 'alone.service', inode: namespaceOf(pid) };
          const down = [...(read?.values ?? [])].filter(
            ([name, value]) => name.startsWith('nlink_part_up') && value !== 1,
          );
          // A sandbox has no series of its own.
          return (
            has(read, 'nlink_link_peer_info', peer) &&
            !has(read, 'nlink_namespace_info', found) &&
            down.length === 0 &&
            read?.values.get('nlink_namespaces_unnamed{}') === 1
          );
        });
        const main = Number(
          await output(...(await systemctl('show', '-P', 'MainPID', 'nlink-serve.service'))),
        );
        assert.ok(main > 1);
        const { stdout } = await attempt(
          ...(await systemctl('show', '-P', 'NRestarts', 'nlink-serve.service')),
        );
        assert.equal(stdout.trim(), '0');
        const analyze = ['systemd-analyze', 'security', '--no-pager', '--offline=yes'];
        const security = await attempt(
          analyze[0] as string,
          ...analyze.slice(1),
          `${UNITS}/nlink-serve.service`,
        );
        const [, exposure = '?'] = /exposure level for \S+: ([\d.]+)/u.exec(security.stdout) ?? [];
        note(`exposure ${exposure}`);
        await ip('netns', 'del', 'blue');
        await waitFor('its end', async () => !has(await scrape(), 'nlink_network_up', { netns: 'blue' }));
        await stop('nlink-serve');
        await stop('alone');
      },
    ],
    [
      'nlink-serve.service without capabilities: names, and counters of namespaces with processes',
      async () => {
        serveUnit((text) =>
          text
            .replaceAll(/^(\w*Capabilit\w*)=CAP.*$/gmu, '$1=')
            .replace('RestrictNamespaces=net', 'RestrictNamespaces=user net'),
        );
        await output(...(await systemctl('daemon-reload')));
        await ip('netns', 'add', 'blue');
        const held = daemon('nsenter', [...(await inside()), 'ip', 'netns', 'exec', 'blue', 'sleep', '3600']);
        await ip('-n', 'blue', 'link', 'add', 'eth0', 'type', 'bridge');
        await output(...(await systemctl('start', 'nlink-serve.service')));
        await waitFor('its counters', async () =>
          has(await scrape(), 'nlink_network_receive_bytes_total', { netns: 'blue', device: 'eth0' }),
        );
        assert.equal(has(await scrape(), 'nlink_network_up', { netns: 'blue', device: 'eth0' }), false);
        await stop('nlink-serve');
        for (const { pid } of await descendants(held.pid)) process.kill(pid, 'SIGKILL');
        await held.kill('SIGKILL');
        for (const name of ['blue', 'first']) await ip('netns', 'del', name);
      },
    ],
    [
      'nothing is left',
      async () => {
        assert.deepEqual(
          (await list('--all')).filter(({ own }) => own !== true),
          [],
        );
      },
    ],
  ],
});
