/**
 * The one table of commands, options and exit statuses. Parsing, help, completion and the manual
 * are made from it, so that they cannot differ. A new command is an entry here, a loader in
 * registry.ts and a file in commands/.
 */
import { commandsOf } from './types.ts';
import type { Command, Option, Program } from './types.ts';
import { DOCTOR, EXPLAIN } from './diagnose.ts';
import { EXEC } from './exec.ts';
import { FLEET } from './fleet.ts';
import { COMPLETION } from './completion.ts';
import { LINKS } from './links.ts';
import { ID, IDS, SET } from './nsids.ts';
import { ADD, ATTACH, DELETE, IDENTIFY, LIST, PIDS } from './names.ts';
import { SERVE } from './serve.ts';
import { TIMED_OUT } from './shared.ts';
import { WAIT } from './wait.ts';
import { WATCH } from './watch.ts';

/** As help lists them. */
export const COMMAND_GROUPS: readonly { title: string; commands: readonly Command[] }[] = [
  { title: 'Watch', commands: [WATCH, WAIT, SERVE] },
  { title: 'Names', commands: [LIST, ADD, DELETE, ATTACH] },
  { title: 'Links', commands: [LINKS] },
  { title: 'Nsids', commands: [IDS, ID, SET] },
  { title: 'Processes', commands: [EXEC, PIDS, IDENTIFY] },
  { title: 'Diagnosis', commands: [EXPLAIN, DOCTOR] },
  { title: 'Many hosts', commands: [FLEET] },
  { title: 'Shell', commands: [COMPLETION] },
];

/** Options that every command takes, and nlink itself. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: 'quiet', short: 'q', help: ['suppress notes on stderr, but not errors'] },
  { name: 'no-color', help: ['no colours, even on a terminal'] },
  { name: 'help', short: 'h', help: ['print this help'] },
  { name: 'version', short: 'V', help: ['print the version'] },
];

/** What the exit status means; of 0 each command says more. */
export const EXIT_STATUSES: readonly { status: number; meaning: string }[] = [
  { status: 0, meaning: 'success, or the reader of the output is gone' },
  { status: 1, meaning: 'failed' },
  { status: 2, meaning: 'bad usage' },
  { status: 3, meaning: 'permission denied, or not supported on this machine' },
];

/** Environment variables that the command heeds. */
export const ENVIRONMENT: readonly { name: string; meaning: string }[] = [
  { name: 'NO_COLOR', meaning: 'if not empty: no colours (as TERM=dumb)' },
  { name: 'FORCE_COLOR', meaning: 'colours even if stdout is not a terminal; 0: none' },
  { name: 'NLINK_DEBUG', meaning: 'if not empty: print the stack of errors (as NODE_DEBUG=nlink)' },
];

export const NLINK: Program = {
  name: 'nlink',
  summary: 'Watches and manages the network namespaces of a Linux host.',
  groups: COMMAND_GROUPS,
  common: COMMON_OPTIONS,
  statuses: EXIT_STATUSES,
  moreStatuses: [[TIMED_OUT[0], `${TIMED_OUT[1]} (--timeout, --for)`]],
  environment: ENVIRONMENT,
};

export const COMMANDS: readonly Command[] = commandsOf(NLINK);
