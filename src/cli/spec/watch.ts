/** The entry of `nlink watch` in the table of commands. */
import type { NamespaceIdEvent } from '../../watch/ids/nsid-events.ts';
import type { UnifiedEvent } from '../../watch/unified/unified-events.ts';
import type { Command } from './types.ts';
import { DIRECTORIES, PROC, TIMED_OUT } from './shared.ts';

export type NamespaceEventType = UnifiedEvent['type'];
export type NsidEventType = NamespaceIdEvent['type'];

/** What `--format` may be. */
export type Format = 'human' | 'json' | 'ip';
export const FORMATS: readonly Format[] = ['human', 'json', 'ip'];
/** How a line says when; without `--time` the local time, as on a clock. */
export type TimeStyle = 'clock' | 'none' | 'iso' | 'unix' | 'delta';
/** What `--time` may be. */
export const TIME_STYLES: readonly TimeStyle[] = ['none', 'iso', 'unix', 'delta'];

/** Every type of event of namespaces, and what it means. */
export const NAMESPACE_EVENTS: Readonly<Record<NamespaceEventType, string>> = {
  created: 'a name appeared, and can be entered, or why it cannot',
  mounted: 'a name that was not ready can be entered now',
  unmounted: 'the namespace left the name, whose file still stands',
  deleted: 'the name is gone; its namespace may live on without it',
  nsidAssigned: 'a namespace was assigned an id (nsid)',
  destroyed: 'a namespace that had an id is no more',
  resynced: 'the kernel lost events; what differed was told before this',
  nsidsUnavailable: 'it goes on with names alone, without ids, and why',
  directoryCreated: 'the directory of names appeared',
  directoryDeleted: 'the directory of names is gone',
};

/** Every type of event of ids, and what it means. */
export const NSID_EVENTS: Readonly<Record<NsidEventType, string>> = {
  newNsid: 'a namespace was assigned an id',
  delNsid: 'an id was removed, since its namespace is no more',
  resynced: 'events were lost; what differed was told before this',
};

/** Words of the lines for people that are no types of event: what they stand for. */
export const EVENT_WORDS: Readonly<Record<string, readonly NamespaceEventType[]>> = {
  assigned: ['nsidAssigned'],
  directory: ['directoryCreated', 'directoryDeleted'],
};

export const WATCH: Command = {
  name: 'watch',
  knownAs: ['monitor'],
  summary: 'the network namespaces with their names and ids, then every change',
  description: [
    'Prints the network namespaces of this host that have a name, or an id (nsid) in',
    'this network namespace, then a line for each name that appears, can be entered,',
    'is unmounted or goes, each id that is assigned, and each end of a namespace that',
    'had one, until Ctrl-C. The directory need not exist yet. With --ids: ids alone,',
    'as the kernel tells of them. No privilege is needed.',
  ],
  arguments: [
    {
      name: 'pattern',
      value: 'GLOB',
      required: false,
      several: 'words',
      completes: 'name',
      help: ['tell only of names that match one of these: * ? [a-z] [!a]'],
    },
  ],
  options: [
    { ...DIRECTORIES, notWith: ['ids'] },
    {
      name: 'containers',
      notWith: ['ids'],
      help: ['also those of Docker and rootless Podman'],
    },
    { ...PROC, notWith: ['ids'] },
    { name: 'json', short: 'j', help: ['one JSON object a line (as --format json)'] },
    {
      name: 'format',
      value: 'FORMAT',
      completes: FORMATS,
      notWith: ['json'],
      help: ['human, json, or ip: as ip netns monitor'],
    },
    {
      name: 'time',
      value: 'STYLE',
      completes: TIME_STYLES,
      help: ['none, iso, unix (seconds), delta (seconds since', 'the line before)'],
    },
    { name: 'no-snapshot', help: ['changes only, not what is there at the start'] },
    {
      name: 'snapshot',
      notWith: ['no-snapshot'],
      help: ['what is there as well, even with --format ip'],
    },
    {
      name: 'events',
      short: 'e',
      value: 'LIST',
      completes: [
        ...new Set([NAMESPACE_EVENTS, EVENT_WORDS, NSID_EVENTS].flatMap((words) => Object.keys(words))),
      ],
      list: true,
      repeatable: true,
      help: ['print only these types of event (with commas)'],
    },
    {
      name: 'count',
      value: 'N',
      help: ['end after so many events, without present ones'],
    },
    {
      name: 'for',
      knownAs: ['timeout', 'duration'],
      value: 'DURATION',
      help: ['end after so long (500ms, 2s, 5m); with 124 if', '--count was not reached'],
    },
    {
      name: 'exec',
      value: 'COMMAND',
      help: [
        'run it by sh for each event, which it has as',
        'JSON on stdin and as NLINK_* in its environment;',
        'one at a time for a namespace. No lines are',
        'printed then, but with --json or --format',
      ],
    },
    {
      name: 'exec-jobs',
      value: 'N',
      onlyWith: 'exec',
      help: ['so many at a time (default: one a processor)'],
    },
    {
      name: 'exec-timeout',
      value: 'DURATION',
      onlyWith: 'exec',
      help: ['end one that takes longer'],
    },
    {
      name: 'settle',
      value: 'DURATION',
      onlyWith: 'exec',
      notWith: ['ids'],
      help: [
        'run it for a new or mounted name only once',
        'nothing has happened to it for so long, and then',
        'for what has become of it',
      ],
    },
    { name: 'directory-events', notWith: ['ids'], help: ['print also when the directory comes and goes'] },
    {
      name: 'ready-timeout',
      value: 'MS',
      notWith: ['ids'],
      help: [
        'hold a new name back until its namespace is',
        'mounted, for so many milliseconds at most',
        '(default 1000, with --containers 3000; 0: not)',
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
        'give each namespace with a name an id, so that',
        'its end is seen. Changes the host for everybody',
        'in this network namespace; takes CAP_NET_ADMIN',
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
    { title: 'Types of event with --ids', rows: Object.entries(NSID_EVENTS) },
    {
      title: 'In the environment of --exec',
      rows: [
        ['NLINK_TYPE', 'what happened; the other fields of the JSON, where there are'],
        ['NLINK_NAME', 'the name; NLINK_PATH and NLINK_DIRECTORY: where it is'],
        ['NLINK_READY', 'true or false; NLINK_REASON: why it is not'],
        ['NLINK_NSID', "its id; NLINK_ID and NLINK_INODE: the kernel's numbers"],
        ['NLINK_OWNER_NAME', 'the container or unit in it; also NLINK_OWNER_KIND, _ID'],
      ],
    },
  ],
  examples: [
    { line: 'nlink watch', does: 'everything, for the eye' },
    { line: 'nlink watch --json | jq .', does: 'for a program' },
    { line: 'nlink watch --no-snapshot -e created | head -1', does: 'wait for the next one' },
    { line: "nlink watch 'web-*' --exec 'date; env'", does: 'for each, a command' },
    { line: 'nlink watch --containers', does: 'and those of containers' },
    { line: 'nlink watch -e destroyed', does: 'what is gone for good' },
    { line: 'nlink watch --ids', does: 'ids, as ip monitor nsid' },
  ],
  success: 'ended by Ctrl-C, SIGTERM, SIGHUP, --count, --for, or no reader any more',
  statuses: [[TIMED_OUT[0], 'the time of --for was over before --count was reached']],
};
