/** What `nlink wait` declares. */
import type { Command } from './types.ts';
import { DIRECTORIES, JSON_OBJECT, NOT_READY, PROC, TIMED_OUT } from './shared.ts';

export const WAIT: Command = {
  name: 'wait',
  summary: 'wait until a name can be entered, or is gone',
  description: [
    'Blocks until the condition holds for all names at the same time. Returns at once',
    'if it already does. Prints nothing without --any or --json. The directory may be',
    'missing. Requires no privilege.',
  ],
  arguments: [
    {
      name: 'name',
      value: 'NAME',
      required: true,
      several: 'words',
      completes: 'name',
      help: ['a name in the directory; need not exist yet. With', '--destroyed also a process (PID)'],
    },
  ],
  options: [
    { name: 'ready', notWith: ['gone', 'destroyed'], help: ['wait until it can be entered (default)'] },
    { name: 'gone', notWith: ['destroyed'], help: ['wait until the name does not exist'] },
    {
      name: 'destroyed',
      help: ['wait until the kernel frees the namespace that has', 'the name now'],
    },
    {
      name: 'assign-nsid',
      onlyWith: 'destroyed',
      help: [
        'where its end is not known otherwise: give it an',
        'nsid. Changes the host; requires CAP_NET_ADMIN',
      ],
    },
    { name: 'any', help: ['wait for one of the names, and print which'] },
    {
      name: 'timeout',
      knownAs: ['for'],
      value: 'DURATION',
      help: ['give up after this time: 500ms, 2s, 5m (0: only check)'],
    },
    DIRECTORIES,
    PROC,
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink wait blue', does: 'then ip netns exec blue … works' },
    { line: 'nlink wait --gone blue --timeout 5s', does: 'at most five seconds' },
    { line: 'nlink wait --destroyed blue', does: 'until nothing uses it' },
    { line: 'nlink wait --destroyed 4242', does: 'the one of a process' },
    { line: 'nlink wait --any blue red', does: 'whichever comes first' },
  ],
  success: 'the condition holds',
  statuses: [
    [NOT_READY[0], 'with --timeout 0: the name exists, but cannot be entered'],
    TIMED_OUT,
    ['130', 'interrupted by Ctrl-C (143: SIGTERM, 129: SIGHUP)'],
  ],
};
