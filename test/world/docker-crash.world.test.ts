/**
 * A dockerd that is killed and started again: its containers live on without it; of one that died
 * meanwhile, the new dockerd mounts a new, empty namespace on the old name, for a moment. Whoever
 * acts on `mounted` must know that.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { waitFor } from '../support/wait.ts';
import { docker, dockerVersion, importImage, inspect, run, startDocker } from './support/docker.ts';
import type { Container } from './support/docker.ts';
import { DELETING, MAIN, Watch, entry, nlink, samePath } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import { daemon } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { hasProcess, isMounted, namespaceOf, processes } from './support/truth.ts';

let server: Daemon;
let watch: Watch;
let dead: Container;
let inode: string;
let empty: Told | undefined;

/** What two hooks write, one of which waits for names to settle. */
const HOOKS = { atOnce: '/run/nlink-world/at-once', settled: '/run/nlink-world/settled' };

runtime({
  name: 'docker, crashed',
  version: dockerVersion,
  begin: async () => {
    server = await startDocker();
    await importImage();
    await run('--name', 'dead');
    dead = await inspect('dead');
    inode = namespaceOf(dead.pid);
    watch = await Watch.start();
    await watch.event('the snapshot', 0, ({ type }) => type === 'present');
    hook(HOOKS.atOnce);
    hook(HOOKS.settled, '--settle', '2s');
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'kill -9 of dockerd: the container lives on, and nothing is told',
      async () => {
        const mark = watch.mark();
        await server.kill('SIGKILL');
        assert.ok(hasProcess(inode));
        const listed = await entry(dead.path);
        assert.deepEqual([listed?.ready, listed?.processes], [true, 1]);
        assert.deepEqual(watch.since(mark, dead.path), []);
      },
    ],
    [
      'kill -9 of the container, of its shim and of containerd: only the name holds the namespace',
      async () => {
        const mark = watch.mark();
        for (const pid of running(/^(?:containerd|containerd-shim)/u)) process.kill(pid, 'SIGKILL');
        process.kill(Number(dead.pid), 'SIGKILL');
        await waitFor('the end of the container', () => !hasProcess(inode));
        assert.ok(isMounted(dead.path));
        const listed = await entry(dead.path);
        // The sandbox has a PID namespace of its own: none that is seen is not none.
        assert.deepEqual([listed?.ready, listed?.processes, listed?.namespace?.ino], [true, null, inode]);
        const { stdout } = await nlink('explain', dead.path);
        assert.match(stdout, /mount/u);
        assert.deepEqual(watch.since(mark, dead.path), []);
      },
    ],
    [
      'start of the next dockerd: the old namespace ends; an empty one comes and goes on its name',
      async (note) => {
        const mark = watch.mark();
        server = await startDocker();
        const destroyed = await watch.event('the end', mark, ({ type }) => type === 'destroyed');
        assert.equal(destroyed.namespace?.ino, inode);
        await waitFor('the unmounting', () => !isMounted(dead.path));
        empty = watch.since(mark, dead.path).find(appears);
        if (empty === undefined)
          note(
            `no empty namespace was told: ${watch
              .since(mark, dead.path)
              .map(({ type }) => type)
              .join(', ')}`,
          );
        else {
          assert.notDeepEqual(empty.namespace, destroyed.namespace);
          const at = watch.told.indexOf(empty) + 1;
          const left = await watch.event('its end', at, (event) => samePath(event.path, dead.path));
          assert.deepEqual(left.namespace, empty.namespace);
          note(
            `an empty namespace on the dead name for ${Date.parse(left.time) - Date.parse(empty.time)} ms`,
          );
        }
        assert.doesNotMatch(watch.stderr, DELETING);
      },
    ],
    [
      'start of the container again: a namespace with a process in it',
      async () => {
        const mark = watch.mark();
        await docker('start', 'dead');
        const { pid, path } = await inspect('dead');
        inode = namespaceOf(pid);
        const told = await watch.event(
          'its name',
          mark,
          (event) => samePath(event.path, path) && appears(event),
        );
        assert.equal(told.namespace?.ino, inode);
        dead = await inspect('dead');
      },
    ],
    [
      'hooks: one with --settle is not run for the empty namespace, and knows whose the next is',
      async () => {
        await waitFor('the hook that waits', () => readHook(HOOKS.settled).includes(` ${inode} `));
        const lines = readHook(HOOKS.settled).split('\n');
        const last = lines.find((line) => line.includes(` ${inode} `)) ?? '';
        assert.equal(last.split(' ').at(-1), dead.id);
        if (empty === undefined) return;
        const { ino = '', since = '' } = empty.namespace ?? {};
        assert.ok(readHook(HOOKS.atOnce).includes(` ${ino} ${since} `), 'the other one is run for it');
        assert.equal(readHook(HOOKS.settled).includes(` ${ino} ${since} `), false);
      },
    ],
    [
      'kill -9 and start of dockerd alone, its container alive: the namespace ends with the container',
      async (note) => {
        const mark = watch.mark();
        await server.kill('SIGKILL');
        server = await startDocker();
        const running = await docker('inspect', '-f', '{{.State.Running}}', 'dead');
        note(`Docker says of the container: running ${running}`);
        const gone = ({ type, namespace }: Told): boolean => type === 'destroyed' && namespace?.ino === inode;
        if (!hasProcess(inode)) await watch.event('the end', mark, gone);
        else assert.equal((await entry(dead.path))?.namespace?.ino, inode);
        const told = watch.since(mark, dead.path).map(({ type }) => type);
        note(`told of its name: ${told.join(', ')}`);
      },
    ],
  ],
});

/** A line for each new name: type, inode, time and owner. */
function hook(file: string, ...options: string[]): void {
  const command = `echo "$NLINK_TYPE $NLINK_INODE $NLINK_SINCE $NLINK_OWNER_ID" >> ${file}`;
  const watching = ['watch', '--containers', '--no-snapshot', '-e', 'created,mounted', ...options];
  daemon(process.execPath, [MAIN, ...watching, '--exec', command]);
}

const readHook = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const appears = ({ type }: Told): boolean => type === 'created' || type === 'mounted';

/** The processes here of these programs, by the name of their file. */
function running(named: RegExp): number[] {
  const matches = (pid: string): boolean => {
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return named.test(basename(program));
  };
  return processes().filter(matches).map(Number);
}
