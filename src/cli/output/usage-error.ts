/** Bad usage: a mistake on the command line, not in what it was about. */
import type { Command } from '../spec/types.ts';

/** The message is for the user as it stands. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help would tell more. */
  readonly command: Command | null;

  constructor(message: string, command: Command | null = null) {
    super(message);
    this.command = command;
  }
}
