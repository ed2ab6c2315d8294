/** The entries of `nlink ids`, `nlink id` and `nlink set` in the table of commands. */
import type { Command } from './types.ts';
import { DIRECTORIES, JSON_ARRAY, JSON_OBJECT, NOT_READY, TARGET } from './shared.ts';

export const IDS: Command = {
  name: 'ids',
  knownAs: ['list-id', 'nsids'],
  summary: 'the namespace ids of this network namespace, and whose they are',
  description: [
    'Prints the ids (nsid) that this network namespace, or another one, has for',
    'others, each with the names in the directory that stand for the same namespace.',
    'No privilege is needed without --target.',
  ],
  arguments: [],
  noMoreArguments: 'another namespace is given with --target, a directory with --directory',
  options: [
    {
      name: 'target',
      short: 't',
      value: 'NAME|PATH|PID',
      completes: 'target',
      help: [
        'the ids of that namespace; takes CAP_NET_ADMIN',
        'there, or CAP_SYS_ADMIN if it has no id here',
      ],
    },
    DIRECTORIES,
    JSON_ARRAY,
  ],
  sections: [
    {
      title: 'Columns',
      rows: [
        ['NSID', 'the id'],
        ['CURRENT', 'with --target: the id of the same namespace here'],
        ['NAMES', 'the names that stand for it; "(this namespace)" for your own'],
      ],
    },
  ],
  examples: [
    { line: 'nlink ids', does: 'as ip netns list-id, with all names' },
    { line: 'nlink ids --target blue', does: 'those of another namespace' },
    { line: "nlink ids --json | jq '.[].nsid'", does: 'for a program' },
  ],
  success: 'listed, also if there are none',
};

export const ID: Command = {
  name: 'id',
  summary: 'the id of one namespace',
  description: [
    'Prints the id (nsid) that a network namespace has in this one, or none if it has',
    'none. Assigns nothing. No privilege is needed.',
  ],
  arguments: [TARGET],
  options: [DIRECTORIES, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink id blue', does: 'by its name' },
    { line: 'nlink id 4711', does: 'that of a process' },
    { line: 'nlink id ./netns/blue', does: 'by a path' },
  ],
  success: 'printed, also if it has none',
  statuses: [NOT_READY],
};

export const SET: Command = {
  name: 'set',
  summary: 'assign an id to a namespace',
  description: [
    'Assigns an id (nsid) to a network namespace, as ip netns set does, and prints',
    'it. The namespace keeps it until it ends. Takes CAP_NET_ADMIN.',
  ],
  arguments: [
    TARGET,
    {
      name: 'nsid',
      value: 'ID|auto',
      required: true,
      completes: ['auto'],
      help: ['the id, 0 to 2147483647, or auto for the lowest that is free'],
    },
  ],
  options: [DIRECTORIES, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink set blue auto', does: 'any id' },
    { line: 'nlink set 4711 7', does: "a process's namespace, a certain id" },
  ],
  success: 'assigned',
};
