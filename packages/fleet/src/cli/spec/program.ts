/** The one table of commands, options and exit statuses: parsing and help are made from it. */
import type { Program } from '../../core.ts';
import { LIST, METRICS, WAIT, WATCH } from './read.ts';
import { AGENT, INIT, PERMISSIONS, SERVE } from './run.ts';
import { TIMED_OUT } from './shared.ts';

export const FLEET: Program = {
  name: 'nlink-fleet',
  summary: [
    'The network namespaces of many hosts: agents publish them to NATS JetStream, and',
    'one command and one page read them. Without a broker it reads nlink serve of',
    'each host.',
  ].join('\n'),
  groups: [
    { title: 'Read', commands: [LIST, WATCH, WAIT, METRICS, SERVE] },
    { title: 'Set up', commands: [INIT, AGENT, PERMISSIONS] },
  ],
  common: [
    { name: 'quiet', short: 'q', help: ['suppress notes on stderr, but not errors'] },
    { name: 'no-color', help: ['no colours, even on a terminal'] },
    { name: 'help', short: 'h', help: ['print this help'] },
    { name: 'version', short: 'V', help: ['print the version'] },
  ],
  statuses: [
    { status: 0, meaning: 'success, or the reader of the output is gone' },
    { status: 1, meaning: 'failed' },
    { status: 2, meaning: 'bad usage' },
    { status: 3, meaning: 'not permitted, by NATS or on this machine' },
  ],
  moreStatuses: [[TIMED_OUT[0], `${TIMED_OUT[1]} (wait --timeout)`]],
  environment: [
    { name: 'NATS_URL', meaning: 'servers, where --server is not given; commas between' },
    { name: 'NATS_CREDS', meaning: 'credentials, where nothing else says who we are' },
    { name: 'NO_COLOR', meaning: 'if not empty: no colours (as TERM=dumb)' },
    { name: 'FORCE_COLOR', meaning: 'colours even if stdout is not a terminal; 0: none' },
    { name: 'NLINK_DEBUG', meaning: 'if not empty: print the stack of errors' },
  ],
};
