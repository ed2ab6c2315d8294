/** `nlink fleet`: where nlink-fleet is found, and that nlink becomes it. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../../src/cli/run.ts';
import { systemError } from '../../../src/sys/errno.ts';
import { FakeIo } from '../support/fake-io.ts';
import { compiled, startProgram } from '../support/program.ts';

const fleet = (io: FakeIo, ...words: string[]): Promise<number> => run(words, io);

test('all words after it are those of nlink-fleet, and options of nlink before it too', async () => {
  for (const [words, expected] of [
    [['fleet'], []],
    [['fleet', '--help'], ['--help']],
    [['fleet', '-V'], ['-V']],
    [
      ['fleet', '--server', 'x', 'list'],
      ['--server', 'x', 'list'],
    ],
    [
      ['fleet', 'watch', '--json', '--help', '--', '-x'],
      ['watch', '--json', '--help', '--', '-x'],
    ],
    [
      ['-q', '--no-color', 'fleet', 'list'],
      ['--quiet', '--no-color', 'list'],
    ],
  ] as const) {
    const io = new FakeIo();
    io.fleetProgram = async () => ['/node', '/x.js'];
    await fleet(io, ...words);
    assert.deepEqual(io.became, ['/node', '/x.js', ...expected]);
  }
});

test('not installed: said how to, 127; what cannot be run otherwise is said as it is', async () => {
  const io = new FakeIo();
  io.refusal = systemError(2, 'execvp', 'nlink-fleet');
  assert.equal(await fleet(io, 'fleet', 'list'), 127);
  assert.equal(io.stderr.text, 'nlink: nlink-fleet is not installed: npm install --global nlink-fleet\n');
  const other = new FakeIo();
  other.refusal = systemError(13, 'execvp', 'nlink-fleet');
  assert.equal(await fleet(other, 'fleet', 'list'), 3);
  assert.match(other.stderr.text, /^nlink: EACCES: execvp/);
});

test('its help says what it is, without nlink-fleet', async () => {
  const io = new FakeIo();
  assert.equal(await fleet(io, 'help', 'fleet'), 0);
  assert.equal(io.became, null);
  assert.match(io.stdout.text, /^Usage: nlink fleet \[OPTION\]\.\.\. \[WORD\.\.\.\]\n[^]*npm install/);
});

interface Installed {
  main: string;
  modules: string;
  /** A folder with a program `nlink-fleet`. */
  bin: string;
}

/** nlink as npm installs it, without nlink-fleet. */
function installed(t: TestContext): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'nlink-fleet-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  cpSync(dirname(dirname(compiled)), join(modules, 'nlink/dist'), {
    recursive: true,
    filter: (path) => !/\.(?:map|d\.ts)$/.test(path),
  });
  const manifest = { name: 'nlink', type: 'module', exports: { './internal': './dist/internal.js' } };
  writeFileSync(join(modules, 'nlink/package.json'), JSON.stringify(manifest));
  symlinkSync(
    fileURLToPath(new URL('../../../../node_modules/koffi', import.meta.url)),
    join(modules, 'koffi'),
  );
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'nlink-fleet'), '#!/bin/sh\necho "path $*"\nexit 7\n');
  chmodSync(join(bin, 'nlink-fleet'), 0o755);
  return { main: join(modules, 'nlink/dist/cli/main.js'), modules, bin };
}

test('found in PATH, or beside nlink, which counts more; its status and signal are those of nlink', async (t) => {
  const { main, modules, bin } = installed(t);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  const outcome = (...words: string[]): (string | number | null)[] => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, 'fleet', ...words], {
      env,
      encoding: 'utf8',
    });
    return [stdout, stderr, status];
  };
  assert.deepEqual(outcome('a b', '--json'), ['path a b --json\n', '', 7]);
  mkdirSync(join(modules, 'nlink-fleet'));
  const manifest = { name: 'nlink-fleet', type: 'module', bin: { 'nlink-fleet': './main.js' } };
  writeFileSync(join(modules, 'nlink-fleet/package.json'), JSON.stringify(manifest));
  assert.deepEqual(outcome('x'), ['path x\n', '', 7], 'one that is not whole is left alone');
  const script = `console.log(JSON.stringify(process.argv.slice(2)), process.argv.length);
    if (process.argv[3] === 'wait') setInterval(() => {}, 1000); else process.exitCode = 9;`;
  writeFileSync(join(modules, 'nlink-fleet/main.js'), script);
  assert.deepEqual(outcome('1', 'ä\n'), ['["1","ä\\n"] 4\n', '', 9]);
  const { child, stdout, ended } = startProgram(t, main, 'fleet', '0', 'wait');
  await stdout.next();
  child.kill('SIGUSR2');
  assert.equal(await ended, 'SIGUSR2');
});

test('one that does not find nlink, as in a checkout, is passed over', (t) => {
  const { main, modules, bin } = installed(t);
  const fleet = mkdtempSync(join(tmpdir(), 'nlink-fleet-test-'));
  t.after(() => rmSync(fleet, { recursive: true }));
  const manifest = { name: 'nlink-fleet', type: 'module', bin: { 'nlink-fleet': './main.js' } };
  writeFileSync(join(fleet, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(fleet, 'main.js'), `import 'nlink/internal'; console.log('beside');`);
  symlinkSync(fleet, join(modules, 'nlink-fleet'));
  const outcome = (): string[] => {
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    const { stdout, stderr } = spawnSync(process.execPath, [main, 'fleet'], { env, encoding: 'utf8' });
    return [stdout, stderr];
  };
  assert.deepEqual(outcome(), ['path \n', '']);
  mkdirSync(join(fleet, 'node_modules'));
  symlinkSync(join(modules, 'nlink'), join(fleet, 'node_modules/nlink'));
  assert.deepEqual(outcome(), ['beside\n', '']);
});

test('nowhere: 127', (t) => {
  const { main } = installed(t);
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, 'fleet', 'list'], {
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  assert.deepEqual(
    [stdout, stderr, status],
    ['', 'nlink: nlink-fleet is not installed: npm install --global nlink-fleet\n', 127],
  );
});
