/** The table of the kernel's refusals in docs/errors.md is what the kernel says. */
import { ip } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { refusals } from './tables.ts';

const program = fileURLToPath(new URL('fixtures/refusals.js', import.meta.url));

test('the kernel refuses with the codes and words of the table, each of them', () => {
  ip('netns', 'add', 'blue');
  ip('netns', 'set', 'blue', '7');
  const node = [process.execPath, program, '/run/netns/blue'];
  const without = [
    'setpriv',
    '--inh-caps',
    '-net_admin',
    '--bounding-set',
    '-net_admin',
    ...node,
    'powerless',
  ];
  const seen = [node, without].flatMap(
    ([command = '', ...words]) =>
      JSON.parse(execFileSync(command, words, { encoding: 'utf8' })) as [string, string, string | null][],
  );
  const asRow = ([request, code, words]: readonly (string | null)[]): string =>
    `${request} ${code} ${words ?? ''}`;
  assert.deepEqual(seen.map(asRow).sort(), refusals().map(asRow).sort());
});
