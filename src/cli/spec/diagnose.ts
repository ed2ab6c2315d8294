/** The entries of `nlink explain` and `nlink doctor` in the table of commands. */
import type { Command } from './types.ts';
import { DIRECTORIES, JSON_OBJECT, PROC } from './shared.ts';

export const EXPLAIN: Command = {
  name: 'explain',
  summary: 'everything known of one namespace, and what keeps it alive',
  description: [
    'Prints the names and identity of a network namespace, and what keeps it alive:',
    'processes, descriptors that are open or in flight, mounts, sockets of processes',
    'elsewhere and watches; and what could not be looked at. Changes nothing. Without',
    'privilege only what belongs to this user can be seen.',
  ],
  arguments: [
    {
      name: 'target',
      value: 'NAME|PATH|PID|ID',
      required: true,
      completes: 'target',
      help: [
        'the network namespace: its name in the directory, a path',
        '(with a slash), a process in it (digits that are no',
        'name), its id here as nsid:7, or its inode as',
        'net:[4026532178] or 4026532178, as lsns prints it',
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
        'an id is meant as that namespace has it, such as',
        'link-netnsid of ip -n; takes CAP_SYS_ADMIN',
      ],
    },
    { name: 'containers', help: ['also names in the directories of Docker and', 'rootless Podman'] },
    { name: 'all', short: 'a', help: ['every holder, not the first 20 of each kind'] },
    PROC,
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink explain blue', does: 'by its name' },
    { line: 'nlink explain nsid:7', does: 'one that has lost its name' },
    { line: 'nlink explain -t blue nsid:0', does: 'an id that is read in blue' },
    { line: 'nlink explain net:[4026532178]', does: 'as readlink and lsns name it' },
    { line: 'nlink explain 4711 --json', does: "a process's, for a program" },
  ],
  success: 'explained, also if nothing can be seen that keeps it alive',
};

export const DOCTOR: Command = {
  name: 'doctor',
  summary: 'can this process watch here, how well, and what to do if not',
  description: [
    'Looks at all that watching needs: Node and the C library, the directories and',
    'their mounts, inotify and its limits, netlink, features of the kernel, rights;',
    'and says of each whether it is ok, degraded or broken, and the remedy. Changes',
    'nothing without --try. No privilege is needed: run it as whoever will watch.',
  ],
  arguments: [],
  noMoreArguments: 'a directory is given with --directory',
  options: [
    DIRECTORIES,
    {
      name: 'try',
      help: [
        'make a namespace in the (first) directory, see it,',
        'and delete it: changes the host for a moment, and',
        'makes the directory if it is missing',
      ],
    },
    PROC,
    { name: 'strict', help: ['what is degraded counts as broken'] },
    JSON_OBJECT,
  ],
  sections: [
    {
      title: 'What a line says',
      rows: [
        ['ok', 'it works; what is not possible without more rights is no fault'],
        ['degraded', 'watching works, but not as well as it could'],
        ['broken', 'something cannot work until it is mended'],
      ],
    },
  ],
  examples: [
    { line: 'nlink doctor', does: 'everything, for the eye' },
    { line: 'nlink doctor --try', does: 'with the proof; as root' },
    { line: 'nlink doctor --strict --json', does: 'for a script: 1 if not all is well' },
  ],
  success: 'nothing is broken; with --strict: nothing is degraded either',
};
