/** The table of commands: help, faults, examples; nothing is opened. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helpText, parse } from '../../src/core.ts';
import { natsOptions } from '../../src/cli/connection.ts';
import { run } from '../../src/cli/run.ts';
import { FLEET } from '../../src/cli/spec/program.ts';
import { quietIo as io } from './support/quiet-io.ts';

const COMMANDS = FLEET.groups.flatMap(({ commands }) => commands);

test('help of the whole and of each command, in 80 columns', async () => {
  for (const command of [null, ...COMMANDS]) {
    const words = command === null ? ['--help'] : [command.name, '--help'];
    const its = io();
    assert.equal(await run(words, its), 0);
    assert.equal(its.stdout.text, helpText(command, FLEET));
    for (const line of its.stdout.text.split('\n')) assert.ok(line.length <= 80, line);
    for (const { name } of command?.options ?? []) assert.ok(its.stdout.text.includes(`--${name}`), name);
  }
  const alone = io();
  assert.equal(await run([], alone), 2);
  assert.equal(alone.stdout.text, helpText(null, FLEET));
});

test('every example of help is possible', () => {
  for (const command of COMMANDS)
    for (const { line } of command.examples) {
      const [program, ...words] = (line.split(' | ')[0] ?? '').replaceAll('"', '').split(' ');
      assert.equal(program, 'nlink-fleet');
      assert.equal(parse(words, FLEET).command, command, line);
    }
});

test('docs/fleet/commands.md has every command and every option', () => {
  const text = readFileSync(
    new URL('../../../../../docs/fleet/commands.md', import.meta.url),
    'utf8',
  ).replaceAll('\\|', '|');
  for (const { name, options } of COMMANDS) {
    assert.ok(text.includes(`\`nlink-fleet ${name}`), name);
    for (const option of options) assert.ok(text.includes(`\`--${option.name}`), `${name} --${option.name}`);
  }
});

test('faults: what was wrong, and what was probably meant; nothing is opened', async () => {
  for (const [line, expected] of [
    ['lst', 'unknown command "lst"; did you mean list?'],
    ['publish', 'unknown command "publish"; did you mean agent?'],
    ['--server x', 'missing command: nlink-fleet COMMAND --server, such as nlink-fleet list --server'],
    ['list --sever x', 'unknown option "--sever"; did you mean --server?'],
    ['list --token x', 'unknown option "--token"; did you mean --nats-token-file?'],
    ['list --hosts a --server b', '--server cannot be used with --hosts'],
    ['list --hosts a --shard b', '--shard cannot be used with --hosts'],
    ['list --creds a --user b', '--creds cannot be used with --user'],
    ['list --password-file a', '--password-file requires --user'],
    ['watch --tls-cert a', '--tls-cert requires --tls-key'],
    ['wait', 'missing HOST[/NAME]: nlink-fleet wait HOST[/NAME]'],
    ['wait /x', 'HOST/NAME needs both: node-1/blue'],
    ['wait x/', 'HOST/NAME needs both: node-1/blue'],
    [
      'wait x --timeout 3x',
      '--timeout must be a duration such as 500ms, 2s, 5m or 1h, at most 24d, not "3x"',
    ],
    ['init --replicas 2', '--replicas must be 1, 3 or 5, not 2'],
    ['init --deltas-size 2X', '--deltas-size must be a size such as 512K, 64M or 2G, not "2X"'],
    ['init --heads-size 1', '--heads-size must be a size such as 512K, 64M or 2G, not "1"'],
    // Less than a server takes.
    ['init --heads-size 63K', '--heads-size must be a size such as 512K, 64M or 2G, not "63K"'],
    ['init --storage disk', '--storage must be file or memory, not disk'],
    ['permissions a.b', 'KEY must be 1 to 200 of A-Z a-z 0-9 _ -, not "a.b"'],
    ['permissions a --shard A', '--shard must be 1-32 of a-z 0-9, not "A"'],
  ] as const) {
    const its = io();
    assert.equal(await run(line.split(' '), its), 2, line);
    assert.ok(its.stderr.text.startsWith(`nlink-fleet: ${expected}\n`), its.stderr.text);
    assert.match(its.stderr.text, /^nlink-fleet: Try 'nlink-fleet.* --help'\.\n$/m);
    assert.equal(its.stdout.text, '');
  }
});

test('sizes of streams', async () => {
  const asked: object[] = [];
  const its = io({
    streams: async (_, options) => {
      asked.push(options);
      return [];
    },
  });
  assert.equal(await run('init --heads-size 128k --deltas-size 1.5G --snapshots-size 1g'.split(' '), its), 0);
  assert.deepEqual(asked, [
    { maxBytes: { heads: 131_072, deltas: 1_610_612_736, snapshots: 1_073_741_824 } },
  ]);
});

test('a key that cannot be, and a list of hosts with a fault in a line: 2', async () => {
  const key = io();
  assert.equal(await run(['agent', '--key', 'a.b'], key), 2);
  assert.match(key.stderr.text, /^nlink-fleet: key must be /);
  const list = io({ readFile: async () => 'a http://x\nb\n' });
  assert.equal(await run(['list', '--hosts', 'lab'], list), 2);
  assert.equal(list.stderr.text, 'nlink-fleet: lab:2 must be NAME URL, got "b"\n');
});

test('where NATS is, and as whom: options count more than the environment', async () => {
  const files: Record<string, string> = { pw: 'secret\nmore', tok: 'abc\r\n', none: '\n' };
  const of = async (line: string, env: NodeJS.ProcessEnv = {}): Promise<object> => {
    const { options } = parse(['list', ...line.split(' ').filter(Boolean)], FLEET);
    const given = await natsOptions(options, { env, readFile: async (path) => files[path] ?? '' });
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  };
  assert.deepEqual(await of(''), {});
  assert.deepEqual(await of('', { NATS_URL: 'nats://a, nats://b', NATS_CREDS: 'c' }), {
    servers: ['nats://a', 'nats://b'],
    credentials: 'c',
  });
  assert.deepEqual(await of('-s nats://x -s nats://y --nkey n', { NATS_URL: 'nats://a', NATS_CREDS: 'c' }), {
    servers: ['nats://x', 'nats://y'],
    nkey: 'n',
  });
  assert.deepEqual(await of('--user u --password-file pw'), { user: 'u', password: 'secret' });
  assert.deepEqual(await of('--nats-token-file tok'), { token: 'abc' });
  assert.deepEqual(await of('--tls-ca ca --tls-cert c --tls-key k'), {
    tls: { ca: 'ca', cert: 'c', key: 'k' },
  });
  await assert.rejects(of('--nats-token-file none'), { message: /nothing in its first line/ });
});

test('permissions: a block for the server, with passwords of their own, or lines for nsc', async () => {
  const config = io();
  assert.equal(await run(['permissions', 'k1', 'k2', '--shard', 'a', '--shard', 'b'], config), 0);
  const { text } = config.stdout;
  for (const part of [
    'nlink.head.k1',
    'nlink.delta.a.k2',
    'nlink-deltas-b',
    'user: "agent-k2"',
    'NLINK_AGENTS {',
  ])
    assert.ok(text.includes(part), part);
  const passwords = [...text.matchAll(/password: "([^"]+)"/g)].map(([, password]) => password);
  assert.deepEqual([passwords.length, new Set(passwords).size], [4, 4]);
  const nsc = io();
  assert.equal(await run(['permissions', 'k1', '--nsc'], nsc), 0);
  assert.match(nsc.stdout.text, /^nsc add user --account NLINK_AGENTS --name agent-k1 /m);
});
