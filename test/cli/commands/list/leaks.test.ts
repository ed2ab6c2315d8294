/** `nlink list --leaks`: what counts as one, and what is said of it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import type { HeldNamespace, Holder } from '../../../../src/netns/holders/holder-census.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { at, identity } from '../../support/lines.ts';

const holder = (pid: number, kind: Holder['kind'], owner: Holder['owner'] = null): Holder => ({
  pid,
  kind,
  comm: 'sleep',
  owner,
});

const since = BigInt(new FakeIo().now().getTime() - 100_000_000) * 1_000_000n;

/** One that is a day and some hours old. */
const held = (names: string[], holders: Holder[], inhabited = false): HeldNamespace => ({
  namespace: { ...identity, since },
  names: names.map((name) => at(name)),
  inhabited,
  holders,
});

function host(...all: HeldNamespace[]): FakeIo {
  const io = new FakeIo();
  io.host.held = all;
  return io;
}

const docker = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c' } as const;

const rows: [what: string, one: HeldNamespace, line: string | null][] = [
  ['a name alone', held(['blue'], []), 'blue net:[4026532178] 9007199254740993 1d its name alone'],
  [
    'two names alone',
    held(['a', 'b c'], []),
    'a, "b c" net:[4026532178] 9007199254740993 1d its names alone',
  ],
  ['a name, and somebody else who holds it', held(['blue'], [holder(7, 'descriptor')]), null],
  ['a name, and a process in it', held(['blue'], [], true), null],
  ['a process alone', held([], [], true), null],
  [
    'no name: held by a descriptor and a socket of one process',
    held([], [holder(7, 'descriptor'), holder(7, 'socket')]),
    '- net:[4026532178] 9007199254740993 1d a descriptor and a socket of PID 7 (sleep)',
  ],
  [
    'no name: held by several, one of a container',
    held([], [holder(7, 'inFlight'), holder(8, 'mount', docker)]),
    '- net:[4026532178] 9007199254740993 1d a descriptor in flight of PID 7 (sleep); a mount that PID 8 (sleep) of docker 4f797c539e6c sees',
  ],
];

for (const [what, one, line] of rows)
  test(what, async () => {
    const io = host(one);
    assert.equal(await run(['list', '--leaks'], io), line === null ? 0 : 1);
    if (line === null) assert.deepEqual([io.stdout.text, io.stderr.lines], ['', ['nlink: no leaks']]);
    else assert.equal(io.stdout.lines[1]?.replaceAll(/ +/g, ' '), line);
  });

test('as JSON, and what cannot be seen', async () => {
  const io = host(held(['blue'], []), held([], [holder(7, 'tun', docker)]));
  io.host.found.unseen.processes = 3;
  assert.equal(await run(['list', '--leaks', '--json'], io), 1);
  const [named, bare] = JSON.parse(io.stdout.text);
  assert.deepEqual(named.names, [at('blue')]);
  assert.deepEqual([named.age, named.holders, named.namespace.ino], [100_000, [], '4026532178']);
  assert.deepEqual(bare.holders, [{ kind: 'tun', pid: 7, comm: 'sleep', owner: docker }]);
  assert.deepEqual([named.complete, bare.complete], [false, false]);
  assert.match(io.stderr.text, /^nlink: not everything could be inspected, so what is listed may be in use/);
  const text = host(held(['blue'], []));
  text.host.found.unseen.processes = 3;
  await run(['list', '--leaks'], text);
  assert.match(text.stdout.lines[1] ?? '', /its name alone, as far as can be seen$/);
});

test('not with what lists other things', async () => {
  for (const words of [['--all'], ['--names'], ['--format', 'ip'], ['blue']])
    assert.equal(await run(['list', '--leaks', ...words], new FakeIo()), 2);
});
