/**
 * `node --permission`: whoever follows what the messages say gets there, and nothing false is said
 * on the way.
 */
import { netnsDirectory, addNamespace } from '../../support/netns.ts';
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from '../support/program.ts';

/** What is run, and koffi. */
const code = fileURLToPath(new URL('../../../../', import.meta.url));
/** As this version of Node calls it. */
const permission =
  spawnSync(process.execPath, ['--permission', '-e', '0']).status === 0
    ? '--permission'
    : '--experimental-permission';
const started = [permission, `--allow-fs-read=${code}`];
const directory = netnsDirectory();
addNamespace(`${directory}/blue`);

interface Outcome {
  status: number | null;
  stdout: string;
  /** What nlink said; Node warns of its own flags. */
  said: string[];
}

function nlink(flags: readonly string[], ...words: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, main, ...words], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, said: stderr.split('\n').filter((line) => line.startsWith('nlink: ')) };
}

/** The flags that a message says to start node with. */
const flagsIn = (text: string): string[] => text.match(/(?<=start node with .*)--allow-\S+/g) ?? [];

for (const words of [
  ['list', '--directory', directory],
  ['watch', '--directory', directory, '--for', '10ms'],
  ['wait', 'blue', '--directory', directory],
  ['pids', 'blue', '--directory', directory],
  ['doctor', '--directory', directory],
]) {
  test(`the flags of the message are all that it takes: ${words[0]}`, () => {
    const refused = nlink(started, ...words);
    const told = [...refused.said, refused.stdout].join('\n');
    const flags = flagsIn(told);
    assert.ok(flags.includes('--allow-addons'), told);
    assert.equal(refused.status, 3, told);
    const { status, stdout, said } = nlink([...started, ...new Set(flags)], ...words);
    assert.equal(status, 0, said.join('\n'));
    assert.doesNotMatch(said.join('\n') + stdout, /--allow-/);
  });
}

test('a directory that may not be read: which flag, and nothing of root', () => {
  const { status, said } = nlink([...started, '--allow-addons'], 'list', '--directory', directory);
  assert.equal(status, 3);
  assert.deepEqual(said, [
    `nlink: EACCES: scandir '${directory}': the permission model of Node forbids it: start node with --allow-fs-read=${directory}`,
  ]);
});

test('without /proc watching works; doctor says so, and nothing of what it could not read', () => {
  const flags = [...started, '--allow-addons', '--allow-fs-read=/run'];
  const watched = nlink(flags, 'watch', '--json', '--directory', directory, '--for', '10ms');
  assert.equal(watched.status, 0, watched.said.join('\n'));
  assert.match(watched.stdout, /"blue"/);
  const { status, stdout } = nlink(flags, 'doctor', '--json', '--directory', directory);
  assert.equal(status, 0);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; remedy: string }[] };
  const proc = checks.find(({ name }) => name === 'proc');
  assert.equal(proc?.status, 'degraded');
  assert.match(proc.remedy, /start node with --allow-fs-read=\/proc$/);
  const names = checks.map(({ name }) => name);
  assert.ok(names.includes('directory'));
  assert.ok(!names.includes('capabilities') && !names.includes('open files'), names.join());
  const { status: failed, said } = nlink(flags, 'pids', 'blue', '--directory', directory);
  assert.equal(failed, 3);
  assert.match(said.join('\n'), /start node with --allow-fs-read=\/proc$/);
});

test('a hook: which flag', () => {
  const flags = [...started, '--allow-addons', '--allow-fs-read=/run', '--allow-fs-read=/proc'];
  const { said } = nlink(flags, 'watch', '--exec=true', '--directory', directory, '--for', '10ms');
  assert.match(said.join('\n'), /could not be started: .*start node with --allow-child-process$/m);
});

test('--no-addons: it says to leave that out, and not to install anything', () => {
  const { status, said } = nlink(['--no-addons'], 'list', '--directory', directory);
  assert.equal(status, 3);
  assert.match(said.join('\n'), /node was started with --no-addons: leave that out$/);
  assert.doesNotMatch(said.join('\n'), /install/i);
});
