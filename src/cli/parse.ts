/**
 * From the words of the command line to a command and its options, by the table. Every fault is a {@link UsageError}
 * whose text says what was wrong and what is possible.
 */
import { parseArgs } from 'node:util';
import { quoted } from './escape.ts';
import { nearest } from './nearest.ts';
import { COMMANDS, COMMON_OPTIONS } from './table.ts';
import type { Command, Option } from './table.ts';

/** Bad usage: the message is for the user as it stands. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help would tell more. */
  readonly command: Command | null;

  constructor(message: string, command: Command | null = null) {
    super(message);
    this.command = command;
  }
}

/** Options by long name: no value for a switch, one or more for the others. */
export type Options = ReadonlyMap<string, readonly string[]>;

/** What was asked for. */
export interface Invocation {
  /** Null: none was named. */
  command: Command | null;
  options: Options;
}

/**
 * @param words the command line without node and the program
 * @throws UsageError
 */
export function parse(words: readonly string[]): Invocation {
  const at = words.findIndex((word) => !word.startsWith('-'));
  if (at < 0) return { command: null, options: parseOptions(words, COMMON_OPTIONS, null) };
  const before = parseOptions(words.slice(0, at), COMMON_OPTIONS, null);
  const name = words[at] as string;
  const after = words.slice(at + 1);
  if (name === 'help') return parseHelp(after);
  const command = findCommand(name);
  const options = parseOptions(after, [...command.options, ...COMMON_OPTIONS], command);
  return { command, options: new Map([...before, ...options]) };
}

/** `nlink help [COMMAND]`. */
function parseHelp(words: readonly string[]): Invocation {
  const [name, extra] = words;
  if (extra !== undefined) throw unexpected(extra, null);
  return { command: name === undefined ? null : findCommand(name), options: new Map([['help', []]]) };
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  throw new UsageError(
    `there is no command ${quoted(name)}; there is: ${COMMANDS.map(({ name }) => name).join(', ')}`,
  );
}

function parseOptions(words: readonly string[], known: readonly Option[], command: Command | null): Options {
  const config = Object.fromEntries(
    known.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short !== undefined && { short }),
      },
    ]),
  );
  // Not `strict`, whose messages speak to the program's author; everything it checks is checked here.
  const { tokens } = parseArgs({ args: [...words], options: config, strict: false, tokens: true });
  const options = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw unexpected(token.value, command);
    if (token.kind !== 'option') continue;
    const option = known.find((candidate) => candidate.name === token.name);
    if (option === undefined) throw unknownOption(token.rawName, known, command);
    const values = options.get(option.name) ?? [];
    if (option.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`, command);
    } else {
      if (values.length > 0 && option.repeatable !== true) {
        throw new UsageError(`${token.rawName} can be given only once`, command);
      }
      values.push(checkValue(option, token, command));
    }
    options.set(option.name, values);
  }
  return options;
}

function checkValue(
  option: Option,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  command: Command | null,
): string {
  const { rawName, value, inlineValue } = token;
  if (value === undefined || value === '') {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value}`, command);
  }
  if (inlineValue !== true && value.startsWith('-')) {
    const meant = `--${option.name}=${value}`;
    throw new UsageError(
      `${rawName} needs a value; if ${quoted(value)} is meant, write ${quoted(meant)}`,
      command,
    );
  }
  return value;
}

function unexpected(argument: string, command: Command | null): UsageError {
  const hint = command === null ? '' : `; ${command.noArguments}`;
  return new UsageError(`unexpected argument ${quoted(argument)}${hint}`, command);
}

function unknownOption(rawName: string, known: readonly Option[], command: Command | null): UsageError {
  const typed = rawName.replace(/^-+/, '');
  const owner = COMMANDS.find(({ options }) =>
    options.some(({ name, short }) => typed === name || typed === short),
  );
  if (command === null && owner !== undefined) {
    return new UsageError(`${rawName} is an option of a command: nlink ${owner.name} ${rawName} …`);
  }
  const near = nearest(
    typed,
    known.map(({ name }) => name),
  );
  const hint = near === null ? '' : `; did you mean --${near}?`;
  return new UsageError(`there is no option ${quoted(rawName)}${hint}`, command);
}
