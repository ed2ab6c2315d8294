/**
 * Shows a fleet on one machine, as any user: a real nats-server, three hosts and the page. A host is
 * a sandbox (private network, mount and process namespaces, and a user namespace where this is not
 * root: unshare(1)) with an agent of its own, and namespaces that come and go. Ctrl-C ends all of it,
 * and nothing is left. nats-server is that in PATH, or else Debian's package, taken into a temporary
 * folder and not installed.
 *
 * | process              | where   | ends by                                            |
 * | -------------------- | ------- | -------------------------------------------------- |
 * | this one             | host    | Ctrl-C, SIGTERM, SIGHUP                            |
 * | nats-server          | host    | SIGTERM of this one, or with it (setpriv(1))       |
 * | nlink-fleet serve    | host    | the same                                           |
 * | this file, `inside`  | sandbox | the end of its stdin: that this one closes, or dies |
 * | nlink-fleet agent    | sandbox | SIGTERM of the one before; it says goodbye         |
 *
 * A sandbox has no network but its own loopback, so its agent reaches the server by a Unix socket
 * in the temporary folder, with a forwarder at each end.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const INSIDE = 'inside';
const HOSTS = ['node-1', 'node-2', 'edge'];
const PORT = 9479;
/** Nothing may reach the host's mounts; /run is empty, and /var/run leads to it. */
const SET_UP = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 nlink-demo /run
test "$(readlink -f /var/run)" = /run || mount --bind /run /var/run
ip link set lo up
exec "$@"`;
/** How long each may take to end. */
const PATIENCE = 6000;

const here = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL('../build/packages/fleet/src/cli/main.js', import.meta.url));
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

if (!existsSync(program)) fail(1, 'nlink-fleet is not built: npm run fleet:demo does both');
if (process.argv[2] === INSIDE) await beHost(...process.argv.slice(3));
else process.exitCode = await demo();

async function demo() {
  const way = sandbox();
  const folder = mkdtempSync(join(tmpdir(), 'nlink-fleet-demo-'));
  const running = [];
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ending.abort());
  process.stdout.on('error', () => ending.abort());
  const start = (words, stdio) => {
    // A group of its own: Ctrl-C is for this process, which ends the others in their order.
    const child = spawn(words[0], words.slice(1), { stdio, detached: true });
    const ended = once(child, 'exit').catch(() => {});
    running.push({ child, ended });
    void ended.then(() => ending.abort());
    return child;
  };
  try {
    const server = await startServer(folder, start, ending.signal);
    const { url, token } = server;
    const fleet = wrapper(folder, url, token);
    const init = spawnSync(fleet, ['init', '--quiet'], { encoding: 'utf8' });
    if (init.status !== 0) throw new Error(`init: ${init.stderr}${init.stdout}`);
    const socket = join(folder, 'nats.sock');
    const forwarder = await forward({ path: socket }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    for (const name of HOSTS)
      start([...way, process.execPath, here, INSIDE, name, socket, token], ['pipe', 'inherit', 'inherit']);
    const page = await serve(fleet, start, ending.signal);
    introduce(page, fleet, server.pid);
    if (!ending.signal.aborted) await once(ending.signal, 'abort');
    forwarder.unref();
    return 0;
  } catch (error) {
    if (ending.signal.aborted) return 0;
    console.error(`demo: ${error.message}`);
    return 1;
  } finally {
    process.stderr.write('\ndemo: ending\n');
    for (const { child, ended } of running.reverse()) await end(child, ended);
    rmSync(folder, { recursive: true, force: true });
    // Forwarded connections may be open yet.
    setImmediate(() => process.exit());
  }
}

/** What a command is put after, to be run in a sandbox. */
function sandbox() {
  if (spawnSync('ip', ['-V']).error !== undefined) fail(3, 'the demo needs ip(8): install iproute2');
  let reason = '';
  const user = process.getuid() === 0 ? ['', 'Ur'] : ['Ur'];
  // Where a process may not mount a /proc of its own, it sees more processes than it should.
  for (const spaces of user.flatMap((more) => [[`-${more}mnp`, '--fork', '--mount-proc'], [`-${more}mn`]])) {
    const way = ['unshare', ...spaces, 'sh', '-c', SET_UP, 'sh'];
    const probe = spawnSync(way[0], [...way.slice(1), 'true'], { encoding: 'utf8' });
    if (probe.error !== undefined) fail(3, 'the demo needs unshare(1): install util-linux');
    if (probe.status === 0) return way;
    reason = probe.stderr.trim().split('\n')[0];
  }
  console.error(`demo: private namespaces cannot be made here (${reason})`);
  return fail(
    3,
    process.getuid() === 0
      ? 'run it on the host, or in a container with --privileged'
      : 'this machine keeps them from ordinary users: sudo npm run fleet:demo',
  );
}

/** nats-server with JetStream, on a port that is free, for those who know the token. */
async function startServer(folder, start, signal) {
  const binary = findServer() ?? takeServer(folder);
  const token = join(folder, 'token');
  const secret = randomBytes(18).toString('base64url');
  writeFileSync(token, `${secret}\n`, { mode: 0o600 });
  const config = join(folder, 'nats.conf');
  const lines = [
    'host: "127.0.0.1"',
    'port: -1',
    `ports_file_dir: "${folder}"`,
    `log_file: "${folder}/nats.log"`,
    `authorization { token: "${secret}" }`,
    `jetstream { store_dir: "${folder}/jetstream" }`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const { pid } = start([...dyingWithThis(), binary, '-c', config], ['ignore', 'ignore', 'ignore']);
  for (let attempt = 0; attempt < 200 && !signal.aborted; attempt++) {
    await setTimeout(50);
    const ports = readdirSync(folder).find((name) => name.endsWith('.ports'));
    const text = ports === undefined ? '' : readFileSync(join(folder, ports), 'utf8');
    // It may be in the midst of being written.
    if (text.trimEnd().endsWith('}')) return { url: JSON.parse(text).nats[0], token, pid };
  }
  const log = join(folder, 'nats.log');
  throw new Error(`nats-server did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : binary}`);
}

function findServer() {
  return process.env['PATH']
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, 'nats-server'))
    .find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian's package, unpacked: that needs no root. */
function takeServer(folder) {
  console.error('demo: there is no nats-server in PATH; taking the package nats-server by apt-get download');
  const options = { cwd: folder, encoding: 'utf8' };
  const taken = spawnSync('apt-get', ['download', 'nats-server'], options);
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
  const unpacked = file === undefined ? taken : spawnSync('dpkg', ['-x', file, 'nats'], options);
  const found = ['usr/sbin', 'usr/bin', 'sbin', 'bin']
    .map((directory) => join(folder, 'nats', directory, 'nats-server'))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  const why = unpacked.error?.message ?? unpacked.stderr.trim().split('\n').at(-1);
  throw new Error(
    `no nats-server (${why}): install it, or put one from https://nats.io/download into PATH (after apt-get update it may be found)`,
  );
}

/** Ends a child with this process, however that ends. */
function dyingWithThis() {
  return spawnSync('setpriv', ['--version']).status === 0 ? ['setpriv', '--pdeathsig', 'TERM'] : [];
}

/** The command with its connection, for the terminal beside this one. */
function wrapper(folder, url, token) {
  const path = join(folder, 'nlink-fleet');
  const lines = [
    '#!/bin/sh',
    `export NATS_URL='${url}'`,
    'case "$1" in',
    '-* | "" | help | permissions) set -- "$@" ;;',
    `*) command=$1; shift; set -- "$command" --nats-token-file '${token}' "$@" ;;`,
    'esac',
    `exec '${process.execPath}' '${program}' "$@"`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o700 });
  return path;
}

/** @returns the address of the page */
async function serve(fleet, start, signal) {
  for (const port of [PORT, 0]) {
    const words = [...dyingWithThis(), fleet, 'serve', '--quiet', '--listen', `127.0.0.1:${port}`];
    const probe = createServer();
    const isFree = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (!isFree) continue;
    const child = start(words, ['ignore', 'pipe', 'inherit']);
    const [line] = await once(createInterface({ input: child.stdout }), 'line', { signal });
    return line.replace('listening on ', '');
  }
  throw new Error('no port is free');
}

function try_(words, does) {
  return `  ${words.padEnd(34)}${styleText('dim', does)}`;
}

function introduce(page, fleet, pid) {
  console.log(`${styleText('bold', page)}  the page: ${HOSTS.length} hosts, on which namespaces come and go

In another terminal:
  alias nlink-fleet=${fleet}
${try_('nlink-fleet list', 'hosts, and what is on them')}
${try_('nlink-fleet list --heads', 'hosts alone')}
${try_('nlink-fleet watch', 'every change on every host')}
${try_('nlink-fleet wait edge/web', 'until it is there')}
${try_(`kill -STOP ${pid}`, `the broker stands: all is stale; kill -CONT ${pid}: right again`)}

Ctrl-C ends all of it.`);
}

async function end(child, ended) {
  if (child.stdin === null) child.kill('SIGTERM');
  else child.stdin.end();
  const timer = new AbortController();
  const late = setTimeout(PATIENCE, undefined, { signal: timer.signal }).then(
    () => child.kill('SIGKILL'),
    () => {},
  );
  await Promise.race([ended, late]);
  timer.abort();
}

/** Passes connections on. @returns the server, which listens */
async function forward(listen, open) {
  const server = createServer((from) => {
    const to = open();
    for (const [one, other] of [
      [from, to],
      [to, from],
    ]) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(listen);
  await once(server, 'listening');
  return server;
}

/** In the sandbox: an agent, and something to publish, until stdin ends. */
async function beHost(name, socket, token) {
  const forwarder = await forward({ port: 0, host: '127.0.0.1' }, () => connect(socket));
  const url = `nats://127.0.0.1:${forwarder.address().port}`;
  const words = [
    'agent',
    '--quiet',
    '--server',
    url,
    '--nats-token-file',
    token,
    '--key',
    name,
    '--name',
    name,
  ];
  const agent = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(agent, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const ending = new AbortController();
  const over = Promise.race([once(process.stdin.resume(), 'end'), ended]).then(() => ending.abort());
  while (!ending.signal.aborted) {
    change();
    await Promise.race([setTimeout(500 + Math.random() * 3000), over]);
  }
  agent.kill('SIGTERM');
  await ended;
  process.exit();
}

function run(line) {
  spawnSync('ip', line.split(' '), { stdio: 'ignore' });
}

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}

/** A namespace more or less, or two of them connected. */
function change() {
  const there = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const free = ['web', 'db', 'cache', 'dns', 'vpn', 'lab', 'test', 'mail'].filter(
    (name) => !there.includes(name),
  );
  if (there.length > 2 && Math.random() < 0.3) return run(`netns del ${any(there)}`);
  if (free.length > 2 || Math.random() < 0.3) {
    const name = any(free);
    if (name === undefined) return;
    run(`netns add ${name}`);
    run(`-n ${name} link set lo up`);
    return;
  }
  const [a, b] = there.toSorted(() => Math.random() - 0.5);
  if (a === undefined || b === undefined) return;
  const link = randomBytes(2).toString('hex');
  run(`-n ${a} link add v${link} type veth peer name w${link} netns ${b}`);
  run(`-n ${a} link set v${link} up`);
}

function fail(status, message) {
  console.error(`demo: ${message}`);
  process.exit(status);
}
