/**
 * What the command line may hold: every fault has a message of its own, and help tells all that is
 * possible.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { namesOf, usage } from '../../../src/cli/spec/types.ts';
import { followSettings } from '../../../src/cli/commands/watch/limit-settings.ts';
import { helpText } from '../../../src/cli/spec/help.ts';
import { patternsOf } from '../../../src/cli/args/name-patterns.ts';
import { parse } from '../../../src/cli/args/parse.ts';
import { REASONS } from '../../../src/cli/output/reasons.ts';
import { nsidSettings, namespaceSettings } from '../../../src/cli/commands/watch/settings.ts';
import type { NsidSettings, NamespaceSettings } from '../../../src/cli/commands/watch/settings.ts';
import {
  COMMAND_GROUPS,
  COMMANDS,
  COMMON_OPTIONS,
  ENVIRONMENT,
  EXIT_STATUSES,
  NLINK,
} from '../../../src/cli/spec/index.ts';
import { run } from '../../../src/cli/run.ts';
import { FakeIo } from '../support/fake-io.ts';
import { LINK_EVENTS, NSID_EVENTS, NAMESPACE_EVENTS } from '../../../src/cli/spec/watch.ts';
import { UsageError } from '../../../src/cli/output/usage-error.ts';
import { COMMAND_LOADERS } from '../../../src/cli/registry.ts';
import { givenBy } from '../support/given.ts';

/** All that is checked before anything is opened. */
const check = (...words: string[]): NamespaceSettings | NsidSettings | null => {
  const given = givenBy(...words);
  if (given.command.name === 'list') patternsOf(given.arguments);
  if (given.command.name !== 'watch') return null;
  followSettings(given.options);
  return given.options.has('nsids') ? nsidSettings(given) : namespaceSettings(given);
};

const faults: [string[], RegExp][] = [
  [['wach'], /^unknown command "wach"; did you mean watch\?$/],
  [['monitor'], /^unknown command "monitor"; did you mean watch\?$/],
  [['ls'], /^unknown command "ls"; did you mean list\?$/],
  [['ps'], /^unknown command "ps"; did you mean pids\?$/],
  [['netns', 'list'], /^unknown command "netns"; did you mean list\?$/],
  [['ns'], /^unknown command "ns"; did you mean list\?$/],
  [['info', 'x'], /^unknown command "info"; did you mean explain\?$/],
  [['inspect'], /^unknown command "inspect"; did you mean explain\?$/],
  [['version'], /^unknown command "version"; did you mean --version\?$/],
  [['list', 'a/b'], /^"a\/b": a name has no slash; give a directory with --directory$/],
  [['watch', '--ids'], /^unknown option "--ids"; did you mean --nsids\?$/],
  [['watch', '--ids-off'], /^unknown option "--ids-off"; did you mean --no-nsids\?$/],
  [['watch', '-e', 'Created'], /^--events: unknown type "Created"; .*; did you mean created\?$/],
  [['watch', '-e', 'create'], /; did you mean created\?$/],
  [['list-id'], /^unknown command "list-id"; did you mean ids\?$/],
  [['frobnicate'], /^unknown command "frobnicate" \(see nlink --help\)$/],
  [['watch', 'a*', '/x'], /^"\/x": a name has no slash; give a directory with --directory$/],
  [['watch', '--nsids', 'x'], /^unexpected argument "x": --nsids has no names$/],
  [['watch', ''], /^GLOB cannot be empty$/],
  [['watch', '--format', 'xml'], /^--format must be human, json or ip, not "xml"$/],
  [['watch', '--format', 'json', '--json'], /^--format cannot be used with --json$/],
  [['watch', '--format', 'ip', '--nsids'], /^--format ip cannot be used with --nsids: /],
  [['watch', '--format', 'ip', '--time', 'iso'], /^--time cannot be used with --format ip: /],
  [['watch', '--format', 'ip', '--directory-events'], /^--directory-events cannot be used with --format ip$/],
  [
    ['watch', '--format', 'ip', '-e', 'destroyed'],
    /^--events: unknown type "destroyed" with --format ip; known: created, deleted$/,
  ],
  [['watch', '--time', 'utc'], /^--time must be none, iso, unix or delta, not "utc"$/],
  [['watch', '--snapshot', '--no-snapshot'], /^--snapshot cannot be used with --no-snapshot$/],
  ...['0', '-1', '1.5', 'x'].map((text): [string[], RegExp] => [
    ['watch', `--count=${text}`],
    new RegExp(`^--count must be a whole number from 1 to \\d+, not "${text}"$`),
  ]),
  [['watch', '--for', 'x'], /^--for must be a duration such as /],
  [['watch', '--exec', 'true', '--exec-timeout', 'x'], /^--exec-timeout must be a duration such as /],
  [['watch', '--exec', 'true', '--exec-jobs', '1025'], /^--exec-jobs must be a whole number from 1 to 1024,/],
  [['watch', '--exec', ''], /^--exec requires a value: --exec COMMAND$/],
  [['watch', '--exec-jobs', '2'], /^--exec-jobs requires --exec$/],
  [['watch', '--exec-timeout', '2'], /^--exec-timeout requires --exec$/],
  [['wait'], /^missing NAME: nlink wait NAME\.\.\.$/],
  [['wait', 'a', '--ready', '--gone'], /^--ready cannot be used with --gone$/],
  [['wait', 'a', '--gone', '--destroyed'], /^--gone cannot be used with --destroyed$/],
  [['wait', 'a', '--assign-nsid'], /^--assign-nsid requires --destroyed$/],
  [['help', 'watch', 'x'], /^unexpected argument "x"$/],
  [['help', 'wach'], /^unknown command "wach"/],
  [['watch', '--jsno'], /^unknown option "--jsno"; did you mean --json\?$/],
  [['watch', '--dir', 'x'], /; did you mean --directory\?$/],
  [['watch', '--timeout', '5'], /; did you mean --for\?$/],
  [['watch', '--JSON'], /; did you mean --json\?$/],
  [['watch', '-x'], /^unknown option "-x"; put -- before an argument that starts with a dash$/],
  [['watch', '--__proto__=1'], /^unknown option "--__proto__"$/],
  [['watch', '--\x1b[2J'], /^unknown option "--\\x1b\[2J"$/],
  [['--json'], /^missing command: nlink COMMAND --json, such as nlink watch --json$/],
  [['--assign-nsids', 'list'], /^unknown option "--assign-nsids"; nlink watch has it$/],
  [['-d', '/x'], /^missing command: nlink COMMAND -d, such as nlink watch -d$/],
  [['-d', '/x', 'wach'], /^unknown command "wach"; did you mean watch\?$/],
  // What only ends like a word is not meant by it.
  [['watch', '--ectory', 'x'], /^unknown option "--ectory"$/],
  [['ntify'], /^unknown command "ntify" \(see nlink --help\)$/],
  [['watch', '--directory'], /^--directory requires a value: --directory DIR$/],
  [['watch', '--directory', ''], /^--directory requires a value/],
  [['watch', '--directory='], /^--directory requires a value/],
  [['watch', '-d', '--json'], /^-d requires a value; to pass "--json", write "--directory=--json"$/],
  [['watch', '--ready-timeout', '1', '--ready-timeout=2'], /^--ready-timeout can only be given once$/],
  [['ids', '-t', 'a', '--target', 'b'], /^--target can only be given once$/],
  [['watch', '--json=yes'], /^--json takes no value$/],
  [['watch', '--no-json'], /^unknown option "--no-json"/],
  [['watch', '--events', 'born'], /^--events: unknown type "born"; known: created, mounted, .*Deleted$/],
  [['watch', '-e', 'asigned'], /^--events: .* "asigned"; .*; did you mean assigned\?$/],
  [['watch', '-e', 'nsid'], /^--events: .* "nsid"; .*; did you mean nsidAssigned\?$/],
  [['watch', '--nsids', '-e', 'assigned'], /^--events: unknown type "assigned" with --nsids; .*ced$/],
  [['watch', '--format', 'ip', '-e', 'assigned'], /"assigned" with --format ip; known: created, deleted$/],

  [
    ['ids', 'x'],
    /^unexpected argument "x"; give another namespace with --target, a directory with --directory$/,
  ],
  [['ids', '--target'], /^--target requires a value: --target NAME\|PATH\|PID$/],
  [['ids', '--ready-timeout', '5'], /^unknown option "--ready-timeout"; nlink watch has it$/],
  [['id'], /^missing NAME\|PATH\|PID: nlink id NAME\|PATH\|PID$/],
  [['id', ''], /^NAME\|PATH\|PID cannot be empty$/],
  [['id', 'a', 'b'], /^unexpected argument "b"; nlink id NAME\|PATH\|PID$/],
  [['set', '--json'], /^missing NAME\|PATH\|PID: nlink set NAME\|PATH\|PID NSID\|auto$/],
  [['set', 'a'], /^missing NSID\|auto: nlink set NAME\|PATH\|PID NSID\|auto$/],
  [['set', 'a', ''], /^NSID\|auto cannot be empty$/],
  [['set', 'a', '1', '2'], /^unexpected argument "2"; nlink set/],
  [['set', 'a', '-1'], /^unknown option "-1"; put -- before an argument that starts with a dash$/],
  [['exec'], /^missing NAME\|PATH\|PID: nlink exec \[NAME\|PATH\|PID\] COMMAND\.\.\.$/],
  [['exec', 'a'], /^missing COMMAND: nlink exec/],
  [['exec', 'a', '--'], /^missing COMMAND/],
  [['exec', '--all'], /^missing COMMAND/],
  [['exec', 'a', ''], /^COMMAND cannot be empty$/],
  [['exec', '', 'ls'], /^NAME\|PATH\|PID cannot be empty$/],
  [['exec', 'a', '-x', 'ls'], /^unknown option "-x"; put -- before an argument that starts with a dash$/],
  [['exec', '--json', 'a', 'ls'], /^unknown option "--json"/],
  [['exec', 'a', '--all', 'ls'], /^NAME\|PATH\|PID cannot be used with --all$/],
  [['watch', '--events', 'created,,deleted'], /unknown type ""/],
  [
    ['watch', '--events', 'present'],
    /"present"; .*; the state at the start is printed without --no-snapshot$/,
  ],
  [
    ['watch', '--events', 'newNsid'],
    /^--events: unknown type "newNsid"; known: created, .*; newNsid requires --nsids$/,
  ],
  [
    ['watch', '--nsids', '-e', 'created'],
    /^--events: unknown type "created" with --nsids; known: newNsid, delNsid, resynced$/,
  ],
  ...[
    '--directory=/x',
    '--containers',
    '--directory-events',
    '--ready-timeout=5',
    '--no-follow-symlinks',
    '--no-nsids',
    '--assign-nsids',
  ].map((option): [string[], RegExp] => [
    ['watch', option, '--nsids'],
    new RegExp(`^${option.replace(/=.*/, '')} cannot be used with --nsids$`),
  ]),
  [['watch', '--assign-nsids', '--no-nsids'], /^--assign-nsids cannot be used with --no-nsids$/],
  [['watch', '--all-namespaces'], /^--all-namespaces requires --nsids$/],
  ...['-1', '1.5', '1e3', 'x', '0x10', '2147483648', ' 5'].map((text): [string[], RegExp] => [
    ['watch', `--ready-timeout=${text}`],
    new RegExp(
      `^--ready-timeout must be a whole number of milliseconds from 0 to 2147483647, not "${text}"$`,
    ),
  ]),
];

for (const [words, expected] of faults) {
  test(`nlink ${JSON.stringify(words)}`, () => {
    assert.throws(
      () => check(...words),
      (error) => error instanceof UsageError && expected.test(error.message),
    );
  });
}

test('arguments by their names, wherever the options stand; a dash after --', () => {
  for (const words of [
    ['set', '-d', '/x', 'blue', '7'],
    ['set', 'blue', '--json', '7'],
    ['--no-color', 'set', '--', 'blue', '7'],
  ]) {
    assert.deepEqual(
      [...givenBy(...words).arguments],
      [
        ['target', ['blue']],
        ['nsid', ['7']],
      ],
    );
  }
  assert.equal(givenBy('id', '--', '-x').arguments.get('target')?.[0], '-x');
  assert.equal(givenBy('id', '-').arguments.get('target')?.[0], '-');
});

test('the words of a program are its own, whatever they are', () => {
  for (const [words, target, rest] of [
    [['a', '--', 'ls', '-l'], ['a'], ['ls', '-l']],
    [['a', 'ls', '-l'], ['a'], ['ls', '-l']],
    [['-d', '/x', 'a', 'ls', '-d', '/y'], ['a'], ['ls', '-d', '/y']],
    [['a', '-d', '/x', 'ls', '--all'], ['a'], ['ls', '--all']],
    [['--', 'a', 'ls', '--help'], ['a'], ['ls', '--help']],
    [['--', 'a', '--', 'x'], ['a'], ['--', 'x']],
    [['a', '--', '--help'], ['a'], ['--help']],
    [['a', '--', '--', 'x'], ['a'], ['--', 'x']],
    [['a', 'sh', '', '--', '-h', ''], ['a'], ['sh', '', '--', '-h', '']],
    [['--all', 'ls', '-l'], undefined, ['ls', '-l']],
    [['-a', '--', 'ls', '--all', '-a'], undefined, ['ls', '--all', '-a']],
    [['--all', '--', '--all'], undefined, ['--all']],
    [['--all', 'a', 'b'], undefined, ['a', 'b']],
  ] as [string[], string[] | undefined, string[]][]) {
    const { arguments: args, options } = givenBy('exec', ...words);
    assert.deepEqual([args.get('target'), args.get('command')], [target, rest], words.join(' '));
    assert.equal(options.has('all'), target === undefined);
    assert.equal(options.has('help'), false);
  }
  assert.ok(parse(['exec', 'a', '--help'], NLINK).options.has('help'));
  assert.ok(!parse(['exec', 'a', 'ls', '--help'], NLINK).options.has('help'));
});

test("options that stand before the command are the command's", () => {
  for (const words of [
    ['--json', 'list', '-d', '/x'],
    ['-d', '/x', 'list', '--json'],
    ['--directory=/x', '-j', 'list'],
    ['-q', '--json', '-d', '/x', '--no-color', 'list'],
  ]) {
    const { command, options } = givenBy(...words);
    assert.deepEqual([command.name, options.get('directory'), options.has('json')], ['list', ['/x'], true]);
  }
});

test('help without the arguments that are required', () => {
  for (const word of ['--help', '-V']) assert.equal(parse(['set', word], NLINK).command?.name, 'set');
});

test('help in all its spellings', () => {
  for (const words of [['--help'], ['-h'], ['help']]) {
    const { command, options } = parse(words, NLINK);
    assert.deepEqual([command, options.has('help')], [null, true]);
  }
  for (const words of [
    ['help', 'watch'],
    ['watch', '--help'],
    ['-h', 'watch'],
    ['watch', '-j', '-h'],
  ]) {
    const { command, options } = parse(words, NLINK);
    assert.deepEqual([command?.name, options.has('help')], ['watch', true]);
  }
});

test('help has everything of the table, in 80 columns', () => {
  const general = helpText(null, NLINK);
  for (const status of [...EXIT_STATUSES.map((row) => row.status), 124])
    assert.match(general, new RegExp(`^  ${status} +\\w`, 'm'));
  for (const { name, summary } of COMMANDS) assert.match(general, new RegExp(`^  ${name} +${summary}$`, 'm'));
  for (const command of COMMANDS) {
    const help = helpText(command, NLINK);
    assert.ok(help.startsWith(`Usage: ${usage(command, 'nlink')}\n`));
    for (const { value, help: lines } of command.arguments) {
      assert.ok(help.includes(`\n  ${value}  `), value);
      for (const line of lines) assert.ok(help.includes(`  ${line}\n`), line);
    }
    for (const { name, short, value, help: lines } of [...command.options, ...COMMON_OPTIONS]) {
      const left = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
      assert.ok(help.includes(`\n  ${left} `), left);
      for (const line of lines) assert.ok(help.includes(`  ${line}\n`), line);
    }
    for (const { title, rows } of command.sections) {
      assert.ok(help.includes(`\n${title}:\n`), title);
      for (const [word, meaning] of rows) {
        assert.ok(help.includes(`\n  ${word} `), word);
        assert.ok(help.includes(` ${meaning}\n`), meaning);
      }
    }
    for (const { name } of ENVIRONMENT) assert.ok(help.includes(`  ${name} `));
    const statuses = EXIT_STATUSES.map(({ status, meaning }) => [
      status,
      status === 0 ? command.success : meaning,
    ]);
    for (const [status, meaning] of [...statuses, ...(command.statuses ?? [])])
      assert.ok(
        help.split('\n').some((line) => line.replace(/ {2,}/g, ' ') === ` ${status} ${meaning}`),
        `${status}`,
      );
    for (const { line } of command.examples) assert.ok(help.includes(`  ${line} `));
    for (const line of `${general}${help}`.split('\n')) assert.ok(line.length <= 80, line);
  }
});

test('the usage: options after the arguments, but before words that are not for nlink', () => {
  const usages = new Map(COMMANDS.map((command) => [command.name, usage(command, 'nlink')]));
  assert.equal(usages.get('set'), 'nlink set NAME|PATH|PID NSID|auto [OPTION]...');
  assert.equal(usages.get('exec'), 'nlink exec [NAME|PATH|PID] [OPTION]... COMMAND...');
});

test('help lists types of event only where there are events', () => {
  for (const command of COMMANDS)
    assert.equal(helpText(command, NLINK).includes('Types of event'), command.name === 'watch', command.name);
});

test('the table fits together', () => {
  for (const { name, options, arguments: args } of COMMANDS) {
    const names = [...options, ...COMMON_OPTIONS].flatMap(({ name, short }) => [name, short ?? `no ${name}`]);
    assert.equal(new Set(names).size, names.length, `${name}: an option twice`);
    for (const { onlyWith, notWith = [] } of options)
      for (const other of [onlyWith, ...notWith])
        assert.ok(other === undefined || names.includes(other), other);
    const optional = args.slice(args.findIndex(({ required }) => !required));
    assert.ok(args.every(({ required }) => required) || optional.every(({ required }) => !required), name);
  }
});

test('a synonym stands for one command, and the spelling of a command is suggested', () => {
  const words = COMMANDS.flatMap((command) => [...namesOf(command), ...(command.knownAs ?? [])]);
  assert.equal(new Set(words).size, words.length);
  for (const { name, aliases = [], description } of COMMANDS)
    for (const alias of aliases) {
      assert.equal(parse([alias, '--help'], NLINK).command?.name, name);
      assert.ok(description.join(' ').includes(`nlink ${alias} is the same`), alias);
      assert.ok(page(`command/${name}.md`).includes(`\`nlink ${alias}\``), alias);
    }
  assert.deepEqual(givenBy('del', 'blue').arguments.get('name'), ['blue']);
});

test('every command can be loaded', async () => {
  assert.deepEqual(Object.keys(COMMAND_LOADERS), COMMANDS.map(({ name }) => name).sort());
  for (const load of Object.values(COMMAND_LOADERS)) assert.equal(typeof (await load()), 'function');
});

test('the examples of help are possible', () => {
  for (const command of COMMANDS) {
    for (const { line } of command.examples) {
      const [program, ...words] = (line.split(' | ')[0] ?? '').split(' ');
      assert.equal(program, 'nlink');
      assert.equal(givenBy(...words).command, command);
      check(...words);
    }
  }
});

/** A page of the docs; in its tables a bar is written with a backslash. */
const page = (path: string): string =>
  readFileSync(new URL(`../../../../docs/${path}`, import.meta.url), 'utf8').replaceAll('\\|', '|');

test('docs/command.md has every command, common option, exit status and variable', () => {
  const text = page('command.md');
  for (const { name } of COMMANDS) assert.ok(text.includes(`[\`nlink ${name}\`](command/${name}.md)`), name);
  for (const { name } of COMMON_OPTIONS) assert.ok(text.includes(`\`--${name}\``), name);
  for (const { status } of EXIT_STATUSES) assert.match(text, new RegExp(`^\\| ${status} +\\|`, 'm'));
  for (const { name } of ENVIRONMENT) assert.ok(text.includes(`\`${name}\``), name);
});

for (const command of COMMANDS) {
  test(`docs/command/${command.name}.md has every argument, option, row and exit status of its own`, () => {
    const text = page(`command/${command.name}.md`);
    assert.ok(text.startsWith(`# nlink ${command.name}\n`));
    for (const { value } of command.arguments) assert.ok(text.includes(`\`${value}\``), value);
    for (const { name, value } of command.options)
      assert.ok(text.includes(`\`--${name}${value === undefined ? '' : ` ${value}`}\``), name);
    for (const [status] of command.statuses ?? []) assert.ok(text.includes(`| ${status} `), status);
  });
}

test('the pages of watch have every type of event, and that of reasons has each reason', () => {
  const rows = (path: string, records: readonly object[]): void => {
    for (const word of records.flatMap((record) => Object.keys(record)))
      assert.match(page(path), new RegExp(`^\\| \`${word}\` +\\|`, 'm'));
  };
  rows('command/watch-events.md', [NAMESPACE_EVENTS, LINK_EVENTS]);
  rows('command/watch-nsids.md', [NSID_EVENTS]);
  rows('not-ready.md', [REASONS]);
});

test('nlink alone prints the help, and ends as bad usage does', async () => {
  for (const words of [[], ['-q'], ['--no-color']]) {
    const io = new FakeIo();
    assert.equal(await run(words, io), 2);
    assert.deepEqual([io.stdout.text, io.stderr.text], [helpText(null, NLINK), '']);
  }
});

test('help groups the commands, each once', () => {
  const groups = COMMAND_GROUPS.flatMap(({ commands }) => commands);
  assert.deepEqual(groups, COMMANDS);
  assert.equal(new Set(groups).size, groups.length);
  for (const { title, commands } of COMMAND_GROUPS) {
    const [first] = commands;
    assert.match(helpText(null, NLINK), new RegExp(`^${title}:\n  ${first?.name} `, 'm'));
  }
});
