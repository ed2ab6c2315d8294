/** The check of the layers fails where it must: it is run on small trees. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../scripts/check-layers.js', import.meta.url));

function check(...directory: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [script, ...directory], { encoding: 'utf8' });
}

function checkTree(files: Record<string, string>): { status: number | null; stderr: string } {
  const root = mkdtempSync(join(tmpdir(), 'nlink-layers-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return check(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('the sources keep to the layers', () => {
  const { status, stderr } = check();
  assert.equal(status, 0, stderr);
});

test('imports that are allowed', () => {
  const { status, stderr } = checkTree({
    'sys/a.ts': "import fs from 'node:fs';\nimport koffi from 'koffi';\nimport { E } from '../errors.ts';\n",
    'inotify/a.ts': "import { a } from '../sys/a.ts';\n",
    'watch/a.ts': "import { b } from './b.ts';\nimport { a } from '../netns/sub/a.ts';\n",
    'watch/b.ts': "export * from '../inotify/a.ts';\n",
    'netns/sub/a.ts': "import { a } from '../b.ts';\n",
    'netns/b.ts': "export type A = import('../sys/a.ts').A;\n",
    'index.ts': "export * from './watch/a.ts';\n",
    'cli/main.ts': "import { x } from '../index.ts';\nconst p = require('../../package.json');\n",
  });
  assert.equal(status, 0, stderr);
});

const forbidden: [what: string, path: string, content: string, message: RegExp][] = [
  [
    'upwards',
    'sys/a.ts',
    "import { a } from '../netns/b.ts';",
    /sys\/a\.ts: import of '..\/netns\/b.ts': netns is above sys/,
  ],
  ['upwards, a type', 'sys/a.ts', "import type { A } from '../watch/b.ts';", /watch is above sys/],
  ['upwards, an export', 'netns/a.ts', "export * from '../watch/b.ts';", /watch is above netns/],
  [
    'upwards, over several lines',
    'sys/a.ts',
    "import {\n  a,\n  b,\n} from '../cli/b.ts';",
    /cli is above sys/,
  ],
  ['upwards, a type in place', 'sys/a.ts', "type A = import('../watch/b.ts').A;", /watch is above sys/],
  ['upwards, at run time', 'sys/a.ts', "await import('../watch/b.ts');", /watch is above sys/],
  ['upwards, for its effect', 'errors.ts', "import './sys/a.ts';", /sys is above errors.ts/],
  ['the index from below', 'watch/a.ts', "import { a } from '../index.ts';", /index.ts is above watch/],
  ['sideways', 'inotify/a.ts', "import { a } from '../netlink/b.ts';", /must not know each other/],
  ['koffi above sys', 'netns/a.ts', "import koffi from 'koffi';", /koffi is for sys\/ alone/],
  ['koffi by require', 'inotify/a.ts', "const koffi = require('koffi');", /koffi is for sys\/ alone/],
  ['another package', 'sys/a.ts', "import x from 'left-pad';", /the one package/],
  ['a folder that is no layer', 'sys/a.ts', "import x from '../utils/x.ts';", /leads to no layer/],
  ['out of the sources', 'sys/a.ts', "import x from '../x.ts';", /leads to no layer/],
  ['from a folder that is no layer', 'utils/a.ts', "import x from '../sys/x.ts';", /belongs to no layer/],
];

for (const [what, path, content, message] of forbidden) {
  test(`an import that is forbidden: ${what}`, () => {
    const { status, stderr } = checkTree({ 'sys/good.ts': "import fs from 'node:fs';", [path]: content });
    assert.equal(status, 1);
    assert.match(stderr, message);
  });
}

test('a tree without imports is a mistake, not a success', () => {
  assert.equal(checkTree({ 'sys/a.ts': 'export const a = 1;' }).status, 1);
});
