/** What `nlink ids`, `nlink id` and `nlink set` declare. */
import type { Command } from './types.ts';
import { DIRECTORIES, JSON_ARRAY, JSON_OBJECT, NOT_READY, TARGET } from './shared.ts';

export const IDS: Command = {
  name: 'ids',
  knownAs: ['list-id', 'nsids'],
  summary: 'list the nsids of this network namespace, with names',
  description: [
    'Prints the nsids that this network namespace, or another one, has assigned, each',
    'with the names of its namespace. Requires no privilege without --target.',
  ],
  arguments: [],
  noMoreArguments: 'give another namespace with --target, a directory with --directory',
  options: [
    {
      name: 'target',
      short: 't',
      value: 'NAME|PATH|PID',
      completes: 'target',
      help: [
        'list the nsids of this namespace; requires',
        'CAP_NET_ADMIN there, or CAP_SYS_ADMIN if it has no',
        'nsid here',
      ],
    },
    DIRECTORIES,
    JSON_ARRAY,
  ],
  sections: [
    {
      title: 'Columns',
      rows: [
        ['NSID', 'the nsid'],
        ['CURRENT', 'with --target: the nsid of the same namespace here'],
        ['NAMES', 'names of the namespace; "(this namespace)" for your own'],
      ],
    },
  ],
  examples: [
    { line: 'nlink ids', does: 'like ip netns list-id, with all names' },
    { line: 'nlink ids --target blue', does: 'nsids of another namespace' },
    { line: "nlink ids --json | jq '.[].nsid'", does: 'for a script' },
  ],
  success: 'listed, even if there are none',
};

export const ID: Command = {
  name: 'id',
  summary: 'print the nsid of a namespace',
  description: [
    'Prints the nsid of a network namespace in this one, or "none". Assigns nothing.',
    'Requires no privilege.',
  ],
  arguments: [TARGET],
  options: [DIRECTORIES, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink id blue', does: 'by name' },
    { line: 'nlink id 4711', does: 'of a process' },
    { line: 'nlink id ./netns/blue', does: 'by path' },
  ],
  success: 'printed, even if it is none',
  statuses: [NOT_READY],
};

export const SET: Command = {
  name: 'set',
  summary: 'assign an nsid to a namespace',
  description: [
    'Assigns an nsid to a network namespace, like ip netns set, and prints it. The',
    'namespace keeps it until the kernel frees it. Requires CAP_NET_ADMIN.',
  ],
  arguments: [
    TARGET,
    {
      name: 'nsid',
      value: 'NSID|auto',
      required: true,
      completes: ['auto'],
      help: ['0 to 2147483647, or auto for the lowest one that is free'],
    },
  ],
  options: [DIRECTORIES, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink set blue auto', does: 'any free nsid' },
    { line: 'nlink set 4711 7', does: 'nsid 7, for the namespace of a process' },
  ],
  success: 'assigned',
};
