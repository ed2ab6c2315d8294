/** What a command is given of the command line, as text, and what it gives back. */
import type { Io } from '../host/io.ts';
import type { Command } from '../spec/types.ts';

/** Options by long name: no value for a switch, one or more for the others. */
export type Options = ReadonlyMap<string, readonly string[]>;
/**
 * Arguments by the name that the table gives them: one word, or those of one that takes several.
 */
export type Arguments = ReadonlyMap<string, readonly string[]>;

/** What a command was given, as text. Required arguments are there, and options fit together. */
export interface Given {
  command: Command;
  options: Options;
  arguments: Arguments;
}

/** The one word of a required argument. */
export const argumentOf = ({ arguments: args }: Given, name: string): string => args.get(name)?.[0] as string;

/**
 * Runs a command.
 * @returns the exit status
 * @throws UsageError, or whatever went wrong
 */
export type Run = (given: Given, io: Io) => Promise<number>;
