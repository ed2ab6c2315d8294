/**
 * In the machine: runs tests, and tells how they ended on the serial line that the host reads: a
 * JSON object a line, `{ part, text }` for what is to be read, `{ part, tests, passed, failed,
 * skipped, seconds }` at the end.
 */
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';

const LINE = 1;

export function report(object) {
  const bytes = Buffer.from(`${JSON.stringify(object)}\n`);
  for (let at = 0; at < bytes.length;) at += writeSync(LINE, bytes, at);
}

/** Runs Node with a test runner that writes TAP, and reports it as `part`. */
export function runTests(part, args, env = {}) {
  const start = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: '/opt/nlink',
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = Math.round((performance.now() - start) / 1000);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);
  for (const text of toRead(stdout.split('\n'))) report({ part, text });
  for (const line of stderr.split('\n')) if (line !== '') report({ part, text: line });
  const [tests, passed, skipped] = ['tests', 'pass', 'skipped'].map(count);
  const failed = count('fail') + count('cancelled');
  if (status !== 0 && failed === 0)
    report({ part, text: `ended with ${status ?? signal} ${error?.message ?? ''}` });
  // To end badly counts, also where no test says so.
  report({ part, tests, passed, skipped, seconds, failed: failed === 0 && status !== 0 ? 1 : failed });
}

/** Of the TAP output: what was skipped, and of what failed the whole block. */
function* toRead(lines) {
  let end = null;
  for (const line of lines) {
    const [, indent, not] = /^( *)(not )?ok \d+ /.exec(line) ?? [];
    if (indent !== undefined) end = not === undefined ? null : `${indent}  ...`;
    if (end !== null || /^ *ok \d+ .* # SKIP/.test(line)) yield line;
    if (line === end) end = null;
  }
}
