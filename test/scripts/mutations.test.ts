/** Each deliberate fault still fits the sources: `npm run mutate` itself takes too long for each run. */
import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Mutation {
  id: string;
  root: string;
  symbol: string;
  find: string;
  replace: string;
  tests: string[];
}
type Sources = Map<string, string>;
interface Symbols {
  readSources: (root: string) => Sources;
  locate: (sources: Sources, symbol: string, piece: string) => { file: string; start: number; end: number };
}

const root = new URL('../../../', import.meta.url);
const load = (path: string): Promise<unknown> => import(new URL(`scripts/mutations/${path}`, root).href);
const { mutations } = (await load('index.js')) as { mutations: Mutation[] };
const { locate, readSources } = (await load('symbols.js')) as Symbols;
const sources = new Map(
  [...new Set(mutations.map((mutation) => mutation.root))].map((path) => [
    path,
    readSources(fileURLToPath(new URL(path, root))),
  ]),
);
const paths = ['test', 'packages/fleet/test'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map(
    (path) => `${folder}/${path}`,
  ),
);

test('each fault stands once in its symbol, and changes it', () => {
  for (const { root: room, symbol, find, replace } of mutations) {
    locate(sources.get(room) as Sources, symbol, find);
    assert.notEqual(find, replace);
  }
});

test('each fault has tests, and each of them is there', () => {
  for (const { id, tests } of mutations) {
    assert.ok(tests.length > 0, id);
    for (const part of tests)
      assert.ok(
        paths.some((path) => path.endsWith('.test.ts') && path.includes(part)),
        `${id}: ${part}`,
      );
  }
});

test('no two faults are the same', () => {
  const keys = mutations.map(({ root: room, symbol, find, replace }) =>
    [room, symbol, find, replace].join('\n'),
  );
  assert.equal(new Set(keys).size, keys.length);
});

const small: Sources = new Map([
  [
    'a.ts',
    'export class A {\n  #b = 1;\n\n  c(): number {\n    return this.#b + 1;\n  }\n\n  d(): number {\n    return 1;\n  }\n}\n',
  ],
  ['b.ts', 'function c(): void {\n  one(\n    1,\n  );\n}\n\nconst A1 = 1;\n'],
]);

for (const [symbol, piece, text] of [
  ['A.c', 'return this . #b', 'return this.#b'],
  ['A.#b', '1', '1'],
  ['A.d', '1', '1'],
  ['c', 'one(1,', 'one(\n    1,'],
  ['A1', '1;', '1;'],
  ['b.ts/A1', '1;', '1;'],
] as const) {
  test(`${JSON.stringify(piece)} in ${symbol} is found, however it is spaced`, () => {
    const { file, start, end } = locate(small, symbol, piece);
    assert.equal(small.get(file)?.slice(start, end), text);
  });
}

for (const [symbol, piece, message] of [
  ['B', '1', /^B is declared in 0 files/],
  ['A.e', '1', /^A\.e is declared in 0 files/],
  ['a.ts/A1', '1;', /^a\.ts\/A1 is declared in 0 files/],
  ['A', 'return', /^A has "return" 2 times/],
  ['A.c', 'return 1', /^A\.c has "return 1" 0 times/],
] as const) {
  test(`${JSON.stringify(piece)} in ${symbol} is refused`, () => {
    assert.throws(() => locate(small, symbol, piece), { message });
  });
}
