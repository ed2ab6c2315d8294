/** `nlink completion`: prints what a shell reads to complete the words of nlink. */
import { DEFAULT_DIRECTORY } from '../../../reference/directory.ts';
import { argumentOf } from '../../args/given.ts';
import type { Command } from '../../spec/types.ts';
import type { Run } from '../../args/given.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';
import { quoted } from '../../../format/escape.ts';
import { print } from '../../output/output.ts';
import type { Shell } from '../../spec/completion.ts';
import { COMMANDS } from '../../spec/index.ts';
import { UsageError } from '../../output/usage-error.ts';

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
    throw new UsageError(`no completion for ${quoted(shell)}; known shells: ${known}`);
  }
  return print(script(COMMANDS, DEFAULT_DIRECTORY), io);
};
