/** The entry of `nlink completion` in the table of commands. */
import type { Command } from './types.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION: Command = {
  name: 'completion',
  summary: 'the script by which a shell completes the words of nlink',
  description: [
    'Prints a script by which a shell completes commands, options, their values, and',
    'the names that are there: in the directory, or in those that --directory gives.',
  ],
  arguments: [
    {
      name: 'shell',
      value: SHELLS.join('|'),
      required: true,
      completes: SHELLS,
      help: ['the shell'],
    },
  ],
  options: [],
  sections: [
    {
      title: 'Where shells look for it',
      rows: [
        ['bash', '/etc/bash_completion.d/nlink, with the package bash-completion'],
        ['zsh', 'the file _nlink in a directory of $fpath'],
        ['fish', '~/.config/fish/completions/nlink.fish'],
      ],
    },
  ],
  examples: [
    { line: 'nlink completion bash', does: 'as source <(…) in ~/.bashrc' },
    { line: 'nlink completion zsh', does: 'the same in ~/.zshrc, after compinit' },
    { line: 'nlink completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
  success: 'printed',
};
