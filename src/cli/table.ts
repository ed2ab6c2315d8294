/**
 * The one table of commands, options, types of event and exit statuses. Parsing, checking and help are all made from it,
 * so that they cannot differ.
 */
import type { NamespaceEvent } from '../watch/events.ts';

/** An option as it is written, what it takes, and what help says of it. */
export interface Option {
  /** The long name, without dashes. */
  name: string;
  /** A one-letter name, without the dash. */
  short?: string;
  /** What the value is called in help; an option without it is a switch. */
  value?: string;
  /** Given again it adds to what stands, instead of being refused. */
  repeatable?: boolean;
  /** What it does, a line of help each. */
  help: readonly string[];
}

export interface Command {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** A paragraph, for the command's own help. */
  description: readonly string[];
  /** What to do instead of giving it an argument. */
  noArguments: string;
  options: readonly Option[];
  examples: readonly { line: string; does: string }[];
}

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

/** Options that every command takes, and nlink itself. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: 'no-color', help: ['no colours, even on a terminal'] },
  { name: 'help', short: 'h', help: ['this text'] },
  { name: 'version', short: 'V', help: ['the version'] },
];

export const COMMANDS: readonly Command[] = [
  {
    name: 'watch',
    summary: 'the named network namespaces that are there, then every change',
    description: [
      'Prints the named network namespaces of this host, then a line for each name',
      'that appears, can be entered, is unmounted or goes, until Ctrl-C. The directory',
      'need not exist yet. No privilege is needed.',
    ],
    noArguments: 'a directory is given with --directory',
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
    examples: [
      { line: 'nlink watch', does: 'everything, for the eye' },
      { line: 'nlink watch --json | jq -r .name', does: 'for a program' },
      { line: 'nlink watch --no-snapshot -e created | head -1', does: 'wait for the next one' },
      { line: 'nlink watch -d /run/docker/netns', does: 'those of Docker' },
    ],
  },
];

/** What the exit status means. */
export const EXIT_STATUSES: readonly { status: number; meaning: string }[] = [
  { status: 0, meaning: 'ended by Ctrl-C, SIGTERM, SIGHUP, or nobody reads the output any more' },
  { status: 1, meaning: 'failed' },
  { status: 2, meaning: 'bad usage' },
  { status: 3, meaning: 'not permitted, or not supported on this machine' },
];

/** Environment variables that the command heeds. */
export const ENVIRONMENT: readonly { name: string; meaning: string }[] = [
  { name: 'NO_COLOR', meaning: 'not empty: no colours (as TERM=dumb)' },
  { name: 'FORCE_COLOR', meaning: 'colours even where stdout is no terminal; 0: none' },
  { name: 'NLINK_DEBUG', meaning: 'not empty: errors with their stack (as NODE_DEBUG=nlink)' },
];
