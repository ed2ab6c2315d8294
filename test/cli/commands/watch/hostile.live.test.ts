/**
 * Names that somebody chose to hurt whoever looks at them: as long as they may be, with newlines,
 * escape sequences, overrides of direction, bytes that are not UTF-8. `nlink watch` writes none of
 * it raw, on a terminal or not, for people or as JSON; and JSON gives the name back.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { decodeName } from '../../../../src/index.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../../support/netns.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { main } from '../../support/program.ts';

const ESCAPE = '\x1b';
const NAMES: readonly string[] = [
  'n'.repeat(255),
  'é'.repeat(127),
  '\x1b'.repeat(255),
  'two\nlines\r\n2026-01-01 forged  created  root',
  '\x1b[31m\x1b]0;title\x07\x1b[2J\x1bc',
  '\x9b31m',
  'over\u202eride\u2066\u200b\ufeff',
  '-rf',
  ' ',
  '"\\',
  decodeName(Buffer.from([0xff, 0xfe, 0x9b, 0x80, 0xc3])),
  decodeName(Buffer.alloc(255, 0xff)),
];

/** The colours that nlink itself writes. */
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');

/** Everything that it prints, by both ways, while the names come and go. */
async function printed(directory: string, options: readonly string[], present: boolean): Promise<Buffer> {
  addNamespace(`${directory}/first`);
  if (present) for (const name of NAMES) addNamespace(`${directory}/${name}`);
  const env = { ...process.env, FORCE_COLOR: '1' };
  const child = spawn(process.execPath, [main, 'watch', ...options, '-d', directory], { env });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exited = once(child, 'exit');
  const lines = (): number => Buffer.concat(chunks).toString('latin1').split('\n').length - 1;
  await waitFor('those that are there', () => lines() >= (present ? NAMES.length + 1 : 1));
  for (const name of present ? [] : NAMES) addNamespace(`${directory}/${name}`);
  if (!present) await waitFor('those that come', () => lines() >= NAMES.length + 1);
  for (const name of NAMES) deleteNamespace(`${directory}/${name}`);
  await waitFor('their end', () => lines() >= 2 * NAMES.length + 1);
  child.kill('SIGTERM');
  await within('the end', exited);
  return Buffer.concat(chunks);
}

for (const present of [true, false]) {
  test(`for people, in colour: nothing raw; ${present ? 'there before' : 'made while it watches'}`, async () => {
    const text = (await printed(netnsDirectory(), [], present)).toString('utf8');
    assert(text.includes(ESCAPE), 'it was to be in colour');
    const plain = text.replace(COLOURS, '');
    assert.doesNotMatch(plain.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}\ufffd]/u);
    // One line for each event, whatever is in a name.
    const came = plain.split('\n').filter((line) => /^\S+ +(created|present) /.test(line));
    assert.equal(came.length, NAMES.length + 1);
  });

  test(`as JSON: nothing raw, and the names come back; ${present ? 'there before' : 'made while it watches'}`, async () => {
    const text = (await printed(netnsDirectory(), ['--json'], present)).toString('utf8');
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}\ufffd]/u);
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; name: string });
    for (const type of [present ? 'present' : 'created', 'deleted']) {
      const names = events
        .filter((event) => event.type === type && event.name !== 'first')
        .map(({ name }) => name);
      assert.deepEqual(names.toSorted(), NAMES.toSorted());
    }
  });
}
