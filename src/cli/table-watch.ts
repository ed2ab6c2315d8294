/** The entry of `nlink watch` in the table of commands. */
import type { NamespaceEvent } from '../watch/events.ts';
import type { NamespaceIdEvent } from '../watch/nsid-events.ts';
import type { Command } from './command.ts';

export type NameEventType = NamespaceEvent['type'];
export type IdEventType = NamespaceIdEvent['type'];

/** Every type of event of names, and what it means. */
export const NAME_EVENTS: Readonly<Record<NameEventType, string>> = {
  created: 'a name appeared, and can be entered, or why it cannot',
  mounted: 'a name that was not ready can be entered now',
  unmounted: 'the namespace left the name, whose file still stands',
  deleted: 'the name is gone',
  resynced: 'the kernel lost events; what differed was told before this',
  directoryCreated: 'the directory of names appeared',
  directoryDeleted: 'the directory of names is gone',
};

/** Every type of event of ids, and what it means. */
export const ID_EVENTS: Readonly<Record<IdEventType, string>> = {
  newNsId: 'a namespace was assigned an id',
  delNsId: 'an id was removed, since its namespace is no more',
  resynced: 'events were lost; what differed was told before this',
};

export const WATCH: Command = {
  name: 'watch',
  summary: 'the network namespaces, by name or by id, then every change',
  description: [
    'Prints the named network namespaces of this host, then a line for each name',
    'that appears, can be entered, is unmounted or goes, until Ctrl-C. The directory',
    'need not exist yet. With --ids: the ids of namespaces (nsid) that this network',
    'namespace has, then each that is assigned or removed. No privilege is needed.',
  ],
  arguments: [],
  noMoreArguments: 'a directory is given with --directory',
  options: [
    {
      name: 'directory',
      short: 'd',
      value: 'DIR',
      notWith: 'ids',
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
    { name: 'directory-events', notWith: 'ids', help: ['print also when the directory comes and goes'] },
    {
      name: 'ready-timeout',
      value: 'MS',
      notWith: 'ids',
      help: [
        'hold a new name back until its namespace is mounted,',
        'at most so many milliseconds (default 1000; 0: not)',
      ],
    },
    {
      name: 'no-follow-symlinks',
      notWith: 'ids',
      help: ['a symbolic link never counts as a namespace'],
    },
    { name: 'ids', help: ['ids of namespaces, not names'] },
    {
      name: 'all-namespaces',
      onlyWith: 'ids',
      help: ['also what is told in namespaces with an id here;', 'takes CAP_NET_BROADCAST'],
    },
  ],
  sections: [
    { title: 'Types of event', rows: Object.entries(NAME_EVENTS) },
    { title: 'Types of event with --ids', rows: Object.entries(ID_EVENTS) },
  ],
  examples: [
    { line: 'nlink watch', does: 'everything, for the eye' },
    { line: 'nlink watch --json | jq -r .name', does: 'for a program' },
    { line: 'nlink watch --no-snapshot -e created | head -1', does: 'wait for the next one' },
    { line: 'nlink watch -d /run/docker/netns', does: 'those of Docker' },
    { line: 'nlink watch --ids', does: 'ids, as ip monitor nsid' },
  ],
  success: 'ended by Ctrl-C, SIGTERM, SIGHUP, or nobody reads the output any more',
  load: async () => (await import('./commands/watch.ts')).watch,
};
