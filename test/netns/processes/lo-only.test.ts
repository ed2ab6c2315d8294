import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellsOfLoOnly } from '../../../src/netns/processes/lo-only.ts';

const TITLES = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;
const line = (name: string, counters: string): string => `${name.padStart(6)}: ${counters}\n`;
const NONE =
  '      0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0';
const SOME = NONE.replace('0', '84');

test('a namespace with only lo has nothing but lo, whatever went over it', () => {
  assert.equal(tellsOfLoOnly(TITLES + line('lo', NONE)), true);
  assert.equal(tellsOfLoOnly(TITLES + line('lo', SOME)), true);
});

test('any other interface counts, wherever it stands', () => {
  assert.equal(tellsOfLoOnly(TITLES + line('lo', NONE) + line('eth0', NONE)), false);
  assert.equal(tellsOfLoOnly(TITLES + line('eth0', NONE) + line('lo', NONE)), false);
});

test('the device of a tunnel module counts once there was something on it', () => {
  const idle = TITLES + line('lo', NONE) + line('tunl0', NONE) + line('sit0', NONE);
  assert.equal(tellsOfLoOnly(idle), true);
  assert.equal(tellsOfLoOnly(idle + line('gre0', SOME)), false);
  assert.equal(tellsOfLoOnly(idle + line('gre1', NONE)), false);
});

test('a beginning that is cut off has more than lo', () => {
  assert.equal(tellsOfLoOnly(`${TITLES}${line('lo', NONE)} tunl0: 0   0\n  sit`), false);
});

test('without an interface nothing is known', () => {
  assert.equal(tellsOfLoOnly(''), null);
  assert.equal(tellsOfLoOnly(TITLES), null);
  assert.equal(tellsOfLoOnly(`${TITLES}something else\n`), null);
});
