import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth, padToWidth } from '../../../src/cli/output/display-width.ts';

const CELLS: [string, number][] = [
  ['', 0],
  ['blue', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['網路', 4],
  ['ネット', 6],
  ['ﾈｯﾄ', 3],
  ['네트', 4],
  ['ＡＢ', 4],
  ['𠀀', 2],
  ['🐧', 2],
  ['𝒳', 1],
];

test('text takes one cell a character, East Asian ones and pictures two, marks none', () => {
  for (const [text, cells] of CELLS) assert.equal(displayWidth(text), cells, text);
});

test('text is filled up to the width of its column, and longer text left as it is', () => {
  assert.equal(padToWidth('網路', 6), '網路  ');
  assert.equal(padToWidth('longer', 3), 'longer');
});
