/**
 * Which runtimes can wake nlink, judged by what they say of themselves: none of them has to be
 * there (test/runtimes/ has them).
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { hasSymbol } from '../../src/sys/library.ts';
import { pollKind, pollKindOf, runtimeName, waking } from '../../src/sys/poll-support.ts';
import { linux } from '../../src/sys/system.ts';

const node = { node: '26.3.0', uv: '1.52.1' };
const all = (): boolean => true;

test('Node tells again and again, Deno once', () => {
  assert.equal(pollKindOf({ versions: node, has: all }), 'again');
  assert.equal(pollKindOf({ versions: { ...node, deno: '2.9.6' }, has: all }), 'once');
});

// Its functions are there, and end the process.
test('Bun is refused, whatever functions it has', () => {
  assert.throws(() => pollKindOf({ versions: { ...node, bun: '1.4.5' }, has: all }), {
    code: 'ERR_NLINK_UNSUPPORTED_PLATFORM',
    message: /^Bun 1\.4\.5 has no poll handles of libuv.*with Node or Deno.*nlink watch --json/,
  });
});

test('whoever lacks one of the functions is refused, by the name that he has', () => {
  const asked: string[] = [];
  pollKindOf({ versions: node, has: (symbol) => asked.push(symbol) > 0 });
  assert.ok(asked.length > 0);
  for (const missing of asked) {
    for (const [versions, name] of [
      [node, 'Node 26.3.0'],
      [{ ...node, deno: '2.5.0' }, 'Deno 2.5.0'],
    ] as const)
      assert.throws(() => pollKindOf({ versions, has: (symbol) => symbol !== missing }), {
        code: 'ERR_NLINK_UNSUPPORTED_PLATFORM',
        message: new RegExp(`^${name} has no poll handles`),
      });
  }
});

test('the runtime at hand is a Node, has them, and gets the system calls', () => {
  assert.equal(pollKind(), 'again');
  assert.equal(waking(linux()), linux());
  assert.equal(runtimeName(process.versions), `Node ${process.versions.node}`);
  assert.equal(hasSymbol('uv_poll_start'), true);
  assert.equal(hasSymbol('nlink_no_such_function'), false);
});
