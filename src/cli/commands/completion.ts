/** `nlink completion`: prints what a shell reads to complete the words of nlink. */
import { DEFAULT_DIRECTORY } from '../../reference/directory.ts';
import { argumentOf } from '../command.ts';
import type { Command, Run } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { zshScript } from '../completion/zsh.ts';
import { quoted } from '../escape.ts';
import { print } from '../output.ts';
import type { Shell } from '../table-completion.ts';
import { COMMANDS } from '../table.ts';
import { UsageError } from '../usage-error.ts';

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Command[], directory: string) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const completion: Run = async (given, io) => {
  const shell = argumentOf(given, 'shell');
  const script = Object.entries(SCRIPTS).find(([name]) => name === shell)?.[1];
  if (script === undefined) {
    const known = Object.keys(SCRIPTS).join(', ');
    throw new UsageError(`there is no completion for ${quoted(shell)}; there is: ${known}`, given.command);
  }
  return print(script(COMMANDS, DEFAULT_DIRECTORY), io);
};
