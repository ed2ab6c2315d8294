/**
 * Programs that run without privilege although the sandbox has all: as nobody where that user
 * exists in the sandbox's user namespace, else (the tests themselves were started by an ordinary
 * user) without any capability, which comes to the same.
 */
import './sandbox.ts';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const NOBODY = '65534';
const project = fileURLToPath(new URL('../../..', import.meta.url));

let open: { project: string; node: string } | undefined;

/**
 * Starts a script of this project by Node, without privilege. It dies with this process.
 * @param script its path
 */
export function spawnOrdinary(script: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const [command, ...rest] = ordinaryCommand(script, ...args);
  return spawn(command, rest);
}

/** The command that {@link spawnOrdinary} runs; for whoever has to be its parent. */
export function ordinaryCommand(script: string, ...args: string[]): [string, ...string[]] {
  const drop = hasNobody()
    ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
    : ['--inh-caps=-all', '--bounding-set=-all'];
  open ??= hasNobody() ? makeReadable() : { project, node: process.execPath };
  const command = [open.node, join(open.project, relative(project, script)), ...args];
  // The parent-death signal is lost with a change of user, so it is set after.
  return ['setpriv', ...drop, 'setpriv', '--pdeathsig', 'KILL', ...command];
}

/**
 * Words before a command that runs in a user namespace of its own, where a sysctl is 0, without any
 * capability there.
 * @param sysctl below /proc/sys
 */
export const forbidding = (sysctl: string): readonly string[] => [
  'unshare',
  '-Ur',
  'sh',
  '-c',
  `echo 0 > /proc/sys/${sysctl} && exec setpriv --inh-caps=-all --bounding-set=-all "$@"`,
  'sh',
];

/** Whether the user namespace maps another user than our own: user_namespaces(7), uid_map. */
function hasNobody(): boolean {
  return Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2]) > Number(NOBODY);
}

/**
 * The project and Node may lie below a directory that others may not search, such as /root: mounted
 * where all may.
 */
function makeReadable(): { project: string; node: string } {
  const place = { project: '/mnt/project', node: '/mnt/node' };
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', dirname(place.node)]);
  mkdirSync(place.project);
  writeFileSync(place.node, '', { mode: 0o755 });
  execFileSync('mount', ['--bind', project, place.project]);
  execFileSync('mount', ['--bind', process.execPath, place.node]);
  return place;
}
