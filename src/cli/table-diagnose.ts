/** The entries of `nlink explain` and `nlink doctor` in the table of commands. */
import type { Command } from './command.ts';
import { DIRECTORIES, JSON_OBJECT } from './table-common.ts';

export const EXPLAIN: Command = {
  name: 'explain',
  summary: 'everything known of one namespace, and what keeps it alive',
  description: [
    'Prints the names, identity and owner of a network namespace, and what keeps it',
    'alive: processes, open descriptors, mounts, sockets of processes elsewhere and',
    'watches; and what could not be looked at. Changes nothing. Without privilege',
    'only what belongs to this user can be seen.',
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
    { name: 'containers', help: ['also names in the directories of Docker and rootless', 'Podman'] },
    { name: 'all', short: 'a', help: ['every holder, not the first 20 of each kind'] },
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink explain blue', does: 'by its name' },
    { line: 'nlink explain nsid:7', does: 'one that has lost its name' },
    { line: 'nlink explain net:[4026532178]', does: 'as readlink and lsns name it' },
    { line: 'nlink explain 4711 --json', does: "a process's, for a program" },
  ],
  success: 'explained, also if nothing keeps it alive that can be seen',
  load: async () => (await import('./commands/explain.ts')).explain,
};
