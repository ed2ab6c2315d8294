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
    'watch/names/a.ts': "import { b } from '../stream/b.ts';\nimport { a } from '../../netns/names/a.ts';\n",
    'watch/stream/b.ts': "export * from '../../inotify/a.ts';\n",
    'netns/names/a.ts': "import { a } from '../identity/b.ts';\n",
    'netns/identity/b.ts': "export type A = import('../../sys/a.ts').A;\n",
    'index.ts': "export * from './watch/names/a.ts';\n",
    'page/view/a.ts': "import { html } from 'lit-html';\nimport { m } from 'lit-html/directives/map.js';\n",
    'cli/output/text.ts': '',
    'cli/spec/a.ts': "import { t } from '../output/text.ts';\n",
    'cli/host/io.ts': "import type { X } from '../../index.ts';\n",
    'cli/args/parse.ts': "import type { Io } from '../host/io.ts';\nimport { a } from '../spec/a.ts';\n",
    'cli/commands/shared/s.ts': "import { parse } from '../../args/parse.ts';\n",
    'cli/commands/add.ts': "import { s } from './shared/s.ts';\n",
    'cli/commands/watch/watch.ts': "import { s } from '../shared/s.ts';\nimport { b } from './b.ts';\n",
    'cli/registry.ts': "await import('./commands/watch/watch.ts');\n",
    'cli/run.ts': "import './registry.ts';\nawait import('./output/text.ts');\n",
    'cli/main.ts': "import { x } from '../index.ts';\nconst p = require('../../package.json');\n",
  });
  assert.equal(status, 0, stderr);
});

const forbidden: [what: string, path: string, content: string, message: RegExp][] = [
  [
    'upwards',
    'sys/a.ts',
    "import { a } from '../netns/names/b.ts';",
    /sys\/a\.ts: import of '..\/netns\/names\/b.ts': netns\/names is above sys/,
  ],
  [
    'upwards, a type',
    'sys/a.ts',
    "import type { A } from '../watch/names/b.ts';",
    /watch\/names is above sys/,
  ],
  [
    'upwards, an export',
    'netns/names/a.ts',
    "export * from '../../watch/names/b.ts';",
    /watch\/names is above/,
  ],
  [
    'upwards, from room to room',
    'netns/mounts/a.ts',
    "export * from '../names/b.ts';",
    /names is above netns\/mounts/,
  ],
  [
    'upwards, over several lines',
    'sys/a.ts',
    "import {\n  a,\n  b,\n} from '../cli/run.ts';",
    /cli\/run\.ts is above sys/,
  ],
  [
    'upwards, a type in place',
    'sys/a.ts',
    "type A = import('../watch/ids/b.ts').A;",
    /watch\/ids is above sys/,
  ],
  ['upwards, at run time', 'sys/a.ts', "await import('../watch/ids/b.ts');", /watch\/ids is above sys/],
  ['upwards, for its effect', 'errors.ts', "import './sys/a.ts';", /sys is above errors.ts/],
  [
    'the index from below',
    'watch/ids/a.ts',
    "import { a } from '../../index.ts';",
    /index.ts is above watch/,
  ],
  ['a module of Node in the page', 'page/model/a.ts', "import 'node:fs';", /page\/ runs in a browser/],
  ['lit-html below the view', 'page/layout/a.ts', "import 'lit-html';", /lit-html is for page\/view\/ alone/],
  ['the server from the page', 'page/view/a.ts', "import '../../serve/a.ts';", /serve is above page\/view/],
  ['sideways', 'inotify/a.ts', "import { a } from '../netlink/b.ts';", /must not know each other/],
  ['sideways, rooms', 'watch/ids/a.ts', "import { a } from '../names/b.ts';", /must not know each other/],
  ['a folder whose rooms are layers, itself', 'watch/a.ts', "import '../sys/a.ts';", /belongs to no layer/],
  [
    'a command from what it declares',
    'cli/spec/a.ts',
    "await import('../commands/b.ts');",
    /above cli\/spec/,
  ],
  [
    'a type of a command in the host',
    'cli/host/a.ts',
    "import type { A } from '../commands/b/b.ts';",
    /above/,
  ],
  [
    'the host and what commands declare',
    'cli/host/a.ts',
    "import '../spec/b.ts';",
    /must not know each other/,
  ],
  [
    'a command from another one',
    'cli/commands/list/a.ts',
    "import '../watch/b.ts';",
    /commands\/list and cli\/commands\/watch must not know/,
  ],
  [
    'a command, past the registry',
    'cli/run.ts',
    "await import('./commands/add.ts');",
    /only cli\/registry\.ts may import from cli\/commands\/add\.ts/,
  ],
  ['the registry from the program', 'cli/main.ts', "import './registry.ts';", /only cli\/run\.ts may/],
  ['a file of cli/ that has no room', 'cli/a.ts', "import './run.ts';", /belongs to no layer/],
  ['koffi above sys', 'netns/names/a.ts', "import koffi from 'koffi';", /koffi is for sys\/ alone/],
  ['koffi by require', 'inotify/a.ts', "const koffi = require('koffi');", /koffi is for sys\/ alone/],
  ['another package', 'sys/a.ts', "import x from 'left-pad';", /no other package than koffi, lit-html/],
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

const circles: [what: string, files: Record<string, string>, message: RegExp][] = [
  [
    'of two',
    { 'sys/a.ts': "import './b.ts';", 'sys/b.ts': "import { a } from './a.ts';" },
    /a circle: sys\/a\.ts -> sys\/b\.ts -> sys\/a\.ts/,
  ],
  [
    'of three, by a type and at run time',
    {
      'sys/a.ts': "import type { B } from './b.ts';",
      'sys/b.ts': "await import('./c.ts');",
      'sys/c.ts': "export * from './a.ts';",
    },
    /a circle: sys\/a\.ts -> sys\/b\.ts -> sys\/c\.ts -> sys\/a\.ts/,
  ],
  ['of one', { 'sys/a.ts': "type A = import('./a.ts').A;" }, /a circle: sys\/a\.ts -> sys\/a\.ts/],
  [
    'behind a file that is in none',
    {
      'sys/a.ts': "import './b.ts';",
      'sys/b.ts': "import './c.ts';",
      'sys/c.ts': "import './b.ts';",
    },
    /a circle: sys\/b\.ts -> sys\/c\.ts -> sys\/b\.ts/,
  ],
];

for (const [what, files, message] of circles) {
  test(`a circle is told: ${what}`, () => {
    const { status, stderr } = checkTree(files);
    assert.equal(status, 1);
    assert.match(stderr, message);
  });
}

test('two ways to one file are no circle', () => {
  const { status, stderr } = checkTree({
    'sys/a.ts': "import './b.ts';\nimport './c.ts';",
    'sys/b.ts': "import './d.ts';",
    'sys/c.ts': "import './d.ts';",
    'sys/d.ts': '',
  });
  assert.equal(status, 0, stderr);
});

test('a tree without imports is a mistake, not a success', () => {
  assert.equal(checkTree({ 'sys/a.ts': 'export const a = 1;' }).status, 1);
});
