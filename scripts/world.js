/**
 * Runs nlink beside real container runtimes, each in a sandbox of its own (test/world/), and prints
 * what came of it, a row a runtime. Installs them first (scripts/world/install.sh); so it takes
 * root. Arguments that are no options choose the files, as for scripts/test.js.
 *
 * Ends with 0 if every runtime ran and every step passed, with 1 if a step failed or something was
 * left on the host, with 2 if nothing failed but a runtime cannot run on this machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);

const install = spawnSync(join(root, 'scripts/world/install.sh'), { stdio: 'inherit' });
if (install.status !== 0) process.exit(1);

// Not in $TMPDIR: the sandboxes have directories of their own where they may write, and /tmp is the
// host's.
const results = mkdtempSync('/tmp/nlink-world-');
try {
  const env = { ...process.env, NLINK_WORLD_RESULTS: results };
  // That a runtime cannot run is told here, and is no failure of the tests.
  delete env['CI'];
  const run = spawnSync(process.execPath, [join(root, 'scripts/test.js'), '--world', ...wanted], {
    env,
    stdio: 'inherit',
  });
  const rows = files()
    .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
    .map((path) => readRow(basename(path, '.ts')));
  print(rows);
  if (run.status !== 0 || rows.some(failed)) process.exitCode = 1;
  else if (rows.some(({ cannotRun }) => cannotRun !== undefined)) process.exitCode = 2;
} finally {
  rmSync(results, { recursive: true });
}

/** Those of the packages, too. */
function files() {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/test/world`);
  return ['test/world', ...packages]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.world.test.ts'));
}

/** A file that ended before it could tell has no row of its own making. */
function readRow(file) {
  try {
    return JSON.parse(readFileSync(join(results, `${file}.json`), 'utf8'));
  } catch {
    return { file, runtime: file, version: '-', steps: [] };
  }
}

function failed({ cannotRun, steps }) {
  return cannotRun === undefined && (steps.length === 0 || steps.some(({ passed }) => !passed));
}

function verdict(row) {
  if (row.cannotRun !== undefined) return 'cannot run here';
  return failed(row) ? 'FAILED' : 'passed';
}

function print(rows) {
  const table = rows.map((row) => [
    row.runtime,
    row.version,
    `${row.steps.filter(({ passed }) => passed).length} of ${row.steps.length}`,
    verdict(row),
  ]);
  table.unshift(['RUNTIME', 'VERSION', 'STEPS', 'VERDICT']);
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  console.log('');
  for (const cells of table)
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
  for (const { runtime, cannotRun, steps } of rows) {
    if (cannotRun !== undefined) console.log(`\n${runtime}: cannot run here: ${cannotRun}`);
    const told = steps.filter(({ passed, notes }) => !passed || notes.length > 0);
    if (told.length > 0) console.log(`\n${runtime}`);
    for (const { title, passed, notes } of told) {
      console.log(`  ${passed ? '' : 'FAILED: '}${title}`);
      for (const note of notes) console.log(`    ${note}`);
    }
  }
}
