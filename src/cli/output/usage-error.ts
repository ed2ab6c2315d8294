/** Bad usage: a mistake on the command line, not in what it was about. */

/** The message is for the user as it stands. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help says more: see {@link inCommand}. */
  command: string | null = null;
}

/** Adds the command that is read or run to a {@link UsageError} that does not name one. */
export function inCommand<T>(command: { name: string } | null, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw withCommand(error, command);
  }
}

/** As {@link inCommand}, of an error that is at hand. */
export function withCommand(error: unknown, command: { name: string } | null): unknown {
  if (error instanceof UsageError) error.command ??= command?.name ?? null;
  return error;
}
