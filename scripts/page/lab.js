/**
 * An invented host, in the sandbox of whoever calls: containers behind a bridge, routers in a
 * chain, a tunnel, sandboxes with `lo` alone, and a name that was made to do harm. Everything is
 * real but for the control groups of the containers: files mounted over theirs in procfs, in the
 * mount namespace of the sandbox.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';

/** Markup, a newline, and a mark that turns the direction of text. */
const HOSTILE = '<img src=x onerror=alert(1)>\n\u202egnp.exe';
const CONTAINERS = ['web', 'api', 'cache', 'queue', 'db', 'mail'];
const ROUTERS = ['r1', 'r2', 'r3'];
const SANDBOXES = 5;

const ip = (...words) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] });

/** Starts `sleep` in a new namespace. @returns its process */
async function hold(owner) {
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', '--net', 'sh', '-c', 'echo; exec sleep infinity'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  if (owner !== undefined) {
    const file = `/run/lab/${child.pid}`;
    writeFileSync(file, `0::${owner}\n`);
    execFileSync('mount', ['--bind', file, `/proc/${child.pid}/cgroup`]);
  }
  return child;
}

/** A text that looks like the id of a container, the same each time. */
const idOf = (name) => createHash('sha256').update(`nlink lab ${name}`).digest('hex');

/** Twice the same end of a wire: here, and in a namespace. */
function plug(near, far, where, name) {
  ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
  ip('link', 'set', far, 'netns', String(where), 'name', name);
}

/** @returns what ends it: the processes are killed */
export async function makeLab() {
  mkdirSync('/run/lab', { recursive: true });
  const held = [];
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'docker0', 'type', 'bridge');
  ip('addr', 'add', '172.17.0.1/16', 'dev', 'docker0');
  for (const [at, name] of CONTAINERS.entries()) {
    const container = await hold(`/system.slice/docker-${idOf(name)}.scope`);
    held.push(container);
    const near = `veth${idOf(name).slice(0, 7)}`;
    plug(near, `tmp${at}`, container.pid, 'eth0');
    ip('link', 'set', near, 'master', 'docker0', 'up');
    const inside = (...words) => execFileSync('nsenter', ['-t', `${container.pid}`, '-n', 'ip', ...words]);
    inside('addr', 'add', `172.17.0.${at + 2}/16`, 'dev', 'eth0');
    inside('link', 'set', 'lo', 'up');
    // One that somebody forgot to set up.
    if (name !== 'queue') inside('link', 'set', 'eth0', 'up');
  }
  ip('link', 'set', 'docker0', 'up');
  for (const name of ROUTERS) ip('netns', 'add', name);
  for (const [at, name] of ROUTERS.slice(0, -1).entries()) {
    const [here, there] = [`to-${ROUTERS[at + 1]}`, `to-${name}`];
    ip('-n', name, 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', ROUTERS[at + 1]);
    for (const [where, link, host] of [
      [name, here, 1],
      [ROUTERS[at + 1], there, 2],
    ]) {
      ip('-n', where, 'addr', 'add', `10.9.${at}.${host}/30`, 'dev', link);
      ip('-n', where, 'link', 'set', link, 'up');
      ip('-n', where, 'link', 'set', 'lo', 'up');
    }
  }
  plug('uplink', 'tmpup', 'r1', 'uplink');
  ip('link', 'set', 'uplink', 'up');
  ip('-n', 'r1', 'link', 'set', 'uplink', 'up');
  ip('link', 'add', 'vx100', 'type', 'vxlan', 'id', '100', 'remote', '192.0.2.7', 'dstport', '4789');
  ip('netns', 'add', HOSTILE);
  plug('to-evil', 'tmpevil', HOSTILE, 'eth0');
  for (let at = 0; at < SANDBOXES; at++) held.push(await hold(`/system.slice/sandbox@${at}.service`));
  return {
    /** A name whose box is worth opening. */
    opened: 'r2',
    /** Something happens: a name comes with its namespace and a wire, another wire goes down. */
    happen() {
      ip('netns', 'add', 'late');
      plug('to-late', 'tmplate', 'late', 'eth0');
      ip('-n', 'r2', 'link', 'set', 'to-r3', 'down');
    },
    /** One ends: for some seconds it is shown greyed. */
    die: () => void ip('netns', 'del', 'late'),
    /** As before it. */
    again: () => void ip('-n', 'r2', 'link', 'set', 'to-r3', 'up'),
    end() {
      for (const child of held) child.kill('SIGKILL');
    },
  };
}

/**
 * Runs this script again in a sandbox, unless it is in it: with processes of its own, so that none
 * of the host's is shown. @returns whether it is in it
 */
export function enterSandbox(mark) {
  if (process.env[mark] === '1') return true;
  const setUp = 'set -e; mount --make-rprivate /; mount -t tmpfs -o mode=755 tmpfs /run; "$@"';
  const command = ['-mnpf', '--mount-proc', 'sh', '-c', setUp, 'sh', process.execPath];
  const { status, error } = spawnSync('unshare', [...command, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: '1' },
  });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
  return false;
}
