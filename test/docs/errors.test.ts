/** docs/errors.md and the sources name the same errors. */
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { read, refusals, rows } from './tables.ts';

test('every code of NlinkErrorCode, and no other, has a cause and a remedy', () => {
  const source = read('src/errors.ts');
  const union = source.slice(source.indexOf('export type NlinkErrorCode'), source.indexOf('export class'));
  const codes = [...union.matchAll(/'(ERR_NLINK_\w+)'/g)].map(([, code]) => code);
  assert.ok(codes.length > 5);
  const documented = rows(3).filter(([code = '']) => code.includes('ERR_NLINK_'));
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

test("every remedy for a refusal of the kernel's is documented, beside the kernel's words where it is for these", () => {
  const source = read('src/netlink/netlink-error.ts');
  const table = source.slice(source.indexOf('const REMEDIES'));
  const remedies = [...table.matchAll(/^ {2}'(RTM_\w+) (E\w+)(?: (.+?))?':/gm)];
  assert.ok(remedies.length > 5);
  const documented = refusals();
  for (const [remedy, request, code, words = 'null'] of remedies) {
    const found = documented.some(
      (cells) => cells[0] === request && cells[1] === code && (words === 'null' || cells[2] === words),
    );
    assert.ok(found, remedy);
  }
  for (const cells of documented) assert.ok(cells[3] && cells[4], cells.join(' '));
});

test("the table of NetlinkError's fields has each of them", () => {
  const source = read('src/netlink/netlink-error.ts');
  const fields = [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => `\`${field}\``);
  assert.ok(fields.length > 3);
  const documented = rows(3).map(([field]) => field);
  assert.deepEqual(
    documented.filter((field = '') => !field.includes('ERR_')),
    fields,
  );
});

test('every error number that the documentation of a function names has a row, for failed system calls or refusals', () => {
  const root = new URL('../../../src/', import.meta.url);
  const named = new Set<string>();
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [, thrown = ''] of readFileSync(new URL(file, root), 'utf8').matchAll(
      /@throws (?:SystemError|NetlinkError)((?:[^@*]|\*(?!\/))*)/g,
    ))
      for (const [, code = ''] of thrown.matchAll(/`(E[A-Z]+)`/g)) named.add(code);
  }
  assert.ok(named.size > 10);
  const page = read('docs/errors.md');
  const missing = [...named].filter((code) => !new RegExp(`^\\|.*[^A-Z]${code}[^A-Z]`, 'm').test(page));
  assert.deepEqual(missing, []);
});
