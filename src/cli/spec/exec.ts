/** What `nlink exec` declares. */
import type { Command } from './types.ts';
import { DIRECTORIES, TARGET } from './shared.ts';

export const EXEC: Command = {
  name: 'exec',
  knownAs: ['run', 'enter', 'nsenter'],
  summary: 'run a program in a namespace',
  description: [
    'Runs a program in a network namespace, like ip netns exec: /sys shows the',
    'devices of the namespace, and the files in /etc/netns/NAME replace those in',
    '/etc. The program replaces nlink: same PID, streams and exit status. Words after',
    'COMMAND are passed to it. Requires CAP_SYS_ADMIN.',
  ],
  arguments: [
    { ...TARGET, notWith: ['all'] },
    {
      name: 'command',
      value: 'COMMAND',
      required: true,
      several: 'rest',
      completes: 'program',
      help: ['the program, looked up in PATH, and its arguments; a -- before', 'it is dropped'],
    },
  ],
  options: [
    {
      name: 'all',
      short: 'a',
      help: ['run it in every named namespace, one after the', 'other, even if it fails in one'],
    },
    {
      name: 'jobs',
      value: 'N',
      onlyWith: 'all',
      knownAs: ['max-procs', 'parallel', 'exec-jobs'],
      help: [
        'with --all: run at most N in parallel (default 1).',
        'From 2 on stdin is empty, and the output of each',
        'program is printed as a whole, in the same order',
      ],
    },
    {
      name: 'sys-mounts',
      knownAs: ['keep-sys', 'cgroup', 'bpf'],
      help: ['keep the mounts below /sys: /sys/fs/cgroup,', '/sys/fs/bpf, /sys/kernel/debug, …'],
    },
    DIRECTORIES,
  ],
  sections: [],
  examples: [
    { line: 'nlink exec blue ip address', does: 'addresses in blue' },
    { line: 'nlink exec 4711 -- ss -tlnp', does: 'in the namespace of PID 4711' },
    { line: 'nlink exec --all -- ip -brief link', does: 'in every namespace' },
  ],
  success: 'the program ended with 0; with --all: in every namespace',
  statuses: [
    ['126', 'the program cannot be run'],
    ['127', 'no such program'],
    ['other', 'that of the program; with --all 1 if one failed'],
  ],
};
