/** Which links are told of, by the options. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { checkLinkOptions } from '../../../src/watch/links/link-options.ts';
import type { LinkOptions } from '../../../src/watch/links/link-types.ts';
import { facts } from './support/graph-parts.ts';

test('not asked for', () => {
  for (const value of [undefined, false]) assert.equal(checkLinkOptions(value), null);
});

test('refused', () => {
  const wrong: [unknown, RegExp][] = [
    [null, /^links must be true, false or an object/],
    [1, /^links must be/],
    ['all', /^links must be/],
    [[], /^links must be/],
    [{ excludeKinds: 'veth' }, /^links\.excludeKinds must be an array of strings, none empty/],
    [{ excludeKinds: [1] }, /^links\.excludeKinds must be/],
    [{ excludeNames: [''] }, /^links\.excludeNames must be/],
    [{ fallbackTunnels: 1 }, /^links\.fallbackTunnels must be true or false/],
  ];
  for (const [value, message] of wrong)
    assert.throws(() => checkLinkOptions(value), { code: 'ERR_NLINK_INVALID_ARGUMENT', message });
});

const UP = 1;
const LINKS: [
  what: string,
  link: Parameters<typeof facts>[1],
  options: true | LinkOptions,
  isTold: boolean,
][] = [
  ['anything', {}, true, true],
  ['anything', {}, {}, true],
  ['a kind', { kind: 'dummy' }, { excludeKinds: ['dummy'] }, false],
  ['another kind', { kind: 'veth' }, { excludeKinds: ['dummy'] }, true],
  ['no kind', { kind: null, name: 'lo' }, { excludeKinds: ['dummy'] }, true],
  ['a name', { name: 'veth1a2b' }, { excludeNames: ['veth*'] }, false],
  ['a name', { name: 'eth0' }, { excludeNames: ['lo', 'eth[0-3]'] }, false],
  ['another name', { name: 'eth7' }, { excludeNames: ['lo', 'eth[0-3]'] }, true],
  ['no names', { name: 'eth7' }, { excludeNames: [] }, true],
  ['a fallback tunnel', { name: 'gre0', kind: 'gre' }, true, false],
  ['a fallback tunnel', { name: 'tunl0', kind: 'ipip' }, { fallbackTunnels: false }, false],
  ['one that is asked for', { name: 'gre0', kind: 'gre' }, { fallbackTunnels: true }, true],
  ['one that is up', { name: 'gre0', kind: 'gre', flags: UP }, true, true],
  [
    'one that is up and of a kind',
    { name: 'gre0', kind: 'gre', flags: UP },
    { excludeKinds: ['gre'] },
    false,
  ],
  ['a real device of that name', { name: 'gre0', kind: null }, true, true],
  ['another tunnel', { name: 'gre1', kind: 'gre' }, true, true],
];

test('what is told of', () => {
  for (const [what, link, options, isTold] of LINKS) {
    const settings = checkLinkOptions(options);
    assert.equal(
      settings?.shows({ facts: facts(5, link), peer: null, peerState: null }),
      isTold,
      `${what}, ${JSON.stringify(options)}`,
    );
  }
});
