/**
 * Shows `nlink watch` by itself, as any user, in about five seconds: runs itself again in private
 * network and mount namespaces (and a user namespace where it is not root: unshare(1)) with an
 * empty tmpfs on /run, and lets real network namespaces come and go there. The host is never
 * touched, and everything is gone with the last process.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const INSIDE = 'inside';
/** Nothing may reach the host's mounts; /run is empty, and /var/run leads to it. Then the demo. */
const SET_UP = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 nlink-demo /run
test "$(readlink -f /var/run)" = /run || mount --bind /run /var/run
exec "$@"`;

const here = fileURLToPath(import.meta.url);
const command = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

if (!existsSync(command)) fail(1, 'nlink is not built: npm run demo does both');
process.exitCode = process.argv[2] === INSIDE ? await perform() : await enterSandbox();

/** Runs this file in a sandbox, and ends as that run ends. */
async function enterSandbox() {
  let reason = '';
  // In a container even root may need a user namespace for it.
  for (const way of process.getuid() === 0 ? ['-mn', '-Urmn'] : ['-Urmn']) {
    const sandbox = [way, 'sh', '-c', SET_UP, 'sh'];
    const probe = spawnSync('unshare', [...sandbox, 'true'], { encoding: 'utf8' });
    if (probe.error !== undefined) fail(3, 'the demo needs unshare(1): install util-linux');
    if (probe.status === 0) return runInside(sandbox);
    reason = probe.stderr.trim().split('\n')[0];
  }
  console.error(`demo: private namespaces cannot be made here (${reason})`);
  const advice =
    process.getuid() === 0
      ? 'run it on the host, or in a container with --privileged'
      : 'this machine keeps them from ordinary users: sudo npm run demo';
  return fail(3, advice);
}

async function runInside(sandbox) {
  const child = spawn('unshare', [...sandbox, process.execPath, here, INSIDE], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; whoever ends this process otherwise means the
  // child too.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [status] = await once(child, 'exit');
  return status ?? 1;
}

/** The demo itself: names, then a namespace that outlives its name. */
async function perform() {
  const watch = spawn(process.execPath, [command, 'watch'], { stdio: ['ignore', 'inherit', 'pipe'] });
  const ended = once(watch, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(watch, 130));
  process.stdout.on('error', () => end(watch, 0));

  announce('nlink watch &');
  watch.stderr.pipe(process.stderr);
  // Its first words: it waits for the directory, which is not there.
  await Promise.race([once(watch.stderr, 'data'), ended]);
  await setTimeout(500);

  const { add, remove, assign } = await tools();
  await add('blue');
  await add('red');
  await remove('blue');
  await assign('red');
  const { left } = await hold('red', 1.5);
  await remove('red');
  await left;
  await setTimeout(300);

  announce('kill %1');
  watch.kill();
  const [status] = await ended;
  return status ?? 1;
}

/**
 * Namespaces are made by ip(8), the way everybody knows, or by nlink itself where there is none.
 */
async function tools() {
  if (spawnSync('ip', ['-V']).status === 0) {
    return {
      add: (name) => shell(`ip netns add ${name}`),
      remove: (name) => shell(`ip netns del ${name}`),
      assign: (name) => shell(`ip netns set ${name} auto`),
    };
  }
  const { createNamespace, deleteNamespace } = await import('../dist/index.js');
  return {
    add: (name) => step(`createNamespace('${name}')`, () => createNamespace(name)),
    remove: (name) => step(`deleteNamespace('${name}')`, () => deleteNamespace(name)),
    assign: (name) => shell(`"${process.execPath}" "${command}" set ${name} auto`, `nlink set ${name} auto`),
  };
}

/** A process in the namespace, for so many seconds. @returns its end, once it is inside */
async function hold(name, seconds) {
  const line = `nsenter --net=/run/netns/${name} sleep ${seconds}`;
  announce(`${line} &`);
  const held = spawn('nsenter', [`--net=/run/netns/${name}`, 'sh', '-c', `echo; exec sleep ${seconds}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const left = once(held, 'exit');
  await Promise.race([once(held.stdout, 'data'), left]);
  await setTimeout(300);
  return { left };
}

/** Runs a line of a shell. @param shown what is said of it */
async function shell(line, shown = line) {
  await step(shown, () =>
    once(spawn('sh', ['-c', line], { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit'),
  );
}

/** Says what is done, does it, and leaves time to see what comes of it. */
async function step(line, action) {
  announce(line);
  await action();
  await setTimeout(500);
}

function announce(line) {
  process.stdout.write(`${styleText('bold', `$ ${line}`)}\n`);
}

function end(watch, status) {
  watch.kill();
  process.exit(status);
}

function fail(status, message) {
  console.error(`demo: ${message}`);
  process.exit(status);
}
