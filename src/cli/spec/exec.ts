/** The entry of `nlink exec` in the table of commands. */
import type { Command } from './types.ts';
import { DIRECTORIES, TARGET } from './shared.ts';

export const EXEC: Command = {
  name: 'exec',
  knownAs: ['run', 'enter', 'nsenter'],
  summary: 'run a program in a namespace',
  description: [
    'Runs a program in a network namespace, as ip netns exec does: /sys shows the',
    "namespace's devices, and the files in /etc/netns/NAME lie over those in /etc.",
    'The program takes the place of nlink: same process, streams, and exit status.',
    'What follows its name is its own. Takes CAP_SYS_ADMIN.',
  ],
  arguments: [
    { ...TARGET, notWith: ['all'] },
    {
      name: 'command',
      value: 'COMMAND',
      required: true,
      several: 'rest',
      completes: 'program',
      help: ['the program, found in PATH, and its arguments; a -- before it', 'is left out'],
    },
  ],
  options: [
    {
      name: 'all',
      short: 'a',
      help: ['in each namespace that has a name, one after', 'the other, whether it fails or not'],
    },
    {
      name: 'jobs',
      value: 'N',
      onlyWith: 'all',
      knownAs: ['max-procs', 'parallel', 'exec-jobs'],
      help: [
        'with --all: at most so many at a time; default 1.',
        'From 2 on their input is empty, and the output of',
        'each comes whole, in the same order',
      ],
    },
    {
      name: 'sys-mounts',
      knownAs: ['keep-sys', 'cgroup', 'bpf'],
      help: ['keep what is mounted below /sys: /sys/fs/cgroup,', '/sys/fs/bpf, /sys/kernel/debug, …'],
    },
    DIRECTORIES,
  ],
  sections: [],
  examples: [
    { line: 'nlink exec blue ip address', does: 'what blue has' },
    { line: 'nlink exec 4711 -- ss -tlnp', does: 'where process 4711 is' },
    { line: 'nlink exec --all -- ip -brief link', does: 'everywhere' },
  ],
  success: 'the program ended with 0; with --all: everywhere',
  statuses: [
    ['126', 'the program cannot be run'],
    ['127', 'there is no such program'],
    ['other', "the program's own; with --all it is 1 if one failed"],
  ],
};
