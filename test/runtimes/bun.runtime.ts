/**
 * nlink under Bun, whose poll functions end the process: what needs them is refused with the typed
 * error, the rest works.
 */
import { addNamespace, netnsDirectory } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { main } from '../cli/support/program.ts';
import { fixture, run } from './binaries.ts';

const directory = netnsDirectory();
addNamespace(`${directory}/blue`);
const UNSUPPORTED = 'ERR_NLINK_UNSUPPORTED_PLATFORM';

/** What each call of the library gives. */
function calls(...names: string[]): unknown[] {
  const { status, signal, stdout, stderr } = run('bun', fixture('calls'), directory, ...names);
  assert.deepEqual([status, signal], [0, null], stderr);
  const given = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, unknown]);
  assert.deepEqual(
    given.map(([name]) => name),
    names,
  );
  return given.map(([, value]) => value);
}

test('watchers reject, and so does waiting for a notification, each time', () => {
  assert.deepEqual(calls('names', 'both', 'ids', 'recv'), [
    UNSUPPORTED,
    UNSUPPORTED,
    UNSUPPORTED,
    [UNSUPPORTED, UNSUPPORTED],
  ]);
});

test('what needs no wake works', () => {
  assert.deepEqual(calls('list', 'create', 'exists', 'delete', 'exists', 'identify'), [
    ['blue'],
    'made',
    true,
    null,
    false,
    [],
  ]);
});

for (const words of [['watch'], ['watch', '--nsids'], ['wait', 'blue']]) {
  test(`the command: ${words.join(' ')}: why, what to do, 3`, () => {
    const where = words.includes('--nsids') ? [] : ['--directory', directory];
    const { status, signal, stdout, stderr } = run('bun', main, ...words, ...where);
    assert.deepEqual([status, signal, stdout], [3, null, '']);
    assert.match(stderr, /^nlink: Bun \S+ has no poll handles of libuv[^\n]*with Node or Deno[^\n]*\n$/);
  });
}

test('list shows the names; doctor says what does not work, and ends with 3', () => {
  const { status, stdout, stderr } = run('bun', main, 'list', '--json', '--directory', directory);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /"blue"/);
  const doctor = run('bun', main, 'doctor', '--json', '--directory', directory);
  assert.equal(doctor.status, 3, doctor.stderr);
  const report = JSON.parse(doctor.stdout) as { status: string; checks: { name: string; status: string }[] };
  assert.equal(report.status, 'unsupported');
  assert.deepEqual(
    report.checks.filter(({ status: of }) => of !== 'ok').map(({ name }) => name),
    ['wakes'],
  );
});
