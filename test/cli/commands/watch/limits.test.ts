/**
 * `nlink watch` with patterns, `--count`, `--for`, `--format` and `--time`, over a watcher that the
 * test holds.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import type { UnifiedEvent } from '../../../../src/watch/unified/unified-events.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { at, created, entry, identity, unavailable } from '../../support/lines.ts';

const deleted = (name: string): UnifiedEvent => ({
  type: 'deleted',
  ...at(name),
  namespace: identity,
  nsid: null,
  alive: null,
});
const destroyed = (...names: string[]): UnifiedEvent => ({
  type: 'destroyed',
  nsid: 3,
  namespace: identity,
  names: names.map((name) => at(name)),
});
const resynced: UnifiedEvent = { type: 'resynced', lost: ['names'], complete: true };
const turn = (): Promise<void> => new Promise(setImmediate);

async function start(io: FakeIo, ...words: string[]): Promise<{ status: Promise<number> }> {
  const status = run(['watch', ...words], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  await turn();
  return { status };
}

/** All that is printed of these events. */
async function printed(io: FakeIo, events: readonly UnifiedEvent[], ...words: string[]): Promise<string[]> {
  const { status } = await start(io, ...words);
  for (const event of events) {
    io.watcher.push(event);
    await turn();
    io.elapsed += 1500;
  }
  io.interrupt();
  assert.equal(await within('the end', status), 0);
  return io.stdout.lines;
}

const brief = (lines: readonly string[]): string[] =>
  lines.map((line) => {
    const { type, name, names } = JSON.parse(line) as {
      type: string;
      name?: string;
      names?: { name: string }[];
    };
    return [type, name ?? names?.map((each) => each.name).join() ?? ''].join(' ').trim();
  });

test('patterns: names, one of several names, and what concerns no namespace', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('web-0')), entry(null, at('db')), entry(7)];
  const events = [created('web-1'), created('db-1'), deleted('x'), destroyed('db', 'web-2'), destroyed('db')];
  const lines = await printed(io, [...events, destroyed(), resynced, unavailable], '--json', 'web-?', 'x');
  assert.deepEqual(brief(lines), [
    'present web-0',
    'created web-1',
    'deleted x',
    'destroyed db,web-2',
    'resynced',
    'nsidsUnavailable',
  ]);
});

test('--count: present lines and what concerns no host do not count; no event is taken for nothing', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('old'))];
  const { status } = await start(io, '--json', '--count', '2', '-e', 'created,nsidsUnavailable');
  io.watcher.push(unavailable, created('a'), deleted('a'), created('b'), created('c'));
  assert.equal(await within('the end', status), 0);
  assert.deepEqual(brief(io.stdout.lines), ['present old', 'nsidsUnavailable', 'created a', 'created b']);
  assert.deepEqual([io.watcher.stops > 0, io.listening, io.timers.size], [true, 0, 0]);
});

test('--for: ends with 0, and with 124 if --count was not reached', async () => {
  for (const [words, events, expected] of [
    [[], 1, 0],
    [['--count', '2'], 1, 124],
    [['--count', '2'], 2, 0],
  ] as const) {
    const io = new FakeIo();
    const { status } = await start(io, '--for', '5s', ...words);
    for (let made = 0; made < events; made++) io.watcher.push(created(`n${made}`));
    await turn();
    if (expected !== 0 || words.length === 0) {
      io.pass(4999);
      await turn();
      assert.equal(io.watcher.stops, 0);
      io.pass(1);
    }
    assert.equal(await within('the end', status), expected);
    assert.equal(io.stdout.lines.length, events);
    const over = expected === 0 ? [] : ['nlink: timed out: 1 of 2 events'];
    assert.deepEqual(
      io.stderr.lines.filter((line) => line.includes('timed out')),
      over,
    );
    assert.equal(io.timers.size, 0);
  }
});

test('--for and --count: a signal and a reader that is gone end it with 0', async () => {
  for (const end of ['interrupt', 'hangUp'] as const) {
    const io = new FakeIo();
    const { status } = await start(io, '--for', '5s', '--count', '2');
    io[end]();
    assert.equal(await within('the end', status), 0);
    assert.equal(io.timers.size, 0);
  }
});

test('--format ip: changes alone, what is there if asked', async () => {
  const events = [created('my net'), created('a\nb\x1b[2J'), destroyed('x'), deleted('my net'), resynced];
  const unready: UnifiedEvent = {
    type: 'created',
    ...at('file'),
    ready: false,
    namespace: null,
    nsid: null,
    reason: 'timeout',
  };
  const changes = ['add my net', 'add a\\nb\\x1b[2J', 'delete my net', 'add file'];
  for (const [words, expected] of [
    [[], changes],
    [['--snapshot'], ['add old', ...changes]],
    [['-e', 'deleted'], ['delete my net']],
  ] as const) {
    const io = new FakeIo();
    io.inventory = [entry(null, at('old')), entry(7)];
    const lines = await printed(io, [...events, unready], '--format', 'ip', ...words);
    if (words[0] === '--snapshot') assert.equal(lines.shift(), 'add old');
    assert.deepEqual(
      lines,
      expected.filter((line) => line !== 'add old'),
    );
  }
});

test('--format json is --json', async () => {
  const lines = await Promise.all(
    [['--json'], ['--format', 'json'], ['--format=json', '--snapshot']].map((words) =>
      printed(new FakeIo(), [created('a')], ...words),
    ),
  );
  assert.deepEqual(lines[1], lines[0]);
  assert.deepEqual(lines[2], lines[0]);
});

test('--time: every line', async () => {
  const of = (...words: string[]): Promise<string[]> =>
    printed(new FakeIo(), [created('a'), created('b')], ...words);
  const rest = (name: string): string =>
    `created    ${name.padEnd(16)}  net:[4026532178]  id 9007199254740993`;
  assert.deepEqual(await of('--time', 'none'), [rest('a'), rest('b')]);
  assert.deepEqual(await of('--time', 'delta'), [`    0.000  ${rest('a')}`, `    1.500  ${rest('b')}`]);
  const times = (lines: string[]): unknown[] => lines.map((line) => JSON.parse(line).time);
  assert.deepEqual(times(await of('--json', '--time', 'none')), [undefined, undefined]);
  assert.deepEqual(times(await of('--json', '--time', 'delta')), [0, 1.5]);
  const [first, second] = times(await of('--json', '--time', 'unix')) as [number, number];
  assert.deepEqual([typeof first, (second - first).toFixed(3)], ['number', '1.500']);
});
