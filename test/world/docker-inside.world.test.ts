/**
 * nlink in a container that has the host's directories of names: with `rslave` it tells what is
 * there; without, whatever it says of names made later must not lead to the deletion of what is in
 * use on the host.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { waitFor } from '../support/wait.ts';
import {
  CLIENT,
  SOCKET,
  docker,
  dockerVersion,
  importImage,
  inspect,
  run,
  startDocker,
} from './support/docker.ts';
import type { Container } from './support/docker.ts';
import { NODE_COMMAND, NODE_MOUNTS } from './support/image.ts';
import { DELETING } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon, Result } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import type { Step } from './support/ring.ts';
import { isMounted, namespaceOf } from './support/truth.ts';

const DIRECTORIES = ['/run/netns', '/run/docker/netns'];
const IN_CONTAINER = ['-H', SOCKET, 'exec'];
const IP_NAME = '/run/netns/late';

let server: Daemon;
let late: Container;

/** A container that sleeps, with the host's directories and all that nlink needs. */
async function container(name: string, propagation: string, ...options: string[]): Promise<void> {
  const mounts = [...NODE_MOUNTS, ...DIRECTORIES.map((path) => `${path}:${path}${propagation}`)];
  await run('--name', name, ...options, ...mounts.flatMap((mount) => ['-v', mount]));
}

function inside(name: string, ...args: string[]): Promise<Result> {
  return attempt(CLIENT, ...IN_CONTAINER, name, ...NODE_COMMAND, ...args);
}

/** Both names that were made after the containers: one by ip, one by Docker. */
const lateNames = (): string[] => [IP_NAME, late.path];

/** What nlink says of these names by each of its commands that says why. */
function commands(path: string): string[][] {
  const [directory, name] = [dirname(path), basename(path)];
  return [
    ['list', '-d', directory],
    ['doctor', '-d', directory],
    ['explain', path],
    ['explain', '-d', directory, name],
    ['watch', '-d', directory, '--for', '300ms'],
    ['wait', '-d', directory, '--timeout', '300ms', name],
  ];
}

/**
 * Where the whole host can be seen, a name on which nothing is mounted is told as such, with the
 * command that removes it. Where it cannot be seen, no name is.
 */
const harmless = (name: string, seesAll: boolean): Step => [
  `${name}: no command advises to delete what is mounted on the host`,
  async () => {
    const wrong = [];
    for (const path of lateNames())
      for (const command of commands(path)) {
        const { stdout, stderr } = await inside(name, ...command);
        const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => DELETING.test(line));
        const advice = lines.filter((line) => !seesAll || !namesWhatIsUnmounted(line, dirname(path)));
        wrong.push(...advice.map((line) => `${command.join(' ')}: ${line}`));
      }
    assert.deepEqual(wrong, []);
  },
];

function namesWhatIsUnmounted(line: string, directory: string): boolean {
  const names = readdirSync(directory).filter((name) => line.includes(name));
  return names.length > 0 && names.every((name) => !isMounted(join(directory, name)));
}

const refuses = (name: string): Step => [
  `${name}: delete refuses, and the namespace stays`,
  async () => {
    await output('ip', 'netns', 'add', `kept-from-${name}`);
    await run('--name', `kept-from-${name}`);
    const kept = [`/run/netns/kept-from-${name}`, (await inspect(`kept-from-${name}`)).path];
    for (const path of kept) {
      const { status, stderr } = await inside(name, 'delete', '-d', dirname(path), basename(path));
      assert.ok(isMounted(path), `${path} is mounted on the host still`);
      assert.notEqual(status, 0, stderr);
    }
  },
];

const doctor = (name: string): Step => [
  `${name}: doctor does not say that watching works`,
  async () => {
    for (const directory of DIRECTORIES) {
      const { stdout } = await inside(name, 'doctor', '-d', directory);
      assert.doesNotMatch(stdout, /^Watching works here\.$/mu);
    }
  },
];

runtime({
  name: 'docker, nlink inside',
  version: dockerVersion,
  begin: async () => {
    server = await startDocker();
    await importImage();
    await output('ip', 'netns', 'add', 'early');
    await container('private', '');
    await container('private-pid', '', '--pid', 'host');
    await container('slave', ':rslave');
    await run('--name', 'late');
    late = await inspect('late');
    await output('ip', 'netns', 'add', 'late');
  },
  end: async () => {
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'rslave: list has each name with the namespace that it has on the host',
      async () => {
        const { stdout, stderr } = await inside('slave', 'list', '--json', '-d', '/run/docker/netns');
        assert.notEqual(stdout, '', stderr);
        const names = JSON.parse(stdout) as Told[];
        const listed = names.find(({ path }) => path === lateNames()[1]);
        assert.deepEqual([listed?.ready, listed?.namespace?.ino], [true, namespaceOf(late.pid)]);
      },
    ],
    [
      'rslave: watch tells of a container that is started then',
      async () => {
        const command = ['watch', '--json', '-d', '/run/docker/netns'];
        const watching = daemon(CLIENT, [...IN_CONTAINER, 'slave', ...NODE_COMMAND, ...command]);
        await waitFor('the snapshot', () => watching.log().includes('"present"'));
        await run('--name', 'new');
        const { path, pid } = await inspect('new');
        await waitFor('its name', () => watching.log().includes(`"name":"${basename(path)}"`));
        const told =
          watching
            .log()
            .split('\n')
            .find((line) => line.includes(basename(path))) ?? '';
        const event = JSON.parse(told) as Told;
        assert.deepEqual(
          [event.type, event.ready, event.namespace?.ino],
          ['created', true, namespaceOf(pid)],
        );
        await docker('rm', '-f', 'new');
        await watching.kill('SIGKILL');
      },
    ],
    harmless('slave', true),
    harmless('private', false),
    harmless('private-pid', true),
    doctor('private'),
    doctor('private-pid'),
    [
      'private: what cannot be counted is not 0',
      async () => {
        const { stdout } = await inside('private', 'list', '--json', '-d', '/run/netns');
        const early = (JSON.parse(stdout) as Told[]).find(({ name }) => name === 'early');
        assert.equal(early?.ready, true);
        assert.notEqual(early?.processes, 0);
      },
    ],
    refuses('private'),
    refuses('private-pid'),
  ],
});
