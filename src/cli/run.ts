/**
 * From the command line to an exit status: help and version here, everything else by the command,
 * which is loaded now.
 */
import { createRequire } from 'node:module';
import type { Run } from './args/given.ts';
import type { Io } from './host/io.ts';
import type { Command } from './spec/types.ts';
import { parse } from './args/parse.ts';
import { complain, print } from './output/output.ts';
import { UsageError, withCommand } from './output/usage-error.ts';
import { COMMAND_LOADERS } from './registry.ts';
import { NLINK } from './spec/index.ts';

/**
 * Runs nlink.
 * @param words the command line without node and the program
 * @returns the exit status; what was wrong has been said on stderr
 */
export async function run(words: readonly string[], io: Io): Promise<number> {
  let command: Command | null = null;
  try {
    const { command: named, ...given } = parse(words, NLINK);
    command = named;
    if (given.options.has('help'))
      return await print((await import('./spec/help.ts')).helpText(command, NLINK), io);
    if (given.options.has('version')) return await print(`nlink ${version()}\n`, io);
    // As git does: what was asked for is not known, but what to do next is.
    if (command === null) {
      await print((await import('./spec/help.ts')).helpText(null, NLINK), io);
      return 2;
    }
    const load = COMMAND_LOADERS[command.name] as () => Promise<Run>;
    const start = await load();
    // On top of it, and not a copy: what it has is made only when it is used.
    const heard = given.options.has('quiet') ? (Object.create(io, { quiet: { value: true } }) as Io) : io;
    return await start({ command, ...given }, heard);
  } catch (error) {
    // Loading it needs a descriptor, and having none left may be the very fault.
    const failure = await import('./output/error-text.ts').catch(() => null);
    if (failure === null) {
      complain((error as Error).message, io);
      return 1;
    }
    const refused = withCommand(error, command) instanceof UsageError ? null : await refusalOf(error);
    const { text, status } = failure.describe(error, failure.debugWanted(io.env), refused);
    io.stderr.write(text);
    return status;
  }
}

/** Loaded only for what is no mistake of the user's. */
async function refusalOf(error: unknown): Promise<string | null> {
  try {
    return (await import('../sys/permission.ts')).refusal(error);
  } catch {
    return null;
  }
}

/** By the package's own name, which holds wherever this file was compiled to. */
function version(): string {
  return (createRequire(import.meta.url)('nlink/package.json') as { version: string }).version;
}
