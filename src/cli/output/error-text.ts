/** What the user reads of an error, and with which status the command ends. */
import { inspect } from 'node:util';
import { escaped } from '../../format/escape.ts';
import { UsageError } from './usage-error.ts';

export interface Failure {
  /** For stderr, each line beginning with the program's name and a colon. */
  text: string;
  status: 1 | 2 | 3;
}

/** Not permitted, or not possible on this machine, whatever else is tried. */
const REFUSED = /^(EPERM|EACCES|ERR_NLINK_(UNSUPPORTED_.*|NATIVE_LIBRARY|NO_WAY_BACK|NETLINK_UNAVAILABLE))$/;
/** What was given can never be right, whatever is there. */
const BAD_USAGE = /^ERR_NLINK_INVALID_(ARGUMENT|NAME)$/;

/**
 * @param debug whether to show where it came from
 * @param refused that the runtime refused it, and how to allow it (sys/permission.ts); null: it was
 *   not that
 */
export function describe(
  error: unknown,
  debug: boolean,
  refused: string | null = null,
  program: string = 'nlink',
): Failure {
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  const lines = error instanceof Error && 'verdict' in error ? message.split('\n') : [message];
  if (error instanceof UsageError) {
    if (!error.message.includes('--help'))
      lines.push(`Try '${program} ${error.command === null ? '' : `${error.command} `}--help'.`);
    return { text: asText(lines, program), status: 2 };
  }
  if (refused !== null) lines.push(refused);
  else if (code === undefined) lines[0] = `unexpected ${String(error)}`;
  // Where the message does not say it already.
  if (
    (code === 'EACCES' || code === 'EPERM') &&
    process.getuid?.() !== 0 &&
    !/\b(as|by) root\b|--allow-/.test(message)
  ) {
    lines.push('run it as root (sudo), or grant this user the permission');
  }
  const status = refused === null ? statusOf(code) : 3;
  if (debug) return { text: `${asText(lines, program)}${inspect(error)}\n`, status };
  if (code === undefined && refused === null) lines.push('set NLINK_DEBUG=1 to see the stack');
  return { text: asText(lines, program), status };
}

function statusOf(code: string | undefined): 1 | 2 | 3 {
  if (code === undefined) return 1;
  if (BAD_USAGE.test(code)) return 2;
  return REFUSED.test(code) ? 3 : 1;
}

const asText = (lines: readonly string[], program: string): string =>
  lines.map((line) => `${program}: ${escaped(line)}\n`).join('');

/** NLINK_DEBUG, or NODE_DEBUG as util.debuglog reads it. */
export function debugWanted(env: NodeJS.ProcessEnv): boolean {
  const sections = (env['NODE_DEBUG'] ?? '').toLowerCase().split(/[\s,]+/);
  return (env['NLINK_DEBUG'] ?? '') !== '' || sections.includes('nlink');
}
