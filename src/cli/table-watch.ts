/** The entry of `nlink watch` in the table of commands. */
import type { NamespaceIdEvent } from '../watch/nsid-events.ts';
import type { UnifiedEvent } from '../watch/unified-events.ts';
import type { Command } from './command.ts';
import { DIRECTORIES } from './table-common.ts';

export type NamespaceEventType = UnifiedEvent['type'];
export type IdEventType = NamespaceIdEvent['type'];

/** Every type of event of namespaces, and what it means. */
export const NAMESPACE_EVENTS: Readonly<Record<NamespaceEventType, string>> = {
  created: 'a name appeared, and can be entered, or why it cannot',
  mounted: 'a name that was not ready can be entered now',
  unmounted: 'the namespace left the name, whose file still stands',
  deleted: 'the name is gone; its namespace may live on without it',
  nsidAssigned: 'a namespace was assigned an id (nsid)',
  destroyed: 'a namespace that had an id is no more',
  resynced: 'the kernel lost events; what differed was told before this',
  idsUnavailable: 'it goes on with names alone, without ids, and why',
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
  summary: 'the network namespaces with their names and ids, then every change',
  description: [
    'Prints the network namespaces of this host that have a name, or an id (nsid) in',
    'this network namespace, then a line for each name that appears, can be entered,',
    'is unmounted or goes, each id that is assigned, and each end of a namespace that',
    'had one, until Ctrl-C. The directory need not exist yet. With --ids: ids alone,',
    'as the kernel tells of them. No privilege is needed.',
  ],
  arguments: [],
  noMoreArguments: 'a directory is given with --directory',
  options: [
    { ...DIRECTORIES, notWith: ['ids'] },
    {
      name: 'containers',
      notWith: ['ids'],
      help: ['also the directories of Docker and rootless Podman'],
    },
    { name: 'json', short: 'j', help: ['one JSON object a line'] },
    { name: 'no-snapshot', help: ['changes only, not what is there at the start'] },
    {
      name: 'events',
      short: 'e',
      value: 'LIST',
      completes: [...new Set([...Object.keys(NAMESPACE_EVENTS), ...Object.keys(ID_EVENTS)])],
      list: true,
      repeatable: true,
      help: ['print only these types of event, a list with commas'],
    },
    { name: 'directory-events', notWith: ['ids'], help: ['print also when the directory comes and goes'] },
    {
      name: 'ready-timeout',
      value: 'MS',
      notWith: ['ids'],
      help: [
        'hold a new name back until its namespace is mounted,',
        'at most so many milliseconds (default 1000; 0: not)',
      ],
    },
    {
      name: 'no-follow-symlinks',
      notWith: ['ids'],
      help: ['a symbolic link never counts as a namespace'],
    },
    { name: 'ids-off', notWith: ['ids'], help: ['names alone: no ids'] },
    {
      name: 'assign-ids',
      notWith: ['ids', 'ids-off'],
      help: [
        'give each namespace with a name an id, so that its',
        'end is seen. Changes the host for everybody in this',
        'network namespace; takes CAP_NET_ADMIN',
      ],
    },
    { name: 'ids', help: ['ids alone, as ip monitor nsid tells of them'] },
    {
      name: 'all-namespaces',
      onlyWith: 'ids',
      help: ['also what is told in namespaces with an id here;', 'takes CAP_NET_BROADCAST'],
    },
  ],
  sections: [
    { title: 'Types of event', rows: Object.entries(NAMESPACE_EVENTS) },
    { title: 'Types of event with --ids', rows: Object.entries(ID_EVENTS) },
  ],
  examples: [
    { line: 'nlink watch', does: 'everything, for the eye' },
    { line: 'nlink watch --json | jq .', does: 'for a program' },
    { line: 'nlink watch --no-snapshot -e created | head -1', does: 'wait for the next one' },
    { line: 'nlink watch --containers', does: 'and those of containers' },
    { line: 'nlink watch -e destroyed', does: 'what is gone for good' },
    { line: 'nlink watch --ids', does: 'ids, as ip monitor nsid' },
  ],
  success: 'ended by Ctrl-C, SIGTERM, SIGHUP, or nobody reads the output any more',
  load: async () => (await import('./commands/watch.ts')).watch,
};
