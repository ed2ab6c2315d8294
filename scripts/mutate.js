/**
 * Makes deliberate faults (mutations/), one at a time, in a copy of the sources, and runs the tests
 * that must notice. A fault that none notices survives: it is listed, and the program ends with 1.
 * So it does where a fault no longer fits the source, or where the tests fail without any. Usage:
 * mutate.js [PART...]: only faults whose room, symbol, tests or description contain one of them
 * (`packages/fleet`: those of nlink-fleet). As root all take some twenty minutes.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutations } from './mutations/index.js';
import { locate, readSources } from './mutations/symbols.js';

const FOLDERS = ['src', 'test', 'packages', 'scripts', 'docs', 'examples'];
const FILES = ['README.md', 'package.json', 'tsconfig.json'];
const root = fileURLToPath(new URL('..', import.meta.url));
const parts = process.argv.slice(2);
const chosen = mutations.filter(
  ({ id, root: room, symbol, tests }) =>
    parts.length === 0 ||
    parts.some((part) => [id, room, symbol, ...tests].some((text) => text.includes(part))),
);
if (chosen.length === 0) throw new Error(`no fault matches ${parts.join(' ')}`);

const copy = mkdtempSync(join(tmpdir(), 'nlink-mutate-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
// Some tests run as another user.
chmodSync(copy, 0o755);
for (const path of [...FOLDERS, ...FILES]) cpSync(join(root, path), join(copy, path), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const roots = new Set(chosen.map((mutation) => mutation.root));
const sources = new Map([...roots].map((path) => [path, readSources(join(copy, path))]));
const outcomes = { caught: [], survived: [], unfit: [] };
requireHealth();
for (const mutation of chosen) {
  const { outcome, by } = outcomeOf(mutation);
  outcomes[outcome].push(mutation);
  console.log(
    `${outcome.padEnd('survived'.length)}  ${mutation.symbol}: ${mutation.id}${by === undefined ? '' : ` (${by})`}`,
  );
}
console.log(
  `${chosen.length} faults: ${Object.entries(outcomes)
    .map(([outcome, { length }]) => `${length} ${outcome}`)
    .join(', ')}`,
);
process.exitCode = outcomes.caught.length === chosen.length ? 0 : 1;

/** Without a fault all must pass, or to fail would mean nothing. */
function requireHealth() {
  if (!compiles()) throw new Error('the sources do not compile');
  const failed = failingOf([...new Set(chosen.flatMap(({ tests }) => tests))]);
  if (failed !== undefined) throw new Error(`${failed} fails without any fault`);
}

function outcomeOf({ root: room, symbol, find, replace, tests }) {
  const texts = sources.get(room);
  let place;
  try {
    place = locate(texts, symbol, find);
  } catch (error) {
    return { outcome: 'unfit', by: error.message };
  }
  const path = join(copy, room, place.file);
  const source = texts.get(place.file);
  try {
    writeFileSync(path, source.slice(0, place.start) + replace + source.slice(place.end));
    if (!compiles()) return { outcome: 'unfit', by: 'it does not compile' };
    const by = failingOf(tests);
    return by === undefined ? { outcome: 'survived' } : { outcome: 'caught', by };
  } finally {
    writeFileSync(path, source);
  }
}

/** What nobody uses any more is no fault here. Only what is another file than before is compiled. */
function compiles() {
  const options = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  options.push('--incremental', '--tsBuildInfoFile', 'build/.tsbuildinfo');
  return run(join(copy, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json', ...options]) === 0;
}

/** The first of the tests that fails; undefined: none does. */
function failingOf(tests) {
  return tests.find((part) => run(process.execPath, ['scripts/test.js', part]) !== 0);
}

function run(command, args) {
  // A test that skips for want of a right must not count as one that passed.
  const env = { ...process.env, CI: 'true' };
  return spawnSync(command, args, { cwd: copy, env, stdio: 'ignore' }).status;
}
