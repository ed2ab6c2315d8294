/** What the user reads of an error, and with which status the command ends. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { codedError } from '../../../src/cli/output/coded-error.ts';
import { debugWanted, describe } from '../../../src/cli/output/error-text.ts';
import { inCommand, UsageError } from '../../../src/cli/output/usage-error.ts';

const cases: [what: string, error: unknown, text: string, status: number][] = [
  ['an errno', codedError('ENOENT', 'ENOENT: open /x'), 'nlink: ENOENT: open /x\n', 1],
  ['no permission, with a remedy', codedError('EPERM', 'run it as root'), 'nlink: run it as root\n', 3],
  ['not supported', codedError('ERR_NLINK_UNSUPPORTED_KERNEL', 'old'), 'nlink: old\n', 3],
  ['a name that can never be', codedError('ERR_NLINK_INVALID_NAME', 'bad'), 'nlink: bad\n', 2],
  ['what only looks like it', codedError('ERR_NLINK_INVALID_NAMES', 'bad'), 'nlink: bad\n', 1],
  [
    'a mistake of ours',
    new TypeError('x'),
    'nlink: unexpected TypeError: x\nnlink: set NLINK_DEBUG=1 to see the stack\n',
    1,
  ],
  [
    'what is no error',
    'x\x1b[2J',
    'nlink: unexpected x\\x1b[2J\nnlink: set NLINK_DEBUG=1 to see the stack\n',
    1,
  ],
  ['bad usage', new UsageError('bad'), "nlink: bad\nnlink: Try 'nlink --help'.\n", 2],
  [
    'bad usage that says where',
    new UsageError('bad (see nlink --help)'),
    'nlink: bad (see nlink --help)\n',
    2,
  ],
  ['a verdict: a line each', codedError('E', 'a\nb', { verdict: null }), 'nlink: a\nnlink: b\n', 1],
  ['a newline otherwise', codedError('E', 'a\nb'), 'nlink: a\\nb\n', 1],
];

for (const [what, error, text, status] of cases)
  test(what, () => assert.deepEqual(describe(error, false), { text, status }));

test('what the runtime refuses: how to allow it, 3', () => {
  assert.deepEqual(describe(codedError('E', 'x'), false, 'allow it'), {
    text: 'nlink: x\nnlink: allow it\n',
    status: 3,
  });
});

test('the command of bad usage: the innermost that knows it', () => {
  const thrown = (act: () => void): string => {
    try {
      act();
    } catch (error) {
      return describe(error, false).text;
    }
    return '';
  };
  const bad = (): never => {
    throw new UsageError('bad');
  };
  assert.equal(
    thrown(() => inCommand({ name: 'list' }, bad)),
    "nlink: bad\nnlink: Try 'nlink list --help'.\n",
  );
  assert.equal(
    thrown(() => inCommand({ name: 'watch' }, () => inCommand({ name: 'list' }, bad))),
    "nlink: bad\nnlink: Try 'nlink list --help'.\n",
  );
  assert.equal(
    thrown(() => inCommand(null, bad)),
    "nlink: bad\nnlink: Try 'nlink --help'.\n",
  );
});

test('with debugging: the stack, and no hint to it', () => {
  const { text } = describe(new TypeError('x'), true);
  assert.match(text, /^nlink: unexpected TypeError: x\nTypeError: x\n {4}at /);
  for (const [env, wanted] of [
    [{}, false],
    [{ NLINK_DEBUG: '' }, false],
    [{ NLINK_DEBUG: '1' }, true],
    [{ NODE_DEBUG: 'fs,NLink' }, true],
    [{ NODE_DEBUG: 'nlinks' }, false],
  ] as [NodeJS.ProcessEnv, boolean][])
    assert.equal(debugWanted(env), wanted, JSON.stringify(env));
});
