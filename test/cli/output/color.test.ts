/** When the output is coloured. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { painter, wantsColour } from '../../../src/cli/output/color.ts';

const cases: [string, NodeJS.ProcessEnv, { terminal: boolean; refused?: boolean }, boolean][] = [
  ['a terminal', {}, { terminal: true }, true],
  ['no terminal', {}, { terminal: false }, false],
  ['--no-color', {}, { terminal: true, refused: true }, false],
  ['--no-color against FORCE_COLOR', { FORCE_COLOR: '1' }, { terminal: true, refused: true }, false],
  ['NO_COLOR', { NO_COLOR: '1' }, { terminal: true }, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, { terminal: true }, true],
  ['NODE_DISABLE_COLORS', { NODE_DISABLE_COLORS: '1' }, { terminal: true }, false],
  ['TERM=dumb', { TERM: 'dumb' }, { terminal: true }, false],
  ['FORCE_COLOR', { FORCE_COLOR: '1' }, { terminal: false }, true],
  ['an empty FORCE_COLOR', { FORCE_COLOR: '' }, { terminal: false }, true],
  [
    'FORCE_COLOR against NO_COLOR and TERM',
    { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' },
    { terminal: false },
    true,
  ],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, { terminal: true }, false],
  ['FORCE_COLOR=false', { FORCE_COLOR: 'false' }, { terminal: true }, false],
];

for (const [what, env, { terminal, refused = false }, expected] of cases) {
  test(`${what}: ${expected}`, () => assert.equal(wantsColour(env, terminal, refused), expected));
}

test('the painter obeys, whatever this process writes to', () => {
  assert.equal(painter(true)('red', 'x'), '\x1b[31mx\x1b[39m');
  assert.equal(painter(false)('red', 'x'), 'x');
});
