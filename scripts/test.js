/**
 * Runs the compiled tests by node:test, all in one run with one closing summary: `*.test.ts` and
 * `*.live.test.ts`, with `--slow` also `*.slow.test.ts`, with `--world` only `*.world.test.ts`
 * (scripts/world.js), with `--browser` only `*.browser.test.ts`, which need Chromium; arguments
 * that are no options choose the files whose path contains one of them. With CI=true in the
 * environment a skipped test is a failure. `--brief`: random scenarios and long repetitions a tenth
 * as often, for the same tests on another version of Node; without `--slow` they are half as often
 * (test/support/runs.ts).
 * NLINK_TEST_CONCURRENCY: how many files at once, by default as many as there are processors.
 * NLINK_TEST_PATIENCE: how many times longer than usual each deadline is, on a machine that is
 * emulated. How the live ones are kept off the host: test/support/sandbox.ts.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { inspect } from 'node:util';

/**
 * Against a file that hangs, never against a slow machine: some take more than a minute on a quick
 * one.
 */
const FILE_TIMEOUT = 10 * 60_000 * Number(process.env['NLINK_TEST_PATIENCE'] ?? 1);
const root = fileURLToPath(new URL('..', import.meta.url));

if (process.argv.includes('--brief')) process.env['NLINK_TEST_BRIEF'] = '1';
const slow = process.argv.includes('--slow');
if (slow) process.env['NLINK_TEST_SLOW'] = '1';
/** A ring of its own is run by itself; the others leave it out. */
const RINGS = ['world', 'browser'];
const ring = RINGS.find((name) => process.argv.includes(`--${name}`));
const ringOf = (path) => RINGS.find((name) => path.endsWith(`.${name}.test.ts`));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
/** How many files at once: many of them wait for the kernel more than they work. */
const concurrency = Number(process.env['NLINK_TEST_CONCURRENCY'] ?? availableParallelism());
const strict = process.env['CI'] === 'true';

requireTools();

// By the sources: build/ may still hold the output of a test that has been removed.
const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}/test`);
const sources = ['test', ...packages]
  .flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => path.endsWith('.test.ts') && ringOf(path) === ring)
  .filter((path) => slow || !path.endsWith('.slow.test.ts'))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  // The watchers' are the last by name and take the longest: begun first, none is waited for alone
  // at the end.
  .sort((a, b) => (a < b ? 1 : -1));
const unmatched = wanted.filter((part) => !sources.some((path) => path.includes(part)));
if (unmatched.length > 0) fail(`no test file matches ${unmatched.join(' ')}`);

const failures = [];
const skipped = [];
const events = run({
  files: sources.map((path) => `${root}build/${path.replace(/\.ts$/, '.js')}`),
  concurrency,
  timeout: FILE_TIMEOUT,
});
events.on('test:fail', (test) => {
  if (test.todo === undefined) failures.push(test);
});
events.on('test:pass', (test) => {
  if (test.skip !== undefined) skipped.push(test);
});
const reporter = process.stdout.isTTY ? events.compose(new spec()) : events.compose(tap);
reporter.pipe(process.stdout);
reporter.on('end', () => {
  if (failures.length > 0) process.exitCode = 1;
  if (strict && skipped.length > 0) {
    console.error(`CI=true, and ${skipped.length} skipped:`);
    for (const { name, skip } of skipped) console.error(`  ${name}: ${skip}`);
    process.exitCode = 1;
  }
  if (process.stdout.isTTY) return;
  const causes = failures.filter(({ details }) => details.error.failureType !== 'subtestsFailed');
  for (const failure of causes) console.error(describe(failure));
});

/**
 * Once more at the end, as the reporter for terminals does: of a long log, often only the end is
 * kept.
 */
function describe({ name, file, line, details: { error } }) {
  const { cause, exitCode, signal } = error;
  // Of a file that crashed there is no more than that.
  const why = typeof cause === 'string' ? { cause, exitCode, signal } : (cause ?? error);
  const path = file?.replace(`${root}build/`, '');
  return `\nfailed on Node ${process.version}: ${name} (${path}:${line})\n${inspect(why)}`;
}

/** The sandbox is made with util-linux, the namespaces in it with iproute2. */
function requireTools() {
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const packages = {
    ip: 'iproute2',
    unshare: 'util-linux',
    nsenter: 'util-linux',
    setpriv: 'util-linux',
    mount: 'mount',
  };
  const missing = Object.keys(packages).filter(
    (tool) => spawnSync(tool, ['-V'], { env }).error !== undefined,
  );
  if (missing.length === 0) return;
  const needed = [...new Set(missing.map((tool) => packages[tool]))].join(' ');
  fail(
    `the tests need ${missing.join(', ')}: apt-get install ${needed} (or the packages of your distribution)`,
  );
}

function fail(message) {
  console.error(`test: ${message}`);
  process.exit(1);
}
