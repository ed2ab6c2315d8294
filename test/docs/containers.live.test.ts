/**
 * What docs/containers.md promises: the command in mount namespaces as systemd, container runtimes
 * and Kubernetes make them, at the least privilege. The test is the host.
 */
import { freshRun, ip } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { main, programOf } from '../cli/support/program.ts';
import type { Program } from '../cli/support/program.ts';
import { freshTable } from '../support/nsids.ts';
import { ip as ipStill } from '../support/sigstop.ts';
import { ordinaryCommand } from '../support/ordinary.ts';

/**
 * As a hardened unit or a container with a read-only root has it: neither below / nor in /run can
 * anything be written.
 */
const READ_ONLY = 'mount -o remount,bind,ro / && mount -o remount,bind,ro /run && exec "$@"';
const WATCH = ['watch', '--json', '--ready-timeout', '300'];

/**
 * A host whose mounts are shared, as systemd leaves them, and on which `ip netns` has been used.
 */
function host(t: TestContext): void {
  freshTable(t);
  freshRun(t);
  execFileSync('mount', ['--make-shared', '/run']);
  ip('netns', 'add', 'before');
  ip('netns', 'set', 'before', '3');
}

/** Starts the command inside, and waits until it watches. */
async function inside(t: TestContext, ...command: readonly string[]): Promise<Program> {
  const [program = '', ...args] = command;
  const started = programOf(t, spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  const present = await started.stdout.nextJson();
  assert.deepEqual([present['type'], present['name'], present['ready']], ['present', 'before', true]);
  return started;
}

/** The next line, as far as it is told here. */
async function next({ stdout }: Program): Promise<unknown[]> {
  const { type, name, ready, reason, nsid, alive } = await stdout.nextJson();
  return [type, name ?? null, ready ?? reason ?? alive ?? null, nsid ?? null];
}

test('a slave of the host, read-only, no capability, another user: names are ready, ids and ends are told', async (t) => {
  host(t);
  const command = ordinaryCommand(main, ...WATCH);
  const program = await inside(
    t,
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    'sh',
    '-c',
    READ_ONLY,
    'sh',
    'setpriv',
    '--no-new-privs',
    ...command,
  );
  await ipStill('netns', 'add', 'a');
  assert.deepEqual(await next(program), ['created', 'a', true, null]);
  await ipStill('netns', 'set', 'a', '7');
  assert.deepEqual(await next(program), ['nsidAssigned', null, null, 7]);
  await ipStill('netns', 'del', 'a');
  const [type, name] = await next(program);
  assert.deepEqual([type, name], ['deleted', 'a']);
  assert.deepEqual(await next(program), ['destroyed', null, null, 7]);
  program.child.kill('SIGTERM');
  assert.equal(await program.ended, 0);
});

for (const [what, options, seen] of [
  ["a user namespace of its own, the host's network", ['-Urm'], 3],
  ['a user namespace and a network of its own', ['-Urnm'], null],
] as const) {
  test(`${what}: names of the host are ready, ids are those of the network`, async (t) => {
    host(t);
    const program = programOf(
      t,
      spawn('unshare', [...options, '--propagation', 'slave', process.execPath, main, ...WATCH], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    assert.deepEqual(await next(program), ['present', 'before', true, seen]);
    await ipStill('netns', 'add', 'a');
    assert.deepEqual(await next(program), ['created', 'a', true, null]);
    await ipStill('netns', 'set', 'a', '7');
    if (seen !== null) assert.deepEqual(await next(program), ['nsidAssigned', null, null, 7]);
    await ipStill('netns', 'del', 'a');
    const [type, name] = await next(program);
    assert.deepEqual([type, name], ['deleted', 'a']);
  });
}

test('private: names from before are ready, new ones are not, and the reason is no-propagation', async (t) => {
  host(t);
  const program = await inside(
    t,
    'unshare',
    '--mount',
    '--propagation',
    'private',
    process.execPath,
    main,
    ...WATCH,
  );
  await ipStill('netns', 'add', 'a');
  const created = await program.stdout.nextJson();
  assert.deepEqual(
    [created['type'], created['ready'], created['reason']],
    ['created', false, 'no-propagation'],
  );
});

test("another directory in the directory's place: nothing of the host is seen, and nothing says so", async (t) => {
  host(t);
  const program = programOf(
    t,
    spawn(
      'unshare',
      [
        '-m',
        '--propagation',
        'slave',
        'sh',
        '-c',
        'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"',
        'sh',
        process.execPath,
        main,
        'watch',
        '--json',
        '--directory-events',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    ),
  );
  // The id of the host's namespace is seen, since that is a matter of the network; its name is not.
  assert.deepEqual(await next(program), ['present', null, null, 3]);
  await ipStill('netns', 'add', 'a');
  await ipStill('netns', 'set', 'a', '7');
  assert.deepEqual(await next(program), ['nsidAssigned', null, null, 7]);
});
