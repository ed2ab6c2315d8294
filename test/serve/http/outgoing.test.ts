/** What answers on their way may take together. */
import { strict as assert } from 'node:assert';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Outgoing } from '../../../src/serve/http/outgoing.ts';
import { FakeClock } from '../../watch/support/fake-clock.ts';

const MB = 1024 * 1024;

class Answer extends EventEmitter {
  isCut = false;
  destroyed = false;

  destroy(): void {
    this.isCut = true;
    this.emit('close');
  }
}

const taken = (outgoing: Outgoing, answer: Answer, size: number): boolean =>
  outgoing.take(answer as unknown as ServerResponse, size);

test('so many bytes at once, or one that is longer alone; room again when they are read', () => {
  const outgoing = new Outgoing(new FakeClock());
  const [first, second, third] = [new Answer(), new Answer(), new Answer()];
  assert.equal(taken(outgoing, first, 40 * MB), true);
  assert.equal(taken(outgoing, second, 25 * MB), false);
  assert.equal(taken(outgoing, second, 24 * MB), true);
  assert.equal(taken(outgoing, third, 1), false);
  first.emit('close');
  assert.equal(taken(outgoing, third, 40 * MB), true);
  second.emit('close');
  third.emit('close');
  assert.equal(taken(outgoing, first, 500 * MB), true);
  assert.equal(taken(outgoing, second, 1), false);
  first.emit('close');
});

test('one that is not read in a minute is cut off, and its room is free', () => {
  const clock = new FakeClock();
  const outgoing = new Outgoing(clock);
  const [slow, quick, next] = [new Answer(), new Answer(), new Answer()];
  assert.ok(taken(outgoing, slow, 60 * MB) && taken(outgoing, quick, 1 * MB));
  clock.advance(59_999);
  quick.emit('close');
  assert.deepEqual([slow.isCut, taken(outgoing, next, 10 * MB)], [false, false]);
  clock.advance(1);
  assert.deepEqual([slow.isCut, quick.isCut, taken(outgoing, next, 10 * MB)], [true, false, true]);
  next.emit('close');
  assert.equal(clock.timers, 0);
});

test('one whose client went while it was made takes no room', () => {
  const clock = new FakeClock();
  const outgoing = new Outgoing(clock);
  const gone = new Answer();
  gone.destroyed = true;
  assert.equal(taken(outgoing, gone, 100 * MB), true);
  assert.equal(taken(outgoing, new Answer(), 60 * MB), true);
  assert.equal(clock.timers, 1);
});
