/** From the command line to an exit status: help and version here, all else by the command. */
import { debugWanted, describe, helpText, ownVersion, parse, UsageError, withCommand } from '../core.ts';
import type { Command } from '../core.ts';
import { FleetError } from '../errors.ts';
import type { Run } from './command-run.ts';
import type { Io } from './host/io.ts';
import { print } from './output/print.ts';
import { FLEET } from './spec/program.ts';

const LOADERS: Readonly<Record<string, () => Promise<Run>>> = {
  agent: async () => (await import('./commands/agent.ts')).agent,
  init: async () => (await import('./commands/init.ts')).init,
  list: async () => (await import('./commands/list.ts')).list,
  metrics: async () => (await import('./commands/metrics.ts')).metrics,
  permissions: async () => (await import('./commands/permissions.ts')).permissions,
  serve: async () => (await import('./commands/serve.ts')).serve,
  wait: async () => (await import('./commands/wait.ts')).wait,
  watch: async () => (await import('./commands/watch.ts')).watch,
};

/** By NATS, or by this machine; what else is refused, nlink's own errors say. */
const REFUSED = new Set(['ERR_FLEET_PERMISSION', 'ERR_FLEET_NO_JETSTREAM']);

/**
 * @param words the command line without node and the program
 * @returns the exit status; what was wrong has been said on stderr
 */
export async function run(words: readonly string[], io: Io): Promise<number> {
  let command: Command | null = null;
  try {
    const { command: named, ...given } = parse(words, FLEET);
    command = named;
    if (given.options.has('help')) return await print(helpText(command, FLEET), io);
    if (given.options.has('version')) return await print(`nlink-fleet ${ownVersion()}\n`, io);
    if (command === null) {
      await print(helpText(null, FLEET), io);
      return 2;
    }
    const start = await (LOADERS[command.name] as () => Promise<Run>)();
    const heard = given.options.has('quiet') ? { ...io, quiet: true } : io;
    return await start({ command, ...given }, heard);
  } catch (error) {
    const isUsage = withCommand(error, command) instanceof UsageError;
    const isRefused = error instanceof FleetError && REFUSED.has(error.code);
    const { text, status } = describe(error, !isUsage && debugWanted(io.env), null, FLEET.name);
    io.stderr.write(text);
    return isRefused ? 3 : status;
  }
}
