/** What the commands on names declare: those of `ip netns`, by the same words. */
import type { Argument, Command } from './types.ts';
import { DIRECTORIES, DIRECTORY, JSON_ARRAY, JSON_OBJECT, PROC, TARGET } from './shared.ts';

/** What `--format` of `nlink list` may be. */
export const LIST_FORMATS = ['columns', 'ip'] as const;

const NEW_NAME: Argument = {
  name: 'name',
  value: 'NAME|PATH',
  required: true,
  help: ['the new name in the directory; with a slash: the path of', 'the file to create'],
};

export const LIST: Command = {
  name: 'list',
  knownAs: ['ls', 'show', 'ns', 'netns'],
  summary: 'list network namespaces with names, nsids and processes',
  description: [
    'Prints each name with the nsid, inode and kernel id of its namespace, and the',
    'number of processes in it; then namespaces that have an nsid and no name.',
    'Requires no privilege, but without --all only root can count the processes of',
    'other users.',
  ],
  arguments: [
    {
      name: 'pattern',
      value: 'GLOB',
      required: false,
      several: 'words',
      notWith: ['all', 'leaks'],
      completes: 'name',
      help: ['list only names that match one of these: * ? [a-z] [!a]'],
    },
  ],
  options: [
    DIRECTORIES,
    { name: 'containers', help: ['include the directories of Docker and rootless Podman'] },
    {
      name: 'all',
      short: 'a',
      notWith: ['format', 'no-processes', 'names'],
      help: ['include namespaces with neither a name nor an nsid,', 'found by the processes in them'],
    },
    {
      name: 'sandboxes',
      onlyWith: 'all',
      notWith: ['json'],
      help: ['one line for each sandbox with nothing but lo, not one', 'for all'],
    },
    {
      name: 'leaks',
      notWith: ['all', 'format', 'no-processes', 'names', 'verbose'],
      help: [
        'list only those without a process that have no name,',
        'or that nothing holds but their names; status 1 if',
        'there are any',
      ],
    },
    {
      name: 'names',
      notWith: ['format', 'json', 'no-processes', 'verbose'],
      help: ['print only the names, one per line, ready or not'],
    },
    { name: 'ready', onlyWith: 'names', help: ['only names that can be entered'] },
    {
      name: 'null',
      short: '0',
      onlyWith: 'names',
      help: ['end each with a NUL, not a newline, and escape', 'nothing: for xargs -0'],
    },
    PROC,
    { name: 'no-processes', notWith: ['format'], help: ['do not count processes'] },
    {
      name: 'verbose',
      short: 'v',
      notWith: ['format', 'no-processes'],
      help: ['report which processes could not be counted'],
    },
    { ...JSON_ARRAY, notWith: ['format'] },
    {
      name: 'format',
      value: 'FORMAT',
      completes: LIST_FORMATS,
      help: ['columns (default), or ip: like ip netns list'],
    },
  ],
  sections: [
    {
      title: 'Columns',
      rows: [
        ['NAME', 'the name; - for a namespace without one, ? if unknown'],
        ['NSID', 'its nsid in this network namespace; most have none'],
        ['NAMESPACE', 'as readlink /proc/PID/ns/net prints it'],
        ['ID', 'its kernel id, which is never reused (Linux 6.18)'],
        ['PROCESSES', 'processes in it, by their main threads; 2+: two or more'],
        ['PID', 'the first of them; with --all'],
      ],
    },
  ],
  examples: [
    { line: 'nlink list', does: 'as a table' },
    { line: "nlink list 'web-*'", does: 'names that match' },
    { line: 'nlink list --all', does: 'with namespaces that only have processes' },
    { line: 'nlink list --json | jq length', does: 'for a program' },
    { line: 'nlink list --names', does: 'for a script' },
    { line: 'nlink list --leaks', does: 'those that were forgotten, for cron and CI' },
    { line: 'nlink list --format ip', does: 'instead of ip netns list' },
  ],
  success: 'listed, even if there are none',
  statuses: [['1', 'with --leaks: there are some']],
};

export const ADD: Command = {
  name: 'add',
  knownAs: ['create', 'new', 'make'],
  summary: 'create a network namespace with a new name',
  description: [
    'Creates a network namespace and gives it a name, like ip netns add. Creates the',
    'directory if it is missing. The loopback device is down. Requires CAP_SYS_ADMIN.',
  ],
  arguments: [NEW_NAME],
  options: [DIRECTORY, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink add blue', does: 'like ip netns add blue' },
    { line: 'nlink add --json blue | jq -r .path', does: 'prints its path' },
  ],
  success: 'created',
};

export const DELETE: Command = {
  name: 'delete',
  aliases: ['del'],
  knownAs: ['rm', 'remove', 'unlink'],
  summary: 'delete names of network namespaces',
  description: [
    'Deletes names, like ip netns delete. The namespace itself ends when nothing uses',
    'it any more; if its nsid shows that it is still alive, a note says so. Removes',
    'the empty file of a former namespace too, unless a namespace is, or may be,',
    'mounted on it in another mount namespace: removing the file would unmount it',
    'there. Leaves any other file alone. Continues after a failure. Requires',
    'CAP_SYS_ADMIN. nlink del is the same.',
  ],
  arguments: [
    {
      name: 'name',
      value: 'NAME|PATH',
      required: true,
      several: 'words',
      notWith: ['all'],
      completes: 'name',
      help: ['a name in the directory; with a slash: the path of its file'],
    },
  ],
  options: [
    DIRECTORY,
    { name: 'all', short: 'a', help: ['all names in the directory, like ip -all netns delete'] },
    {
      name: 'force',
      short: 'f',
      help: ['even if the namespace may be in use elsewhere'],
    },
    PROC,
    JSON_ARRAY,
  ],
  sections: [],
  examples: [
    { line: 'nlink delete blue red', does: 'two names' },
    { line: 'nlink delete -- -x', does: 'a name that begins with a dash' },
    { line: 'nlink delete --all', does: 'every name' },
  ],
  success: 'deleted',
};

export const ATTACH: Command = {
  name: 'attach',
  summary: 'name the network namespace of a process',
  description: [
    'Gives the network namespace of a process a name, like ip netns attach. The name',
    'keeps it alive without the process. Requires CAP_SYS_ADMIN.',
  ],
  arguments: [
    NEW_NAME,
    {
      name: 'target',
      value: 'PID|PATH|NAME',
      required: true,
      completes: 'target',
      help: [
        'the network namespace: the PID of a process in it, a path',
        '(with a slash), or another name of it',
      ],
    },
  ],
  options: [DIRECTORY, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink attach blue 4711', does: 'like ip netns attach blue 4711' },
    { line: 'nlink attach azure blue', does: 'a second name' },
  ],
  success: 'created',
};

export const IDENTIFY: Command = {
  name: 'identify',
  summary: 'print the names of the network namespace of a process',
  description: [
    'Prints every name of the network namespace of a process, one per line. If it has',
    'none, a note says which namespace it is. Requires no privilege for your own',
    'processes.',
  ],
  arguments: [
    {
      name: 'pid',
      value: 'PID',
      required: false,
      completes: 'pid',
      help: ['the process; self, the default, is nlink itself, in the', 'namespace of your shell'],
    },
  ],
  options: [
    DIRECTORIES,
    { name: 'containers', help: ['include the directories of Docker and rootless Podman'] },
    PROC,
    { name: 'long', short: 'l', help: ['add the inode, the kernel id and the nsid to each name'] },
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink identify', does: 'where am I?' },
    { line: 'nlink identify 4711', does: 'where is process 4711?' },
  ],
  success: 'printed, even if it has no name',
};

export const PIDS: Command = {
  name: 'pids',
  knownAs: ['ps', 'processes'],
  summary: 'list the processes in a network namespace',
  description: [
    'Prints the PIDs of the processes in a network namespace, one per line, like',
    'ip netns pids. A note says if there may be more: processes of other users, or',
    'outside of a container.',
  ],
  arguments: [TARGET],
  options: [
    DIRECTORIES,
    {
      name: 'threads',
      help: ['include a process if any of its threads is in the', 'namespace, not only the main one'],
    },
    PROC,
    JSON_ARRAY,
  ],
  sections: [],
  examples: [
    { line: 'nlink pids blue', does: 'like ip netns pids blue' },
    { line: 'nlink pids --json 4711', does: 'with their programs, next to PID 4711' },
    { line: 'nlink pids blue | xargs -r kill', does: 'end them' },
  ],
  success: 'printed, even if there are none',
};
