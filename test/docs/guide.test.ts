/**
 * The guide shows programs that are files, word for word, and each of them in a session that is run
 * (guide.live.test.ts).
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { blocks, pages, programs, sessions } from './guide.ts';
import { read } from './tables.ts';

test('there are programs and sessions', () => {
  assert.ok(programs.length >= 8);
  assert.ok(sessions.length >= 7);
});

test('every block of code was seen', () => {
  for (const page of pages) {
    const fences = read(page).match(/^```/gm)?.length ?? 0;
    assert.equal(blocks.filter((block) => block.page === page).length * 2, fences, page);
  }
});

for (const { page, file, text, before } of programs) {
  test(`${page}: ${file || before}`, () => {
    assert.ok(file, `a program without a file: "${before}" must link to one of examples/`);
    assert.equal(text, read(file));
  });
}

test('every program is run in a session, or has a test of its own', () => {
  for (const { file } of programs) {
    const name = file.replace('examples/', '').replace('.ts', '.js');
    const isRun = sessions.some(({ text }) => text.includes(`$ node ${name}`));
    assert.ok(isRun || name === 'exporter.js', file);
  }
});
