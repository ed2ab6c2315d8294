/** What the commands that read a fleet declare of themselves. */
import type { Command } from '../../core.ts';
import { JSON_LINES, SOURCE, TIMED_OUT } from './shared.ts';

const HOSTS = {
  name: 'host',
  value: 'HOST',
  required: false,
  several: 'words',
  help: ['only these hosts: names or keys, or patterns of them', '(*, ?, [a-z])'],
} as const;

export const LIST: Command = {
  name: 'list',
  aliases: ['ls'],
  knownAs: ['hosts', 'status', 'show'],
  summary: 'list hosts, and the network namespaces on them',
  description: [
    'Lists the network namespaces of all hosts, a line each. A host that is late (not',
    'heard of for three intervals) or gone (it said so) is shown with what was known',
    'of it last. nlink-fleet ls is the same.',
  ],
  arguments: [HOSTS],
  options: [
    {
      name: 'heads',
      knownAs: ['hosts-only', 'summary'],
      help: ['list hosts alone, with counts: reads little, also', 'of very large fleets'],
    },
    JSON_LINES,
    ...SOURCE,
  ],
  sections: [
    {
      title: 'States of a host',
      rows: [
        ['live', 'heard of not long ago'],
        ['late', 'not heard of for three intervals: what is shown may be old'],
        ['gone', 'its agent has ended, and said so'],
      ],
    },
  ],
  examples: [
    { line: 'nlink-fleet list', does: 'all hosts, by NATS' },
    { line: 'nlink-fleet list --heads --hosts lab.hosts', does: 'hosts alone, without a broker' },
    { line: 'nlink-fleet list "node-1*" --json', does: 'for scripts' },
  ],
  success: 'listed, even if hosts are late',
};

export const WATCH: Command = {
  name: 'watch',
  knownAs: ['follow', 'events', 'monitor', 'tail'],
  summary: 'print every change on every host, until Ctrl-C',
  description: [
    'Prints every change of namespaces and links on all hosts, a line each, with the',
    'host in front, and when a host comes, is late or goes. Where events were lost,',
    'the differences are printed, and then that it was so (resynced).',
  ],
  arguments: [HOSTS],
  options: [
    {
      name: 'heads',
      knownAs: ['hosts-only'],
      help: ['only of hosts: that they come, are late, go'],
    },
    { name: 'no-links', help: ['leave out what happens to links'] },
    JSON_LINES,
    ...SOURCE,
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet watch', does: 'everything' },
    { line: 'nlink-fleet watch --no-links node-1 node-2', does: 'namespaces of two hosts' },
    { line: 'nlink-fleet watch --json | jq .type', does: 'for scripts' },
  ],
  success: 'interrupted by a signal',
};

export const WAIT: Command = {
  name: 'wait',
  knownAs: ['await', 'until'],
  summary: 'wait until a namespace is there on a host, or gone',
  description: [
    'Blocks until HOST has a namespace called NAME that can be entered, or, with',
    '--gone, until it has none. HOST alone: until the host is live, or is not. What a',
    'late host was known to have does not count.',
  ],
  arguments: [
    {
      name: 'what',
      value: 'HOST[/NAME]',
      required: true,
      help: ['a host, by its name or key, and a name on it'],
    },
  ],
  options: [
    { name: 'gone', help: ['wait until it is no longer there'] },
    {
      name: 'timeout',
      value: 'DURATION',
      knownAs: ['for'],
      help: ['give up after this time: 500ms, 2s, 5m'],
    },
    ...SOURCE,
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet wait node-1/blue', does: 'until blue is there' },
    { line: 'nlink-fleet wait node-1/blue --gone --timeout 30s', does: 'at most half a minute' },
    { line: 'nlink-fleet wait node-1', does: 'until node-1 is live' },
  ],
  success: 'it is so',
  statuses: [TIMED_OUT, ['130', 'interrupted by Ctrl-C (143: SIGTERM, 129: SIGHUP)']],
};

export const METRICS: Command = {
  name: 'metrics',
  knownAs: ['prometheus', 'stats'],
  summary: 'print metrics of the fleet once, for Prometheus',
  description: [
    'Prints how many hosts are live, late and gone, and what they have, in the text',
    'format of Prometheus, once: for the textfile collector of node_exporter. See',
    'nlink-fleet serve for /metrics.',
  ],
  arguments: [],
  options: [
    { name: 'host-metrics', knownAs: ['all'], help: ['also of each host, some ten series each'] },
    ...SOURCE,
  ],
  sections: [],
  examples: [
    { line: 'nlink-fleet metrics', does: 'of the fleet as a whole' },
    { line: 'nlink-fleet metrics --host-metrics | grep host_live', does: 'whether each host is live' },
  ],
  success: 'printed',
};
