/** The sessions in docs/nsids.md print what they say there. */
import { freshRun } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync(new URL('../../../docs/nsids.md', import.meta.url), 'utf8');
const sessions = [...page.matchAll(/^## (.+)$|^```console\n([^]*?)^```$/gm)];

test('there are sessions', () => {
  assert.ok(sessions.filter(([, , session]) => session !== undefined).length >= 4);
});

let section = '';
for (const [, heading, session] of sessions) {
  section = heading ?? section;
  if (session === undefined) continue;
  test(section, (t) => {
    freshRun(t);
    const shown = session.trimEnd().split('\n');
    const commands = shown.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
    assert.deepEqual(run(commands), shown);
  });
}

/**
 * Runs commands in one shell, in a network namespace of its own. @returns them and what they print,
 * as on a terminal
 */
function run(commands: readonly string[]): string[] {
  // Each command is also an argument, by which it is printed: $0, and so on.
  const lines = commands.flatMap((command, index) => [`printf '$ %s\\n' "\${${index}}"`, command]);
  const script = ['exec 2>&1', ...lines, 'exit 0'].join('\n');
  const output = execFileSync('unshare', ['--net', 'sh', '-c', script, ...commands], { encoding: 'utf8' });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}
