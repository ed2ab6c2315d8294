/** docs/errors.md and the sources name the same errors. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** The rows of all tables of `columns` columns, without head, cells trimmed. */
function rows(columns: number): string[][] {
  return read('docs/errors.md')
    .split('\n')
    .filter((line) => line.startsWith('| `') || line.startsWith('| any'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === columns);
}

test('every code of NlinkErrorCode, and no other, has a cause and a remedy', () => {
  const source = read('src/errors.ts');
  const union = source.slice(source.indexOf('export type NlinkErrorCode'), source.indexOf('export class'));
  const codes = [...union.matchAll(/'(ERR_NLINK_\w+)'/g)].map(([, code]) => code);
  assert.ok(codes.length > 5);
  const documented = rows(3);
  assert.deepEqual(
    documented.map(([code]) => code),
    codes.map((code) => `\`${code}\``),
  );
  for (const [code, cause, remedy] of documented) assert.ok(cause && remedy, code);
});

test('every remedy for a failed system call is documented', () => {
  const source = read('src/sys/errno.ts');
  const table = source.slice(source.indexOf('const remedies'), source.indexOf('\n};'));
  const calls = [...table.matchAll(/^ {2}'?([\w ]+)'?:/gm)].map(([, call = '']) =>
    call.includes(' ') ? call : `any ${call}`,
  );
  assert.ok(calls.length > 5);
  const documented = rows(4).map(([syscall, code]) => `${syscall} ${code}`.replaceAll('`', ''));
  for (const call of calls) assert.ok(documented.includes(call), call);
});
