/** What several commands declare alike. */
import type { Argument, Option } from './types.ts';

/** The namespace that a command is about; args/target.ts reads it. */
export const TARGET: Argument = {
  name: 'target',
  value: 'NAME|PATH|PID',
  required: true,
  completes: 'target',
  help: [
    'the network namespace: a name in the directory, a path',
    '(with a slash), or the PID of a process in it',
  ],
};

/** For commands that look names up. */
export const DIRECTORIES: Option = {
  name: 'directory',
  short: 'd',
  value: 'DIR',
  completes: 'directory',
  repeatable: true,
  help: ['directory of names (default /var/run/netns);', 'can be repeated'],
};

/** For commands that make or remove a name, which is in one directory. */
export const DIRECTORY: Option = {
  name: 'directory',
  short: 'd',
  value: 'DIR',
  completes: 'directory',
  help: ['directory of names (default /var/run/netns)'],
};

/** For commands that look at processes. */
export const PROC: Option = {
  name: 'proc',
  value: 'DIR',
  completes: 'directory',
  help: ['procfs with the processes (default /proc); in a', "container the host's, such as /host/proc"],
};

/** For commands that print one document. */
export const JSON_OBJECT: Option = { name: 'json', short: 'j', help: ['print a JSON object'] };
export const JSON_ARRAY: Option = { name: 'json', short: 'j', help: ['print a JSON array'] };

/** Of commands with a time limit; the status of timeout(1). */
export const TIMED_OUT: readonly [status: string, meaning: string] = ['124', 'timed out'];

/** Of commands that tell a stale name from a missing one. */
export const NOT_READY: readonly [status: string, meaning: string] = [
  '4',
  'the name exists, but no namespace is mounted on it',
];
