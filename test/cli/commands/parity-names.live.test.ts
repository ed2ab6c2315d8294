/** `nlink add` and `nlink delete` beside `ip netns add` and `ip netns delete`. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { addNamespace, ip, mountNamespace } from '../../support/netns.ts';
import { both, parity } from './parity.ts';
import type { Step } from './parity.ts';
import { seesMachine } from '../../support/visibility.ts';

const add = (...words: string[]): Step => both('add', 'add', ...words);
/** In a container nobody can tell whether a stale name is in use elsewhere. */
const FORCE = seesMachine ? [] : ['--force'];
const del = (...words: string[]): Step => both('delete', 'delete', ...words);

parity('add on a host without names: the directory is made and shared', { steps: [add('blue'), add('red')] });

parity('add: a name that is there, a stale one, a directory, a link', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    writeFileSync('/run/netns/stale', '', { mode: 0 });
    mkdirSync('/run/netns/dir');
    symlinkSync('/nowhere', '/run/netns/link');
  },
  steps: [add('blue'), add('stale'), add('dir'), add('link')],
});

parity('add: names that can be', {
  steps: ['a b', 'line\nbreak', '.hidden', '\\040', 'ü', '\udcff\udc80x', '$(x)', 'x'.repeat(255)].map(
    (name) => add(name),
  ),
});

parity('add: a name that begins with a dash', {
  // To nlink what begins with a dash is an option, unless `--` stands before it; to ip `--` would
  // be the name.
  steps: [{ ip: ['add', '-n'], nlink: ['add', '--', '-n'] }],
});

parity('add: names that cannot be', {
  steps: [add(''), add('.'), add('..'), add('x'.repeat(256)), { ip: ['add'], nlink: ['add'] }],
});

parity('add: a slash', {
  steps: [
    {
      ip: ['add', '/run/blue'],
      nlink: ['add', '/run/blue'],
      succeeds: { only: 'nlink', why: 'a word with a slash is a path' },
    },
  ],
});

parity('add: a word too many', {
  steps: [
    {
      ip: ['add', 'blue', 'red'],
      nlink: ['add', 'blue', 'red'],
      succeeds: { only: 'ip', why: 'ip does not look at what follows' },
    },
  ],
  differs: 'nlink does nothing where the usage is wrong',
});

parity('add: the directory cannot be made', {
  setUp: () => writeFileSync('/run/netns', ''),
  steps: [add('blue')],
});

parity('delete: a name, and again', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    ip('netns', 'add', 'red');
  },
  steps: [del('blue'), del('blue'), del('missing')],
});

parity('delete on a host without names', { steps: [del('blue')] });

parity('delete: odd names', {
  setUp: () => {
    for (const name of ['a b', 'line\nbreak', 'x'.repeat(255), '-n', 'stays']) ip('netns', 'add', name);
    addNamespace('/run/netns/\udcff');
  },
  steps: [
    del('a b'),
    del('line\nbreak'),
    del('x'.repeat(255)),
    del('\udcff'),
    { ip: ['delete', '-n'], nlink: ['delete', '--', '-n'] },
    del(''),
    del('.'),
  ],
});

parity('delete: a stale name, a link to nothing, a directory', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    writeFileSync('/run/netns/stale', '', { mode: 0 });
    symlinkSync('/nowhere', '/run/netns/link');
    mkdirSync('/run/netns/dir');
  },
  steps: [{ ip: ['delete', 'stale'], nlink: ['delete', ...FORCE, 'stale'] }, del('link'), del('dir')],
});

parity('delete: a link to a name', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    symlinkSync('blue', '/run/netns/alias');
  },
  steps: [del('alias')],
  differs: 'ip unmounts the name that the link leads to, and leaves its file stale; nlink removes the link',
});

parity('delete: a name that is mounted on twice', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    mountNamespace('/run/netns/blue');
  },
  steps: [
    {
      ...del('blue'),
      succeeds: { only: 'nlink', why: 'ip takes one mount away, and the file cannot be removed' },
    },
  ],
  differs: 'ip leaves the name with the mount below',
});

parity('delete: a file with content', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    writeFileSync('/run/netns/file', 'precious');
  },
  steps: [{ ...del('file'), succeeds: { only: 'ip', why: 'to nlink it is no name, and it is left alone' } }],
  differs: 'ip removes any file',
});

parity('delete: several names', {
  setUp: () => {
    for (const name of ['blue', 'red', 'green']) ip('netns', 'add', name);
  },
  steps: [del('blue', 'red')],
  differs: 'ip looks at the first name only, and says nothing',
});

parity('delete: several names, one of which is missing', {
  setUp: () => {
    for (const name of ['blue', 'red']) ip('netns', 'add', name);
  },
  steps: [
    {
      ip: ['delete', 'blue', 'missing', 'red'],
      nlink: ['delete', 'blue', 'missing', 'red'],
      succeeds: { only: 'ip', why: 'it did not look at the second' },
    },
  ],
  differs: 'ip looks at the first name only',
});

const DELETE_ALL: Step = { ip: ['-all', 'delete'], nlink: ['delete', '--all', ...FORCE] };

parity('delete all', {
  setUp: () => {
    for (const name of ['blue', 'a b', '-n']) ip('netns', 'add', name);
    addNamespace('/run/netns/\udcff\n');
    writeFileSync('/run/netns/stale', '', { mode: 0 });
    symlinkSync('/nowhere', '/run/netns/link');
  },
  steps: [DELETE_ALL, DELETE_ALL],
});

parity('delete all on a host without names', { steps: [DELETE_ALL] });

parity('delete all: what is no name stays', {
  setUp: () => {
    ip('netns', 'add', 'blue');
    writeFileSync('/run/netns/file', 'precious');
  },
  steps: [{ ...DELETE_ALL, succeeds: { only: 'ip', why: 'nlink ends with 1 if something was left' } }],
  differs: 'ip removes any file',
});
