/**
 * Checks what keeps a file readable: no source has more than 300 lines, no line that is a comment
 * has more than 100 characters, tables too.
 * Usage: check-shape.js [DIRECTORY], by default the sources of all packages. Prints each fault, and ends with 1 if there is one.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_LINES = 300;
const WIDEST_COMMENT = 100;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

const project = fileURLToPath(new URL('..', import.meta.url));
const [base, ...roots] =
  process.argv[2] === undefined
    ? [project, join(project, 'src'), join(project, 'packages/fleet/src')]
    : [process.argv[2], process.argv[2]];
const faults = [];
let files = 0;
for (const path of roots.flatMap(filesOf)) {
  if (!path.endsWith('.ts')) continue;
  files++;
  const file = relative(base, path);
  const lines = readFileSync(path, 'utf8').split('\n');
  if (lines.length - 1 > MOST_LINES) faults.push(`${file}: ${lines.length - 1} lines, at most ${MOST_LINES}`);
  for (const [index, line] of lines.entries())
    if (COMMENT.test(line) && line.length > WIDEST_COMMENT)
      faults.push(`${file}:${index + 1}: a comment of ${line.length} characters, at most ${WIDEST_COMMENT}`);
}
if (files === 0) faults.push(`no source found below ${roots.join(', ')}`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

function filesOf(root) {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file));
}
