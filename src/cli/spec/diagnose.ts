/** What `nlink explain` and `nlink doctor` declare. */
import type { Command } from './types.ts';
import { DIRECTORIES, JSON_OBJECT, PROC } from './shared.ts';

export const EXPLAIN: Command = {
  name: 'explain',
  knownAs: ['info', 'inspect'],
  summary: 'show everything known about a namespace, and what keeps it alive',
  description: [
    'Prints the names and identity of a network namespace, and what keeps it alive:',
    'processes, open descriptors and those in flight, mounts, sockets of processes in',
    'other namespaces, and watches. Lists what it could not inspect. Changes nothing.',
    'Without privilege it sees only what belongs to this user.',
  ],
  arguments: [
    {
      name: 'target',
      value: 'NAME|PATH|PID|ID',
      required: true,
      notWith: ['device'],
      completes: 'target',
      help: [
        'the network namespace: a name in the directory, a path',
        '(with a slash), the PID of a process in it, its nsid as',
        'nsid:7, or its inode as net:[4026532178] or 4026532178',
        '(lsns prints it); a link in one of these as blue:eth0,',
        'as nlink links prints it',
      ],
    },
  ],
  options: [
    DIRECTORIES,
    {
      name: 'target',
      short: 't',
      value: 'NAME|PATH|PID',
      completes: 'target',
      help: [
        'read nsid:N as an nsid of this namespace, such as',
        'link-netnsid of ip -n; requires CAP_SYS_ADMIN',
      ],
    },
    {
      name: 'device',
      knownAs: ['dev', 'link', 'interface'],
      value: 'LINK',
      notWith: ['target', 'all'],
      help: ['a link of this namespace: where it leads, and', 'whose that is'],
    },
    { name: 'containers', help: ['include the directories of Docker and rootless', 'Podman'] },
    { name: 'all', short: 'a', help: ['list every holder, not the first 20 of each kind'] },
    PROC,
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink explain blue', does: 'by its name' },
    { line: 'nlink explain nsid:7', does: 'a namespace without a name' },
    { line: 'nlink explain -t blue nsid:0', does: 'an nsid of the namespace blue' },
    { line: 'nlink explain net:[4026532178]', does: 'as readlink and lsns name it' },
    { line: 'nlink explain blue:eth0', does: 'a link in blue, and where it leads' },
    { line: 'nlink explain --device veth1a2b', does: 'whose container is behind it' },
    { line: 'nlink explain 4711 --json', does: 'of a process, as JSON' },
  ],
  success: 'explained, even if nothing visible keeps it alive',
};

export const DOCTOR: Command = {
  name: 'doctor',
  summary: 'check whether watching works here, and how to fix it',
  description: [
    'Checks everything that watching needs: Node and the C library, directories and',
    'their mounts, inotify and its limits, netlink, kernel features, permissions.',
    'Reports each as ok, degraded or broken, with a remedy. Changes nothing without',
    '--try. Requires no privilege: run it as the user who will watch.',
  ],
  arguments: [],
  noMoreArguments: 'give a directory with --directory',
  options: [
    DIRECTORIES,
    {
      name: 'try',
      help: [
        'create a namespace in the (first) directory, watch',
        'it, and delete it; creates the directory if it is',
        'missing',
      ],
    },
    PROC,
    { name: 'strict', help: ['treat degraded as broken'] },
    JSON_OBJECT,
  ],
  sections: [
    {
      title: 'Results',
      rows: [
        ['ok', 'it works; a missing permission is not a fault'],
        ['degraded', 'watching works, with limits'],
        ['broken', 'it does not work until it is fixed'],
      ],
    },
  ],
  examples: [
    { line: 'nlink doctor', does: 'all checks' },
    { line: 'nlink doctor --try', does: 'with a real namespace; as root' },
    { line: 'nlink doctor --strict --json', does: 'for a script: 1 unless all is ok' },
  ],
  success: 'nothing is broken; with --strict: nor degraded',
};
