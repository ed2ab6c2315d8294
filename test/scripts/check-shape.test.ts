/** The check of the shape of files fails where it must: it is run on small trees. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../scripts/check-shape.js', import.meta.url));
const check = (...directory: string[]): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, [script, ...directory], { encoding: 'utf8' });

test('the sources have the shape', () => {
  const { status, stderr } = check();
  assert.equal(status, 0, stderr);
});

const line = (length: number, start: string): string => start.padEnd(length, 'x');
for (const [what, content, message] of [
  ['300 lines', 'x;\n'.repeat(300), null],
  ['301 lines', 'x;\n'.repeat(301), /^a\.ts: 301 lines, at most 300$/m],
  ['a comment of 100 characters', `${line(100, '// ')}\n`, null],
  ['a comment of 101 characters', `x;\n${line(101, '// ')}\n`, /^a\.ts:2: a comment of 101 characters/m],
  ['a wide row of a table', `/**\n${line(101, ' * | ')}\n */\n`, /^a\.ts:2: a comment of 101/m],
  ['wide code', `${line(110, 'const ')}\n`, null],
] as const) {
  test(`${what}: ${message === null ? 'passes' : 'fails'}`, (t) => {
    const root = mkdtempSync(join(tmpdir(), 'nlink-shape-'));
    t.after(() => rmSync(root, { recursive: true }));
    writeFileSync(join(root, 'a.ts'), content);
    const { status, stderr } = check(root);
    assert.equal(status, message === null ? 0 : 1);
    if (message !== null) assert.match(stderr, message);
  });
}

test('a tree without sources is a mistake, not a success', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'nlink-shape-'));
  t.after(() => rmSync(root, { recursive: true }));
  assert.equal(check(root).status, 1);
});
