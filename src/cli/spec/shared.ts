/** What several entries of the table of commands have in common. */
import type { Argument, Option } from './types.ts';

/** What `nlink` is asked about; which one is meant: target.ts. */
export const TARGET: Argument = {
  name: 'target',
  value: 'NAME|PATH|PID',
  required: true,
  completes: 'target',
  help: [
    'the network namespace: its name in the directory, a path',
    '(with a slash), or a process in it (digits that are no name)',
  ],
};

/** For commands that look names up. */
export const DIRECTORIES: Option = {
  name: 'directory',
  short: 'd',
  value: 'DIR',
  completes: 'directory',
  repeatable: true,
  help: ['the directory of names (default /var/run/netns);', 'given again: this one as well'],
};

/** For commands that make or remove a name, which is in one directory. */
export const DIRECTORY: Option = {
  name: 'directory',
  short: 'd',
  value: 'DIR',
  completes: 'directory',
  help: ['the directory of names (default /var/run/netns)'],
};

/** For commands that look at processes. */
export const PROC: Option = {
  name: 'proc',
  value: 'DIR',
  completes: 'directory',
  help: [
    'where to look for processes (default /proc): in a',
    "container at the host's proc, such as /host/proc",
  ],
};

/** For commands that print one document. */
export const JSON_OBJECT: Option = { name: 'json', short: 'j', help: ['a JSON object'] };
export const JSON_ARRAY: Option = { name: 'json', short: 'j', help: ['a JSON array'] };

/** Of commands that can be told how long to wait; as timeout(1) ends then. */
export const TIMED_OUT: readonly [status: string, meaning: string] = ['124', 'the time was over'];

/** Of commands that tell a name that is missing from one that is there and stale. */
export const NOT_READY: readonly [status: string, meaning: string] = [
  '4',
  'it is there, but no namespace stands behind it',
];
