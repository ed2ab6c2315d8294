/**
 * The completion scripts in the shells themselves: everything of the table is offered, names are
 * quoted as the shell reads them, and nothing that is typed is run. Live as they are, they need no
 * namespaces: a directory of files serves.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { namesOf } from '../../../../src/cli/spec/types.ts';
import type { Command } from '../../../../src/cli/spec/types.ts';
import { COMMANDS, COMMON_OPTIONS } from '../../../../src/cli/spec/index.ts';
import { lacking, offeredByBash, offeredByFish, scriptFor, temporary, Terminal } from './shells.ts';
import type { Shell } from './shells.ts';

/** What a command looks like that runs another one; the real one may know more. */
const RUN: Command = {
  name: 'run',
  summary: 'runs a command',
  description: [],
  arguments: [
    { name: 'name', value: 'NAME', required: true, completes: 'name', notWith: ['all'], help: [] },
    {
      name: 'command',
      value: 'COMMAND',
      required: true,
      several: 'rest',
      completes: 'program',
      help: [],
    },
  ],
  options: [
    { name: 'all', notWith: ['directory'], help: ['in all'] },
    { name: 'directory', short: 'd', value: 'DIR', completes: 'directory', help: ['where'] },
  ],
  sections: [],
  examples: [],
  success: 'done',
};

const WAIT: Command = {
  ...RUN,
  name: 'waitfor',
  arguments: [{ name: 'name', value: 'NAME', required: true, several: 'words', completes: 'name', help: [] }],
  options: [{ name: 'pid', short: 'p', value: 'PID', completes: 'pid', help: ['which'] }],
};

/** Asks a shell what there is for a line whose words are split at spaces. */
type Ask = (line: string) => Promise<string[]>;

const NAMES = ['blue', 'black', 'red', '.hidden', '-dash', 'a b', "it's", 'a$x', 'c:d', 'x@y', '\u{1f600}'];

/** A directory of names, and one of others that is no usual one. */
function directories(t: TestContext): { names: string; others: string } {
  const root = temporary(t);
  const [names, others] = [join(root, 'names'), join(root, 'others')];
  for (const directory of [names, others, join(names, 'directory')]) mkdirSync(directory);
  for (const name of NAMES) writeFileSync(join(names, name), '');
  for (const name of ['green', 'grey']) writeFileSync(join(others, name), '');
  return { names, others };
}

const programs: Record<Shell, string[]> = { bash: ['bash'], zsh: ['zsh', 'script'], fish: ['fish'] };

async function asker(t: TestContext, shell: Shell, names: string): Promise<Ask> {
  const script = scriptFor(shell, temporary(t), names, [...COMMANDS, RUN, WAIT]);
  if (shell === 'fish') return async (line) => offeredByFish(t, script, line);
  if (shell === 'bash') {
    // As readline splits it: `=` and `:` are words of their own, and the spaces around them are
    // none.
    return async (line) => offeredByBash(script, line, line.match(/[=:]|[^ =:]+|(?<= )$/g) ?? []);
  }
  const terminal = await Terminal.open(t, 'zsh', script);
  return async (line) => (await terminal.tab(line)).offered;
}

const sorted = (words: Iterable<string>): string[] => [...new Set(words)].sort();
const long = (words: readonly string[]): string[] => sorted(words.filter((word) => word.startsWith('--')));

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const skip = lacking(...programs[shell]);

  test(`${shell}: every command, and every option of each`, { skip }, async (t) => {
    const { names } = directories(t);
    const ask = await asker(t, shell, names);
    const commands = [...COMMANDS, RUN, WAIT].map(({ name }) => name);
    assert.deepEqual(sorted(await ask('nlink ')), sorted([...commands, 'help']));
    assert.deepEqual(
      sorted(await ask('nlink --no-color wa')),
      ['waitfor', 'watch', ...(commands.includes('wait') ? ['wait'] : [])].sort(),
    );
    assert.deepEqual(sorted(await ask('nlink help ')), sorted(commands));
    assert.deepEqual(long(await ask('nlink --')), sorted(COMMON_OPTIONS.map(({ name }) => `--${name}`)));
    for (const command of COMMANDS) {
      const expected = [...command.options, ...COMMON_OPTIONS].map((option) => `--${option.name}`);
      for (const name of namesOf(command))
        assert.deepEqual(long(await ask(`nlink ${name} --`)), sorted(expected), name);
    }
    assert.deepEqual(await ask('nlink nosuch '), []);
  });

  test(`${shell}: options that are given, or exclude each other, are not offered`, { skip }, async (t) => {
    const { names } = directories(t);
    const ask = await asker(t, shell, names);
    const offered = async (line: string): Promise<Set<string>> => new Set(await ask(line));
    assert.ok(!(await offered('nlink watch --json --j')).has('--json'));
    assert.ok(!(await offered('nlink watch -j --j')).has('--json'));
    assert.ok((await offered('nlink watch -d /x --d')).has('--directory'));
    for (const line of ['nlink watch -jd /x --', 'nlink watch --directory=/x --'])
      assert.ok(!(await offered(line)).has('--nsids'), line);
    const beside = await offered('nlink watch --nsids --');
    assert.ok(!beside.has('--directory') && beside.has('--all-namespaces'));
    assert.ok(!(await offered('nlink run --all --')).has('--directory'));
    assert.ok(!(await offered('nlink run -d /x --')).has('--all'));
  });

  test(`${shell}: names, from the directories on the line or the usual one`, { skip }, async (t) => {
    const { names, others } = directories(t);
    const ask = await asker(t, shell, names);
    assert.deepEqual(sorted(await ask('nlink id bl')), ['black', 'blue']);
    for (const line of ['-d ', '--directory=', '--directory ', '-d', '-jd '])
      assert.deepEqual(sorted(await ask(`nlink id ${line}${others} g`)), ['green', 'grey'], line);
    assert.deepEqual(sorted(await ask(`nlink id -d ${others} -d ${names} `)).includes('red'), true);
    assert.deepEqual(await ask(`nlink id -d ${others} bl`), []);
    assert.deepEqual(await ask(`nlink id -d ${others}/none `), []);
    assert.deepEqual(sorted(await ask('nlink id .')), ['.hidden']);
    assert.deepEqual(await ask('nlink id dir'), []);
    assert.ok(!(await ask('nlink id ')).some((word) => word.startsWith('-d')));
    assert.deepEqual(sorted(await ask('nlink id -- -d')), ['-dash']);
    assert.deepEqual(sorted(await ask('nlink waitfor red black bl')), ['black', 'blue']);
    assert.deepEqual(sorted(await ask('nlink ids --target re')), ['red']);
  });

  test(
    `${shell}: values of options, lists, processes, paths, and a command line of its own`,
    { skip },
    async (t) => {
      const { names } = directories(t);
      const ask = await asker(t, shell, names);
      assert.deepEqual(sorted(await ask('nlink set red au')), ['auto']);
      assert.deepEqual(sorted(await ask('nlink completion ')), ['bash', 'fish', 'zsh']);
      assert.match((await ask('nlink watch -e create')).join(), /^created$/);
      // zsh offers the last word of a list, the others the list.
      assert.match((await ask('nlink watch -e created,delet')).join(), /^(created,)?deleted$/);
      const more = await ask('nlink watch --events=created,create');
      assert.ok(!more.some((word) => /^(.*,)?created$/.test(word)), more.join());
      const pid = String(process.pid);
      assert.ok((await ask(`nlink waitfor -p ${pid}`)).includes(pid));
      assert.ok((await ask(`nlink id ${pid}`)).includes(pid));
      assert.match((await ask(`nlink id ${names}/blu`)).join(), /blue$/);
      assert.match((await ask(`nlink watch -d ${names}/direc`)).join(), /directory\/?$/);
      assert.match((await ask(`nlink watch --directory=${names}/direc`)).join(), /directory\/?$/);
      for (const line of ['run red unsh', 'run red -- unsh', 'run --all unsh', 'run --all -- unsh'])
        assert.ok((await ask(`nlink ${line}`)).includes('unshare'), line);
      assert.match((await ask(`nlink run red -- cat ${names}/blu`)).join(), /blue$/);
    },
  );
}

test("fish: a name of several words, and of others' characters", { skip: lacking('fish') }, async (t) => {
  const { names } = directories(t);
  const script = scriptFor('fish', temporary(t), names);
  const expected = NAMES.filter((name) => !/^[.-]/.test(name));
  assert.deepEqual(sorted(offeredByFish(t, script, 'nlink id ')), sorted(expected));
});

for (const shell of ['bash', 'zsh'] as const) {
  test(`${shell}: a Tab on a terminal`, { skip: lacking(shell, 'script') }, async (t) => {
    const { names } = directories(t);
    const script = scriptFor(shell, temporary(t), names, [...COMMANDS, RUN]);
    const terminal = await Terminal.open(t, shell, script);
    const cases: [typed: string, becomes: string][] = [
      ['nlink watc', 'nlink watch '],
      ['nlink watch --jso', 'nlink watch --json '],
      ['nlink id blu', 'nlink id blue '],
      ['nlink id it', String.raw`nlink id it\'s `],
      ['nlink id "it', `nlink id "it's" `],
      [`nlink id 'it`, String.raw`nlink id 'it'\''s' `],
      [String.raw`nlink id a\ `, String.raw`nlink id a\ b `],
      ['nlink id "a b', 'nlink id "a b" '],
      [`nlink id 'a$`, `nlink id 'a$x' `],
      ['nlink id c:', 'nlink id c:d '],
      ['nlink id x@', 'nlink id x@y '],
      [`nlink id --directory=${names} re`, `nlink id --directory=${names} red `],
      [`nlink watch --directory=${names}/dir`, `nlink watch --directory=${names}/directory/`],
      ['nlink run red -- unshar', 'nlink run red -- unshare '],
      ['nlink id nosuch', 'nlink id nosuch'],
    ];
    for (const [typed, becomes] of cases) assert.equal((await terminal.tab(typed)).line, becomes);
  });
}

test('bash: a word in the middle of a line', { skip: lacking('bash') }, (t) => {
  const { names } = directories(t);
  const script = scriptFor('bash', temporary(t), names);
  // The cursor stands after the l.
  assert.deepEqual(offeredByBash(script, 'nlink id bl', ['nlink', 'id', 'bless']), ['black', 'blue']);
});

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(
    `${shell}: nothing that is typed, and no name, is run`,
    { skip: lacking(...programs[shell]) },
    async (t) => {
      const root = temporary(t);
      const evil = join(root, 'evil');
      writeFileSync(join(root, '$(echo >evil)'), '');
      writeFileSync(join(root, '`echo >evil`'), '');
      const ask = await asker(t, shell, root);
      for (const line of [`nlink id $(echo>${evil})`, `nlink id -d $(echo>${evil}) x`, 'nlink id '])
        await ask(line);
      assert.equal(existsSync(evil), false);
      assert.equal(existsSync('evil'), false);
    },
  );

  test(
    `${shell}: the script is what nlink completion prints, and the shell finds no fault`,
    { skip: lacking(shell) },
    (t) => {
      const path = scriptFor(shell, temporary(t), '/var/run/netns');
      const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    },
  );
}
