/** From the command line to an exit status: help and version here, everything else by the command. */
import { createRequire } from 'node:module';
import { debugWanted, describe } from './failure.ts';
import { helpText } from './help.ts';
import type { Io } from './io.ts';
import { Output } from './output.ts';
import { parse, UsageError } from './parse.ts';
import { watch } from './watch.ts';

/**
 * Runs nlink.
 * @param words the command line without node and the program
 * @returns the exit status; what was wrong has been said on stderr
 */
export async function run(words: readonly string[], io: Io): Promise<number> {
  try {
    const { command, options } = parse(words);
    if (options.has('help')) return await print(helpText(command), io);
    if (options.has('version')) return await print(`nlink ${version()}\n`, io);
    if (command === null) throw new UsageError('say what to do: nlink watch');
    await watch(options, io);
    return 0;
  } catch (error) {
    const { text, status } = describe(error, debugWanted(io.env));
    io.stderr.write(text);
    return status;
  }
}

async function print(text: string, io: Io): Promise<0> {
  await new Output(io.stdout, () => {}).write(text);
  return 0;
}

/** By the package's own name, which holds wherever this file was compiled to. */
function version(): string {
  return (createRequire(import.meta.url)('nlink/package.json') as { version: string }).version;
}
