/**
 * What a command declares of itself, and what it is given. The table (index.ts) is made of these
 * declarations; parsing, checking and help need nothing else, so a command's own code is loaded
 * only when it runs.
 */
/**
 * What a shell offers where a word is expected (completion): names in the directory, those and
 * processes, processes, programs, paths, or certain words.
 */
export type Completes = 'name' | 'target' | 'pid' | 'program' | 'directory' | 'file' | readonly string[];

/** An option as it is written, what it takes, and what help says of it. */
export interface Option {
  /** The long name, without dashes. */
  name: string;
  /** A one-letter name, without the dash. */
  short?: string;
  /** What the value is called in help; an option without it is a switch. */
  value?: string;
  /** What its value may be; left out: nobody can know. */
  completes?: Completes;
  /** Its value may be several of those words, with commas between. */
  list?: boolean;
  /** Given again it adds to what stands, instead of being refused. */
  repeatable?: boolean;
  /** The long name of another option without which it means nothing. */
  onlyWith?: string;
  /** The long names of other options beside which it means nothing. */
  notWith?: readonly string[];
  /** What people take it to be called, for the hint beside the fault. */
  knownAs?: readonly string[];
  /** What it does, a line of help each. */
  help: readonly string[];
}

/**
 * An argument that is known by its place. Those that are required come first, one that takes
 * several words is the last.
 */
export interface Argument {
  /** What the command asks for it by. */
  name: string;
  /** What it is called in help and in messages. */
  value: string;
  required: boolean;
  /**
   * `words`: one after the other. `rest`: all that follows, even words that look like options:
   * they are not nlink's.
   */
  several?: 'words' | 'rest';
  /** The long names of options beside which its place is not there. */
  notWith?: readonly string[];
  /** What it may be; left out: nobody can know. */
  completes?: Completes;
  /** What it means, a line of help each. */
  help: readonly string[];
}

/** A part of a command's help that no other command has. */
interface Section {
  title: string;
  /** A word, and what it means. */
  rows: readonly (readonly [word: string, meaning: string])[];
}

export interface Command {
  name: string;
  /** Other names that it answers to, as `ip netns` does. */
  aliases?: readonly string[];
  /** What people call it elsewhere, for the hint beside the fault. */
  knownAs?: readonly string[];
  /** One line, for the list of commands. */
  summary: string;
  /** A paragraph, for the command's own help. */
  description: readonly string[];
  arguments: readonly Argument[];
  /** Where what people give as one argument too many belongs. */
  noMoreArguments?: string;
  /** All words after it are another program's, `--help` and `--version` too. */
  isForeign?: boolean;
  options: readonly Option[];
  sections: readonly Section[];
  examples: readonly { line: string; does: string }[];
  /** What exit status 0 means. */
  success: string;
  /** Exit statuses that no other command has. */
  statuses?: readonly (readonly [status: string, meaning: string])[];
}

/** All of a program: parsing, help and the manual need nothing else. */
export interface Program {
  /** As it is called. */
  name: string;
  /** What it does, in a sentence. */
  summary: string;
  /** As help lists them. */
  groups: readonly { title: string; commands: readonly Command[] }[];
  /** Options that every command takes, and the program itself. */
  common: readonly Option[];
  /** What the exit status means; of 0 each command says more. */
  statuses: readonly { status: number; meaning: string }[];
  /** Of some commands alone, as the help of the whole tells them. */
  moreStatuses: readonly (readonly [status: string, meaning: string])[];
  /** Environment variables that it heeds. */
  environment: readonly { name: string; meaning: string }[];
}

export const commandsOf = ({ groups }: Program): readonly Command[] =>
  groups.flatMap(({ commands }) => commands);

/** All names that it answers to. */
export const namesOf = ({ name, aliases = [] }: Command): readonly string[] => [name, ...aliases];

/** A command and its arguments, as one writes them. */
export function synopsis(command: Command, program: string): string {
  return written(command, program, '');
}

/** As {@link synopsis}, with options, which end where words begin that are not nlink's. */
export function usage(command: Command, program: string): string {
  return written(command, program, '[OPTION]...');
}

function written({ name, arguments: args }: Command, program: string, options: string): string {
  const places = args.map(placeOf);
  const end = args.findIndex(({ several }) => several === 'rest');
  places.splice(end < 0 ? places.length : end, 0, options);
  return [program, name, ...places].filter((word) => word !== '').join(' ');
}

function placeOf({ value, required, several, notWith }: Argument): string {
  const word = several === undefined ? value : `${value}...`;
  return required && notWith === undefined ? word : `[${word}]`;
}
