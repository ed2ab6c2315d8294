/** What `nlink completion` declares. */
import type { Command } from './types.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION: Command = {
  name: 'completion',
  summary: 'print the completion script of a shell',
  description: [
    'Prints a script that completes commands, options, their values, and the names in',
    'the directory, or in the directories given with --directory.',
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
      title: 'Where shells look for the script',
      rows: [
        ['bash', '/etc/bash_completion.d/nlink, with the package bash-completion'],
        ['zsh', 'the file _nlink in a directory of $fpath'],
        ['fish', '~/.config/fish/completions/nlink.fish'],
      ],
    },
  ],
  examples: [
    { line: 'nlink completion bash', does: 'source <(nlink completion bash) in ~/.bashrc' },
    { line: 'nlink completion zsh', does: 'the same in ~/.zshrc, after compinit' },
    { line: 'nlink completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
  success: 'printed',
};
