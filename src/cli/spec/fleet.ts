/** What `nlink fleet` declares. */
import type { Command } from './types.ts';

export const FLEET: Command = {
  name: 'fleet',
  knownAs: ['hosts', 'agent', 'nlink-fleet'],
  summary: 'watch many hosts, with nlink-fleet',
  description: [
    'Runs nlink-fleet, a package of its own (npm install --global nlink-fleet): it',
    'watches the namespaces of many hosts, over NATS JetStream or several nlink',
    'serve. All words after fleet are passed to it. It is looked for beside nlink,',
    'then in PATH.',
  ],
  arguments: [
    {
      name: 'words',
      value: 'WORD',
      required: false,
      several: 'rest',
      help: ['a command of nlink-fleet, and its options'],
    },
  ],
  isForeign: true,
  options: [],
  sections: [],
  examples: [
    { line: 'nlink fleet --help', does: 'all its commands' },
    { line: 'nlink fleet list', does: 'hosts, and the namespaces on them' },
    { line: 'nlink fleet watch --json', does: 'every change on every host' },
  ],
  success: 'nlink-fleet ended with 0',
  statuses: [
    ['127', 'nlink-fleet is not installed'],
    ['other', 'that of nlink-fleet'],
  ],
};
