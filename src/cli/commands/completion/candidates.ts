/**
 * What a shell may offer, made from the table of commands (spec/index.ts) in a form that all three
 * scripts share: options with all that excludes them, and each place's kind of word as a short
 * text.
 */
import type { Argument, Command, Completes, Option } from '../../spec/types.ts';
import { COMMON_OPTIONS } from '../../spec/index.ts';

/** An option as a script needs it. */
export interface Offer {
  option: Option;
  /**
   * Long names of those beside which it is not offered: others, and itself unless it may be given
   * again.
   */
  excludes: readonly string[];
  /** One line. */
  help: string;
}

/** Nothing else is wanted once one of these is given. */
export const ALONE: ReadonlySet<string> = new Set(['help', 'version']);

/** The options of a command, or of nlink itself (null), the common ones last. */
export function offers(command: Command | null): Offer[] {
  const options = [...(command?.options ?? []), ...COMMON_OPTIONS];
  return options.map((option) => {
    const { name, repeatable, notWith = [], help } = option;
    const refusing = options.filter((other) => other.notWith?.includes(name) === true);
    const excludes = new Set([
      ...(repeatable === true ? [] : [name]),
      ...notWith,
      ...refusing.map((other) => other.name),
      ...ALONE,
    ]);
    return { option, excludes: [...excludes], help: help.join(' ') };
  });
}

/** The commands, and what else may stand in their place. */
export const commandRows = (commands: readonly Command[]): [name: string, summary: string][] => [
  ...commands.map(({ name, summary }): [string, string] => [name, summary]),
  ['help', 'the help of a command'],
];

/**
 * The kind of word as a script reads it: empty for a switch, `?` where nobody can know, the word of
 * the table, or `=` and the words that may stand there, `,` and those of which several may stand
 * there with commas between.
 */
export function kindOf({ value, completes, list }: Option | (Argument & { list?: boolean })): string {
  if (value === undefined) return '';
  if (completes === undefined) return '?';
  return typeof completes === 'string' ? completes : `${list === true ? ',' : '='}${wordsOf(completes)}`;
}

/** @throws Error for a word that the scripts would have to quote: there is none in the table. */
function wordsOf(words: Exclude<Completes, string>): string {
  const odd = words.find((word) => !/^[\w.-]+$/.test(word));
  if (odd !== undefined) throw new Error(`no script can offer the word ${odd}`);
  return words.join(',');
}

/**
 * Lines of a table in a script: fields with colons between, of which none holds a colon, a quote or
 * a space.
 */
export const optionFields = ({ option, excludes }: Offer): string =>
  [
    option.name,
    option.short ?? '',
    kindOf(option),
    option.repeatable === true ? '+' : '',
    excludes.join(','),
  ].join(':');

export const argumentFields = (argument: Argument): string =>
  [kindOf(argument), argument.several ?? '', (argument.notWith ?? []).join(',')].join(':');

/**
 * The tag of a piece of shell: as it stands, but a backslash before `${` or a backtick is not the
 * shell's.
 */
export const shell = ({ raw }: TemplateStringsArray): string =>
  raw.join('').replaceAll('\\${', '${').replaceAll('\\`', '`');

/** A word in single quotes, for any of the three shells; fish knows two escapes between them. */
export const singleQuoted = (text: string, fish = false): string =>
  fish
    ? `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    : `'${text.replaceAll("'", String.raw`'\''`)}'`;
