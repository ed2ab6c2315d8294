/**
 * The completion script for bash (bash(1), "Programmable Completion"), which needs no other
 * package. readline splits words at `=`, `:` and `@`, so they are put together again by the line
 * itself. What is typed is never evaluated.
 */
import { argumentFields, commandRows, offers, optionFields, shell, singleQuoted } from './candidates.ts';
import { ENGINE } from './bash-engine.ts';
import { namesOf } from '../../spec/types.ts';
import type { Command } from '../../spec/types.ts';

/** @param directory where names are if the line does not say */
export function bashScript(commands: readonly Command[], directory: string): string {
  return `${HEAD}
_nlink_default=${singleQuoted(directory)}
_nlink_commands=(${commandRows(commands)
    .map(([name]) => name)
    .join(' ')})

# What a command takes. Options: name, letter, kind of value, "+" if again, beside what not. Arguments: kind, several, beside what not.
_nlink_table() {
  case $1 in
${[null, ...commands].map(entry).join('\n')}
    help)
      options=()
      arguments=(${singleQuoted(`=${commands.map(({ name }) => name).join(',')}::`)})
      ;;
    *)
      return 1
      ;;
  esac
}
${ENGINE}`;
}

function entry(command: Command | null): string {
  const options = offers(command).map((offer) => `        ${singleQuoted(optionFields(offer))}`);
  const args = (command?.arguments ?? []).map((argument) => singleQuoted(argumentFields(argument)));
  return `    ${command === null ? "''" : namesOf(command).join(' | ')})
      options=(
${options.join('\n')}
      )
      arguments=(${args.join(' ')})
      ;;`;
}

const HEAD = shell`# bash completion for nlink, made by: nlink completion bash
# Install: nlink completion bash > /etc/bash_completion.d/nlink; or for one shell: source <(nlink completion bash)
`;
