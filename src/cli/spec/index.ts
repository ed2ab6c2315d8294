/**
 * The one table of commands, options and exit statuses. Parsing, checking and help are all made
 * from it, so that they cannot differ. A new command is an entry here and a file in commands/.
 */
import type { Command, Option } from './types.ts';
import { DOCTOR, EXPLAIN } from './diagnose.ts';
import { EXEC } from './exec.ts';
import { COMPLETION } from './completion.ts';
import { ID, IDS, SET } from './nsids.ts';
import { ADD, ATTACH, DELETE, IDENTIFY, LIST, PIDS } from './names.ts';
import { WAIT } from './wait.ts';
import { WATCH } from './watch.ts';

/** In the order of the list in help. */
export const COMMANDS: readonly Command[] = [
  WATCH,
  WAIT,
  LIST,
  EXEC,
  IDS,
  ID,
  SET,
  ADD,
  DELETE,
  ATTACH,
  IDENTIFY,
  PIDS,
  EXPLAIN,
  DOCTOR,
  COMPLETION,
];

/** Options that every command takes, and nlink itself. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: 'quiet', short: 'q', help: ['no notes on stderr; errors are told'] },
  { name: 'no-color', help: ['no colours, even on a terminal'] },
  { name: 'help', short: 'h', help: ['this text'] },
  { name: 'version', short: 'V', help: ['the version'] },
];

/** What the exit status means; of 0 each command says more. */
export const EXIT_STATUSES: readonly { status: number; meaning: string }[] = [
  { status: 0, meaning: 'done, or nobody reads the output any more' },
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
