/** `nlink attach` and `nlink set` beside `ip netns attach` and `ip netns set`. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { addNamespace, ip } from '../../support/netns.ts';
import { both, parity } from './parity.ts';
import type { Step } from './parity.ts';

const attach = (...words: string[]): Step => both('attach', 'attach', ...words);
const set = (...words: string[]): Step => both('set', 'set', ...words);

parity('attach on a host without names: the directory is made and shared', {
  steps: [attach('blue', 'PID'), attach('azure', 'PID'), attach('home', 'SELF')],
});

parity('attach: odd names', {
  steps: [
    attach('a b', 'PID'),
    attach('line\nbreak', 'PID'),
    attach('\udcff', 'PID'),
    attach('x'.repeat(255), 'PID'),
    { ip: ['attach', '-n', 'PID'], nlink: ['attach', '--', '-n', 'PID'] },
    attach('', 'PID'),
    attach('..', 'PID'),
    attach('x'.repeat(256), 'PID'),
  ],
});

parity('attach: a name that is there, also a stale one', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    writeFileSync('/run/netns/stale', '', { mode: 0 });
  },
  steps: [attach('blue', 'PID'), attach('stale', 'PID')],
});

parity('attach: no process, no number', {
  setUp: () => ip('netns', 'add', 'blue'),
  steps: [
    attach('new', '999999999'),
    attach('new', '0'),
    attach('new', '-1'),
    attach('new', 'abc'),
    attach('new'),
  ],
});

parity('attach: no process, on a host without names', {
  steps: [attach('new', '999999999')],
  differs: 'ip makes the directory, and mounts it on itself, before it looks at the process',
});

parity('attach: digits are a process, also where a name is called so', {
  setUp: () => ip('netns', 'add', '999999999'),
  steps: [attach('new', '999999999')],
});

parity('attach: a name in place of a process', {
  setUp: () => ip('netns', 'add', 'blue'),
  steps: [
    {
      ip: ['attach', 'azure', 'blue'],
      nlink: ['attach', 'azure', 'blue'],
      succeeds: { only: 'nlink', why: 'a second name for a namespace that has one' },
    },
  ],
  differs: 'nlink makes it',
});

parity('set: an id, the next one, again, taken', {
  setUp: () => {
    for (const name of ['blue', 'red', 'green']) ip('netns', 'add', name);
  },
  steps: [set('blue', '7'), set('red', 'auto'), set('blue', '8'), set('green', '7'), set('blue', '7')],
});

parity('set: what is no id, what is no name', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    writeFileSync('/run/netns/stale', '', { mode: 0 });
    symlinkSync('blue', '/run/netns/link');
  },
  steps: [
    set('blue', '-5'),
    set('blue', 'x'),
    set('blue', '2147483648'),
    set('blue'),
    set('stale', '3'),
    set('missing', '3'),
    set('link', '3'),
  ],
});

parity('set: odd names', {
  setUp: () => {
    for (const name of ['a b', 'line\nbreak', 'x'.repeat(255)]) ip('netns', 'add', name);
    addNamespace('/run/netns/\udcff');
  },
  steps: [set('a b', '1'), set('line\nbreak', '2'), set('x'.repeat(255), '3'), set('\udcff', '2147483647')],
});
