/** The entry of `nlink watch` in the table of commands. */
import type { NamespaceEvent } from '../watch/events.ts';
import type { Command } from './command.ts';

export type EventType = NamespaceEvent['type'];

/** Every type of event and what it means. */
export const EVENTS: Readonly<Record<EventType, string>> = {
  created: 'a name appeared, and can be entered, or why it cannot',
  mounted: 'a name that was not ready can be entered now',
  unmounted: 'the namespace left the name, whose file still stands',
  deleted: 'the name is gone',
  resynced: 'the kernel lost events; what differed was told before this',
  directoryCreated: 'the directory of names appeared',
  directoryDeleted: 'the directory of names is gone',
};

export const WATCH: Command = {
  name: 'watch',
  summary: 'the named network namespaces that are there, then every change',
  description: [
    'Prints the named network namespaces of this host, then a line for each name',
    'that appears, can be entered, is unmounted or goes, until Ctrl-C. The directory',
    'need not exist yet. No privilege is needed.',
  ],
  arguments: [],
  noMoreArguments: 'a directory is given with --directory',
  options: [
    {
      name: 'directory',
      short: 'd',
      value: 'DIR',
      help: ['the directory of names (default /var/run/netns)'],
    },
    { name: 'json', short: 'j', help: ['one JSON object a line'] },
    { name: 'no-snapshot', help: ['changes only, not what is there at the start'] },
    {
      name: 'events',
      short: 'e',
      value: 'LIST',
      repeatable: true,
      help: ['print only these types of event, a list with commas'],
    },
    { name: 'directory-events', help: ['print also when the directory comes and goes'] },
    {
      name: 'ready-timeout',
      value: 'MS',
      help: [
        'hold a new name back until its namespace is mounted,',
        'at most so many milliseconds (default 1000; 0: not)',
      ],
    },
    { name: 'no-follow-symlinks', help: ['a symbolic link never counts as a namespace'] },
  ],
  sections: [{ title: 'Types of event', rows: Object.entries(EVENTS) }],
  examples: [
    { line: 'nlink watch', does: 'everything, for the eye' },
    { line: 'nlink watch --json | jq -r .name', does: 'for a program' },
    { line: 'nlink watch --no-snapshot -e created | head -1', does: 'wait for the next one' },
    { line: 'nlink watch -d /run/docker/netns', does: 'those of Docker' },
  ],
  success: 'ended by Ctrl-C, SIGTERM, SIGHUP, or nobody reads the output any more',
  load: async () => (await import('./commands/watch.ts')).watch,
};
