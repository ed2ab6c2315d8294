/**
 * Checks what keeps a file readable: none in src/ has more than 300 lines, no line that is a comment
 * has more than 100 characters, tables too.
 * Usage: check-shape.js [DIRECTORY], by default src. Prints each fault, and ends with 1 if there is one.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_LINES = 300;
const WIDEST_COMMENT = 100;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

const root = process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url));
const faults = [];
let files = 0;
for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue;
  files++;
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  if (lines.length - 1 > MOST_LINES) faults.push(`${file}: ${lines.length - 1} lines, at most ${MOST_LINES}`);
  for (const [index, line] of lines.entries())
    if (COMMENT.test(line) && line.length > WIDEST_COMMENT)
      faults.push(`${file}:${index + 1}: a comment of ${line.length} characters, at most ${WIDEST_COMMENT}`);
}
if (files === 0) faults.push(`no source found below ${root}`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
