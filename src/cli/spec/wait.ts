/** The entry of `nlink wait` in the table of commands. */
import type { Command } from './types.ts';
import { DIRECTORIES, JSON_OBJECT, NOT_READY, PROC, TIMED_OUT } from './shared.ts';

export const WAIT: Command = {
  name: 'wait',
  summary: 'blocks until a name can be entered, or is gone',
  description: [
    'Ends as soon as it is so for all names at once, or at once where it is so',
    'already: nothing that happens meanwhile is missed. Prints nothing unless asked.',
    'The directory need not exist yet. No privilege is needed.',
  ],
  arguments: [
    {
      name: 'name',
      value: 'NAME',
      required: true,
      several: 'words',
      completes: 'name',
      help: ['a name in the directory, which need not be there yet'],
    },
  ],
  options: [
    { name: 'ready', notWith: ['gone', 'destroyed'], help: ['until it can be entered (default)'] },
    { name: 'gone', notWith: ['destroyed'], help: ['until there is no such name'] },
    {
      name: 'destroyed',
      help: ['until the kernel has freed the namespace that it', 'stands for now; takes an id (nsid)'],
    },
    {
      name: 'assign-id',
      onlyWith: 'destroyed',
      help: ['give it an id where it has none. Changes the host;', 'takes CAP_NET_ADMIN'],
    },
    { name: 'any', help: ['until it is so for one of them, whose name is printed'] },
    {
      name: 'timeout',
      knownAs: ['for'],
      value: 'DURATION',
      help: ['wait no longer than this: 500ms, 2s, 5m (0: only look)'],
    },
    DIRECTORIES,
    PROC,
    JSON_OBJECT,
  ],
  sections: [],
  examples: [
    { line: 'nlink wait blue', does: 'then ip netns exec blue … works' },
    { line: 'nlink wait --gone blue --timeout 5s', does: 'at most five seconds' },
    { line: 'nlink wait --destroyed --assign-id blue', does: 'until nothing holds it' },
    { line: 'nlink wait --any blue red', does: 'the first of two' },
  ],
  success: 'it is so',
  statuses: [
    [NOT_READY[0], 'with --timeout 0: it is there, but cannot be entered'],
    TIMED_OUT,
    ['130', 'ended by Ctrl-C (143: by SIGTERM, 129: by SIGHUP)'],
  ],
};
