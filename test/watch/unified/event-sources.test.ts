/** In which order sources are asked, and what blocks them. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { EventSources } from '../../../src/watch/unified/event-sources.ts';
import type { Polled } from '../../../src/watch/unified/event-sources.ts';

interface Event {
  text: string;
}

/** Two sources, `a` before `b`, each with what it has at each poll; and which polls were made. */
function sources(
  a: (Polled<Event> | (() => Polled<Event>))[],
  b: Polled<Event>[],
): { all: EventSources<Event>; polls: string[]; woken: () => number } {
  const polls: string[] = [];
  let woken = 0;
  const poll = (name: string, script: (Polled<Event> | (() => Polled<Event>))[]) => () => {
    polls.push(name);
    const next = script.shift() ?? 'none';
    return typeof next === 'function' ? next() : next;
  };
  const all = new EventSources<Event>(
    [
      { name: 'a', poll: poll('a', a) },
      { name: 'b', poll: poll('b', b) },
    ],
    () => woken++,
  );
  return { all, polls, woken: () => woken };
}

const x = { text: 'x' };
const y = { text: 'y' };

const rows: [what: string, a: Polled<Event>[], b: Polled<Event>[], next: Event | undefined, polls: string][] =
  [
    ['nothing', [], [], undefined, 'a b'],
    ['an event of the first', [x], [y], x, 'a'],
    ['an event of the second', [], [y], y, 'a b'],
    ['the first blocks', ['blocked'], [y], undefined, 'a'],
    ['the second blocks', [], ['blocked'], undefined, 'a b'],
    ['progress of the first', ['again', x], [], x, 'a a'],
    ['progress of the second: the first goes first', ['none', x], ['again', y], x, 'a b a'],
    ['progress, and then nothing', ['again'], ['again'], undefined, 'a a b a b'],
    ['progress, then blocked', ['again', 'blocked'], [y], undefined, 'a a'],
    ['an event after progress of the second', [], ['again', y], y, 'a b a b'],
  ];

for (const [what, a, b, next, made] of rows)
  test(what, () => {
    const { all, polls } = sources(a, b);
    assert.equal(all.next(), next);
    assert.equal(polls.join(' '), made);
  });

test('what was reported goes before the sources, and priority events before that', () => {
  const { all, polls } = sources([], []);
  all.report([x]);
  all.reportFirst([y]);
  assert.equal(all.progress, 'again');
  assert.deepEqual([all.next(), all.next(), polls.length], [y, x, 0]);
  assert.equal(all.progress, 'none');
});

test('an answer that is there at once blocks nothing', () => {
  const { all, woken } = sources([], []);
  all.thenOrAwait(x, (answer) => all.report([answer]));
  assert.deepEqual([all.next(), woken()], [x, 0]);
});

test('an answer that is awaited blocks the sources, and then wakes', async () => {
  const { all, polls, woken } = sources([], []);
  all.thenOrAwait(Promise.resolve(x), (answer) => all.report([answer]));
  all.reportFirst([y]);
  assert.deepEqual([all.next(), all.next(), polls.length, woken()], [y, undefined, 0, 0]);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([woken(), all.next()], [1, x]);
});

test('an answer that failed ends it', async () => {
  const { all } = sources([x], []);
  const error = new Error('no answer');
  all.thenOrAwait(Promise.reject(error), () => {});
  await new Promise(setImmediate);
  assert.throws(() => all.next(), error);
});

test('after close it has only what was reported, and does not wake', async () => {
  const { all, woken } = sources([x], []);
  all.thenOrAwait(Promise.resolve(), () => {});
  all.report([y]);
  all.close();
  await new Promise(setImmediate);
  assert.deepEqual([all.next(), all.next(), woken()], [y, undefined, 0]);
});
