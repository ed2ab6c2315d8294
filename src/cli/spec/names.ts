/**
 * The entries of the commands on names in the table of commands: what `ip netns` does, by the same
 * words.
 */
import type { Argument, Command } from './types.ts';
import { DIRECTORIES, DIRECTORY, JSON_ARRAY, JSON_OBJECT, PROC, TARGET } from './shared.ts';

/** What `--format` of `nlink list` may be. */
export const LIST_FORMATS = ['columns', 'ip'] as const;

const NEW_NAME: Argument = {
  name: 'name',
  value: 'NAME|PATH',
  required: true,
  help: ['the new name in the directory; with a slash: the path of', 'the file that is made'],
};

export const LIST: Command = {
  name: 'list',
  knownAs: ['ls', 'show'],
  summary: 'the network namespaces with their names, ids and processes',
  description: [
    'Prints the names of network namespaces with what stands behind each: its id in',
    'this network namespace (nsid), its inode, its id on this machine, and how many',
    'processes are in it; and namespaces without a name that have an id here. No',
    'privilege is needed, but only root can count the processes of others.',
  ],
  arguments: [],
  noMoreArguments: 'a directory is given with --directory',
  options: [
    DIRECTORIES,
    { name: 'containers', help: ['also the directories of Docker and rootless Podman'] },
    {
      name: 'all',
      short: 'a',
      notWith: ['format', 'no-processes', 'names'],
      help: ['also namespaces with neither a name nor an id here,', 'seen by the processes in them'],
    },
    {
      name: 'names',
      notWith: ['format', 'json', 'no-processes', 'verbose'],
      help: ['the names alone, one a line, be they ready or not'],
    },
    { name: 'ready', onlyWith: 'names', help: ['only those that can be entered'] },
    {
      name: 'null',
      short: '0',
      onlyWith: 'names',
      help: ['a NUL behind each instead of a newline, and nothing', 'escaped: for xargs -0'],
    },
    PROC,
    { name: 'no-processes', notWith: ['format'], help: ['count no processes'] },
    {
      name: 'verbose',
      short: 'v',
      notWith: ['format', 'no-processes'],
      help: ['say which processes could not be counted'],
    },
    { ...JSON_ARRAY, notWith: ['format'] },
    {
      name: 'format',
      value: 'FORMAT',
      completes: LIST_FORMATS,
      help: ['columns (default), or ip: what ip netns list prints'],
    },
  ],
  sections: [
    {
      title: 'Columns',
      rows: [
        ['NAME', 'the name; - for a namespace without one'],
        ['NSID', 'its id in this network namespace; most have none'],
        ['NAMESPACE', 'as readlink /proc/PID/ns/net prints it'],
        ['ID', "the kernel's own number of it, never used again (Linux 6.18)"],
        ['PROCESSES', 'how many are in it, by their main threads; 2+: two or more'],
      ],
    },
  ],
  examples: [
    { line: 'nlink list', does: 'for the eye' },
    { line: 'nlink list --all', does: 'and what only processes are in' },
    { line: 'nlink list --json | jq length', does: 'for a program' },
    { line: 'nlink list --names', does: 'for a script' },
    { line: 'nlink list --format ip', does: 'in place of ip netns list' },
  ],
  success: 'listed, also if there are none',
};

export const ADD: Command = {
  name: 'add',
  knownAs: ['create', 'new', 'make'],
  summary: 'make a network namespace under a new name',
  description: [
    'Makes a network namespace and gives it a name, as ip netns add does, with the',
    'directory if that is missing. Its loopback device is down. Takes CAP_SYS_ADMIN.',
  ],
  arguments: [NEW_NAME],
  options: [DIRECTORY, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink add blue', does: 'as ip netns add blue' },
    { line: 'nlink add --json blue | jq -r .path', does: 'where it is' },
  ],
  success: 'made',
};

export const DELETE: Command = {
  name: 'delete',
  aliases: ['del'],
  knownAs: ['rm', 'remove', 'unlink'],
  summary: 'take names off network namespaces',
  description: [
    'Deletes names, as ip netns delete does. The namespace itself ends when nothing',
    'uses it any more; if its nsid shows that it lives on, a note says so. The empty',
    'file of a former namespace is removed as well, unless a namespace is mounted on',
    'it in another mount namespace, or that cannot be told: removing the file would',
    'end it there. Anything else is left alone. Goes on after a failure. Takes',
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
    { name: 'all', short: 'a', help: ['all names in the directory, as ip -all netns delete'] },
    {
      name: 'force',
      short: 'f',
      help: ['also a name whose namespace may be in use elsewhere'],
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
  summary: 'give the network namespace of a process a name',
  description: [
    'Gives the network namespace that a process is in one more name, as ip netns',
    'attach does: from then on it lives without the process. Takes CAP_SYS_ADMIN.',
  ],
  arguments: [
    NEW_NAME,
    {
      name: 'target',
      value: 'PID|PATH|NAME',
      required: true,
      completes: 'target',
      help: [
        'the network namespace: a process in it (digits), a path',
        '(with a slash), or another name of it',
      ],
    },
  ],
  options: [DIRECTORY, JSON_OBJECT],
  sections: [],
  examples: [
    { line: 'nlink attach blue 4711', does: 'as ip netns attach blue 4711' },
    { line: 'nlink attach azure blue', does: 'a second name' },
  ],
  success: 'made',
};

export const IDENTIFY: Command = {
  name: 'identify',
  summary: 'the names of the network namespace of a process',
  description: [
    'Prints every name of the network namespace that a process is in, one a line. A',
    'note says which it is if it has none. No privilege is needed for your own',
    'processes.',
  ],
  arguments: [
    {
      name: 'pid',
      value: 'PID',
      required: false,
      completes: 'pid',
      help: ['the process; self, the default, is nlink itself, which is', 'where your shell is'],
    },
  ],
  options: [
    DIRECTORIES,
    { name: 'containers', help: ['also the directories of Docker and rootless Podman'] },
    PROC,
    { name: 'long', short: 'l', help: ['behind each name the inode, the id and the nsid'] },
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink identify', does: 'where am I?' },
    { line: 'nlink identify 4711', does: 'where is that process?' },
  ],
  success: 'printed, also if it has no name',
};

export const PIDS: Command = {
  name: 'pids',
  summary: 'the processes in a network namespace',
  description: [
    'Prints the ids of the processes that are in a network namespace, one a line, as',
    'ip netns pids does. A note says so if there are processes that cannot be looked',
    'at: those of others, or outside of a container.',
  ],
  arguments: [TARGET],
  options: [
    DIRECTORIES,
    {
      name: 'threads',
      help: ['a process counts by any of its threads, not only by', 'the main one'],
    },
    PROC,
    JSON_ARRAY,
  ],
  sections: [],
  examples: [
    { line: 'nlink pids blue', does: 'as ip netns pids blue' },
    { line: 'nlink pids --json 4711', does: 'and their programs, where that one is' },
    { line: 'nlink pids blue | xargs -r kill', does: 'end them' },
  ],
  success: 'printed, also if there are none',
};
