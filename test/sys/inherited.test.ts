/**
 * Which descriptors are told to be those that a process was started with; that it holds for a real
 * one: program.test.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { inherited } from '../../src/sys/inherited.ts';

const EPOLL = 'anon_inode:[eventpoll]';
const EVENT = 'anon_inode:[eventfd]';

/** As Node opens its own, from the lowest number on that is free. */
function withOwn(given: Record<number, string>): ReadonlyMap<number, string> {
  const open = new Map(Object.entries({ 0: '/dev/null', 1: 'pipe:[1]', 2: 'pipe:[1]', ...given }).map(entry));
  let free = 0;
  for (const target of [EPOLL, 'pipe:[90]', 'pipe:[90]', 'pipe:[91]', 'pipe:[91]', EVENT, EPOLL]) {
    while (open.has(free)) free++;
    open.set(free, target);
  }
  return open;
}

const entry = ([fd, target]: [string, string]): [number, string] => [Number(fd), target];

test('none but the standard streams: none', () => {
  assert.deepEqual(inherited(withOwn({})), []);
  assert.deepEqual(inherited(new Map()), []);
});

test('whatever lies below the first of its own', () => {
  // As make(1) gives its job server: both ends of a pipe.
  const given = { 3: 'pipe:[5]', 4: 'pipe:[5]', 5: '/dev/null', 6: 'socket:[7]' };
  assert.deepEqual(inherited(withOwn(given)), [3, 4, 5, 6]);
});

test('files, sockets and ends of pipes among its own and above', () => {
  const given = { 5: '/run/lock', 7: 'pipe:[5]', 9: 'socket:[7]', 63: 'pipe:[6]', 200: '/dev/null' };
  assert.deepEqual(inherited(withOwn(given)), [5, 7, 9, 63, 200]);
});
