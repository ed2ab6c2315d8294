/** What `nlink watch` declares: its types of event, formats and options. */
import type { LinkEvent } from '../../watch/links/link-types.ts';
import type { NamespaceIdEvent } from '../../watch/ids/nsid-events.ts';
import type { LinksUnavailableEvent, UnifiedEvent } from '../../watch/unified/unified-events.ts';
import type { Command } from './types.ts';
import { linkOptions } from './links.ts';
import { DIRECTORIES, PROC, TIMED_OUT } from './shared.ts';

export type LinkEventType = LinkEvent['type'] | LinksUnavailableEvent['type'];
export type NamespaceEventType = Exclude<UnifiedEvent['type'], LinkEventType>;
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
  created: 'a name appeared; it can be entered, or why not',
  mounted: 'a name that was not ready can now be entered',
  unmounted: 'the namespace was unmounted; the file of the name remains',
  deleted: 'the name is gone; its namespace may still be alive',
  nsidAssigned: 'a namespace got an nsid',
  found: 'a namespace without a name was found (--all, --links)',
  destroyed: 'the kernel freed a namespace: nothing uses it any more',
  resynced: 'the kernel lost events; the differences came before this',
  nsidsUnavailable: 'nsids are not available, and why; names go on',
  deathsUnavailable: 'ends without an nsid are not reported any longer',
  directoryCreated: 'the directory of names appeared',
  directoryDeleted: 'the directory of names is gone',
};

/** Every type of event of links, with `--links`, and what it means. */
export const LINK_EVENTS: Readonly<Record<LinkEventType, string>> = {
  linkAdded: 'a link is there',
  linkChanged: 'something of a link is different, and what',
  linkMoved: 'a link moved to another namespace, and from where',
  linkRemoved: 'a link is gone',
  linksUnavailable: 'links are not reported any longer, and why',
};

/** Every type of event of `--nsids`, and what it means. */
export const NSID_EVENTS: Readonly<Record<NsidEventType, string>> = {
  newNsid: 'a namespace got an nsid',
  delNsid: 'an nsid was removed: the kernel freed its namespace',
  resynced: 'the kernel lost events; the differences came before this',
};

/** Words of the lines for people that are no types of event, and what they stand for. */
export const EVENT_WORDS: Readonly<Record<string, readonly (NamespaceEventType | LinkEventType)[]>> = {
  assigned: ['nsidAssigned'],
  added: ['linkAdded'],
  changed: ['linkChanged'],
  moved: ['linkMoved'],
  removed: ['linkRemoved'],
  directory: ['directoryCreated', 'directoryDeleted'],
};

export const WATCH: Command = {
  name: 'watch',
  knownAs: ['monitor'],
  summary: 'print network namespaces with names and nsids, then every change',
  description: [
    'Prints the network namespaces that have a name, or an nsid in this network',
    'namespace, then a line for every change until Ctrl-C: a name appears, can be',
    'entered, is unmounted or deleted; an nsid is assigned; the kernel frees a',
    'namespace. The directory may be missing. Requires no privilege.',
  ],
  arguments: [
    {
      name: 'pattern',
      value: 'GLOB',
      required: false,
      several: 'words',
      completes: 'name',
      help: ['report only names that match one of these: * ? [a-z] [!a]'],
    },
  ],
  options: [
    { ...DIRECTORIES, notWith: ['nsids'] },
    {
      name: 'all',
      short: 'a',
      notWith: ['nsids', 'no-deaths'],
      help: ['include namespaces without a name or an nsid that', 'processes are in, and say whose they are'],
    },
    {
      name: 'containers',
      notWith: ['nsids'],
      help: ['include those of Docker and rootless Podman'],
    },
    { ...PROC, notWith: ['nsids'] },
    { name: 'json', short: 'j', help: ['print a JSON object per line (as --format json)'] },
    {
      name: 'format',
      value: 'FORMAT',
      completes: FORMATS,
      notWith: ['json'],
      help: ['human (default), json, ip: like ip netns monitor'],
    },
    {
      name: 'time',
      value: 'STYLE',
      completes: TIME_STYLES,
      help: ['none, iso, unix (seconds), delta (seconds since', 'the previous line)'],
    },
    { name: 'no-snapshot', help: ['print changes only, not the state at the start'] },
    {
      name: 'snapshot',
      notWith: ['no-snapshot'],
      help: ['print the state at the start with --format ip too'],
    },
    {
      name: 'events',
      short: 'e',
      value: 'LIST',
      completes: [
        ...new Set(
          [NAMESPACE_EVENTS, LINK_EVENTS, EVENT_WORDS, NSID_EVENTS].flatMap((words) => Object.keys(words)),
        ),
      ],
      list: true,
      repeatable: true,
      help: ['print only these types of event, comma-separated'],
    },
    {
      name: 'count',
      value: 'N',
      help: ['stop after N events, not counting the state at', 'the start'],
    },
    {
      name: 'for',
      knownAs: ['timeout', 'duration'],
      value: 'DURATION',
      help: ['stop after this time (500ms, 2s, 5m); status 124', 'if --count was not reached'],
    },
    {
      name: 'exec',
      value: 'COMMAND',
      help: [
        'run this with sh for each event, which it gets as',
        'JSON on stdin and as NLINK_* in the environment;',
        'one at a time per namespace. Prints lines only',
        'with --json or --format then',
      ],
    },
    {
      name: 'exec-jobs',
      value: 'N',
      onlyWith: 'exec',
      help: ['run at most N hooks in parallel (default: number', 'of CPUs)'],
    },
    {
      name: 'exec-timeout',
      value: 'DURATION',
      onlyWith: 'exec',
      help: ['kill a hook that takes longer'],
    },
    {
      name: 'settle',
      value: 'DURATION',
      onlyWith: 'exec',
      notWith: ['nsids'],
      help: [
        'run the hook for a new or mounted name only after',
        'nothing has happened to it for this time, with',
        'what it has become by then',
      ],
    },
    {
      name: 'directory-events',
      notWith: ['nsids'],
      help: ['print when the directory appears and disappears'],
    },
    {
      name: 'ready-timeout',
      value: 'MS',
      notWith: ['nsids'],
      help: [
        'hold a new name back until its namespace is',
        'mounted, for at most this many milliseconds',
        '(default 1000, with --containers 3000; 0: off)',
      ],
    },
    {
      name: 'no-follow-symlinks',
      notWith: ['nsids'],
      help: ['do not take a symbolic link for a namespace'],
    },
    { name: 'no-nsids', knownAs: ['ids-off'], notWith: ['nsids'], help: ['watch names only'] },
    {
      name: 'no-deaths',
      notWith: ['nsids'],
      help: ['watch for the end of those namespaces only that', 'have an nsid'],
    },
    {
      name: 'assign-nsids',
      notWith: ['nsids', 'no-nsids'],
      help: [
        'assign an nsid to every namespace with a name.',
        'Changes the host for everybody in this network',
        'namespace; requires CAP_NET_ADMIN',
      ],
    },
    {
      name: 'links',
      notWith: ['nsids', 'no-nsids', 'no-deaths'],
      help: ['include network interfaces, where each leads, and', 'every change of them (see nlink links)'],
    },
    ...linkOptions({ onlyWith: 'links' }),
    {
      name: 'all-links',
      onlyWith: 'links',
      help: ['include lo, and tunnel devices of the kernel that', 'are down'],
    },
    { name: 'nsids', knownAs: ['ids'], help: ['watch nsids only, like ip monitor nsid'] },
    {
      name: 'all-namespaces',
      onlyWith: 'nsids',
      help: ['include events in namespaces that have an nsid', 'here; requires CAP_NET_BROADCAST'],
    },
  ],
  sections: [
    { title: 'Types of event', rows: Object.entries(NAMESPACE_EVENTS) },
    { title: 'Types of event with --links', rows: Object.entries(LINK_EVENTS) },
    { title: 'Types of event with --nsids', rows: Object.entries(NSID_EVENTS) },
    {
      title: 'Environment of --exec',
      rows: [
        ['NLINK_TYPE', 'the type of event; every JSON field has a variable'],
        ['NLINK_NAME', 'the name; also NLINK_PATH, NLINK_DIRECTORY'],
        ['NLINK_READY', 'true or false; NLINK_REASON: why not'],
        ['NLINK_NSID', 'the nsid; also NLINK_ID (kernel id), NLINK_INODE'],
        ['NLINK_OWNER_NAME', 'its container or unit; also NLINK_OWNER_KIND, _ID'],
        ['NLINK_LINK_NAME', 'the link; also NLINK_LINK_KIND, _STATE, NLINK_PEER_NAME'],
      ],
    },
  ],
  examples: [
    { line: 'nlink watch', does: 'everything' },
    { line: 'nlink watch --json | jq .', does: 'as JSON' },
    { line: 'nlink watch --no-snapshot -e created | head -1', does: 'the next new name' },
    { line: "nlink watch 'web-*' --exec 'date; env'", does: 'a hook per event' },
    { line: 'nlink watch --containers', does: 'with containers' },
    { line: 'nlink watch --all', does: 'without a name too' },
    { line: 'nlink watch -e destroyed', does: 'freed namespaces' },
    { line: 'nlink watch --links', does: 'with interfaces' },
    { line: 'nlink watch --nsids', does: 'nsids only' },
  ],
  success: 'ended by Ctrl-C, SIGTERM, SIGHUP, --count, --for or a closed pipe',
  statuses: [[TIMED_OUT[0], '--for expired before --count was reached']],
};
