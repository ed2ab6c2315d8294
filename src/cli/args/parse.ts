/**
 * From the words of the command line to a command, its options and arguments, as spec/ declares
 * them. Every fault is a {@link UsageError} that says what was wrong and what is possible.
 */
import { parseArgs } from 'node:util';
import { commandsOf, namesOf, synopsis } from '../spec/types.ts';
import type { Argument, Command, Option, Program } from '../spec/types.ts';
import type { Arguments, Given, Options } from './given.ts';
import { quoted } from '../../format/escape.ts';
import { suggest } from './suggest.ts';
import { inCommand, UsageError } from '../output/usage-error.ts';

/**
 * What was asked for. `command` null: none was named. With `help` or `version` required arguments
 * may be missing.
 */
export interface Invocation extends Omit<Given, 'command'> {
  command: Command | null;
}

/**
 * @param words the command line without node and the program
 * @throws UsageError
 */
export function parse(words: readonly string[], program: Program): Invocation {
  const at = commandAt(words, commandsOf(program));
  if (at < 0) return parseWords(words, null, program);
  const name = words[at] as string;
  const [before, after] = [words.slice(0, at), words.slice(at + 1)];
  if (name !== 'help') {
    const command = findCommand(name, program);
    const own = command.isForeign === true ? [...before, '--'] : before;
    return parseWords([...own, ...after], command, program);
  }
  const { options } = parseWords(before, null, program);
  const { options: asked, ...help } = parseHelp(after, program);
  return { ...help, options: new Map([...options, ...asked]) };
}

/**
 * Where the command stands: the first word that is neither an option nor the value of one; -1:
 * nowhere.
 */
function commandAt(words: readonly string[], commands: readonly Command[]): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith('-')) return at;
    const next = words[at + 1];
    // What is itself a command is no value.
    if (takesValue(word, commands) && next !== undefined && !isCommand(next, commands)) at++;
  }
  return -1;
}

const isCommand = (word: string, commands: readonly Command[]): boolean =>
  word === 'help' || commands.some((command) => namesOf(command).includes(word));

const takesValue = (word: string, commands: readonly Command[]): boolean =>
  commands.some(({ options }) =>
    options.some(
      ({ name, short, value }) => value !== undefined && (word === `--${name}` || word === `-${short}`),
    ),
  );

/** `nlink help [COMMAND]`. */
function parseHelp(words: readonly string[], program: Program): Invocation {
  const [name, extra] = words;
  if (extra !== undefined) throw unexpected(extra, null, program);
  const command = name === undefined ? null : findCommand(name, program);
  return { command, options: new Map([['help', []]]), arguments: new Map() };
}

function findCommand(name: string, program: Program): Command {
  const commands = commandsOf(program);
  const command = commands.find((candidate) => namesOf(candidate).includes(name));
  if (command !== undefined) return command;
  const option = program.common.find((candidate) => candidate.name === name);
  const near =
    commands.find(({ knownAs }) => knownAs?.includes(name))?.name ??
    (option === undefined ? null : `--${option.name}`) ??
    suggest(
      name,
      commands.map((candidate) => candidate.name),
    );
  const hint = near === null ? ` (see ${program.name} --help)` : `; did you mean ${near}?`;
  throw new UsageError(`unknown command ${quoted(name)}${hint}`);
}

/** The words after a command, or before it: then `command` is null. */
function parseWords(words: readonly string[], command: Command | null, program: Program): Invocation {
  return inCommand(command, () => parseKnown(words, command, program));
}

function parseKnown(words: readonly string[], command: Command | null, program: Program): Invocation {
  const known = [...(command?.options ?? []), ...program.common];
  const config = Object.fromEntries(
    known.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short !== undefined && { short }),
      },
    ]),
  );
  // Not `strict`, whose messages speak to the program's author; everything it checks is checked
  // here.
  const { tokens } = parseArgs({ args: [...words], options: config, strict: false, tokens: true });
  const options = new Map<string, string[]>();
  const args = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      const argument = placeFor(command, args, options);
      if (argument === undefined) throw unexpected(token.value, command, program);
      const rest = argument.several === 'rest' ? words.slice(token.index + 1) : [];
      const before = args.get(argument.name) ?? [];
      args.set(argument.name, [...before, checkArgument(argument, token.value), ...rest]);
      if (argument.several === 'rest') break;
    }
    if (token.kind !== 'option') continue;
    const option = known.find((candidate) => candidate.name === token.name);
    if (option === undefined) throw unknownOption(token.rawName, known, command, program);
    const values = options.get(option.name) ?? [];
    if (option.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
    } else {
      if (values.length > 0 && option.repeatable !== true) {
        throw new UsageError(`${token.rawName} can only be given once`);
      }
      values.push(checkValue(option, token));
    }
    options.set(option.name, values);
  }
  if (command !== null && !options.has('help') && !options.has('version')) {
    checkTogether(command, args, options);
    checkMissing(command, args, options, program);
  }
  return { command, options, arguments: args };
}

/** The argument that the next word is for. */
function placeFor(command: Command | null, given: Arguments, options: Options): Argument | undefined {
  return command?.arguments.find(
    ({ name, several, notWith = [] }) =>
      (several !== undefined || !given.has(name)) && !notWith.some((option) => options.has(option)),
  );
}

function checkArgument({ value: called }: Argument, value: string): string {
  if (value !== '') return value;
  throw new UsageError(`${called} cannot be empty`);
}

function checkValue(
  option: Option,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
): string {
  const { rawName, value, inlineValue } = token;
  if (value === undefined || value === '') {
    throw new UsageError(`${rawName} requires a value: ${rawName} ${option.value}`);
  }
  if (inlineValue !== true && value.startsWith('-')) {
    const meant = `--${option.name}=${value}`;
    throw new UsageError(`${rawName} requires a value; to pass ${quoted(value)}, write ${quoted(meant)}`);
  }
  return value;
}

function checkTogether(command: Command, args: Arguments, options: Options): void {
  for (const { name, onlyWith, notWith = [] } of command.options) {
    if (!options.has(name)) continue;
    if (onlyWith !== undefined && !options.has(onlyWith))
      throw new UsageError(`--${name} requires --${onlyWith}`);
    const other = notWith.find((candidate) => options.has(candidate));
    if (other !== undefined) throw new UsageError(`--${name} cannot be used with --${other}`);
  }
  for (const { name, value, notWith = [] } of command.arguments) {
    const other = args.has(name) ? notWith.find((candidate) => options.has(candidate)) : undefined;
    if (other !== undefined) throw new UsageError(`${value} cannot be used with --${other}`);
  }
}

function checkMissing(command: Command, args: Arguments, options: Options, program: Program): void {
  const missing = command.arguments.find(
    ({ name, required, notWith = [] }) =>
      required && !args.has(name) && !notWith.some((option) => options.has(option)),
  );
  if (missing !== undefined)
    throw new UsageError(`missing ${missing.value}: ${synopsis(command, program.name)}`);
}

function unexpected(argument: string, command: Command | null, { name }: Program): UsageError {
  const possible = command === null || command.arguments.length === 0 ? undefined : synopsis(command, name);
  const hint = command?.noMoreArguments ?? possible;
  return new UsageError(`unexpected argument ${quoted(argument)}${hint === undefined ? '' : `; ${hint}`}`);
}

function unknownOption(
  rawName: string,
  known: readonly Option[],
  command: Command | null,
  program: Program,
): UsageError {
  const typed = rawName.replace(/^-+/, '');
  const owner = commandsOf(program).find(({ options }) =>
    options.some(({ name, short }) => typed === name || typed === short),
  );
  if (command === null && owner !== undefined)
    return new UsageError(
      `missing command: ${program.name} COMMAND ${rawName}, such as ${program.name} ${owner.name} ${rawName}`,
    );
  const names = known.map(({ name }) => name);
  const near = known.find(({ knownAs }) => knownAs?.includes(typed))?.name ?? suggest(typed, names);
  const isWord = near === null && !rawName.startsWith('--') && (command?.arguments.length ?? 0) > 0;
  const hint = isWord
    ? '; put -- before an argument that starts with a dash'
    : near === null
      ? owner === undefined
        ? ''
        : `; ${program.name} ${owner.name} has it`
      : `; did you mean --${near}?`;
  return new UsageError(`unknown option ${quoted(rawName)}${hint}`);
}
