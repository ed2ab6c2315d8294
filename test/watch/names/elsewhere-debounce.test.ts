/** Changes of mounts elsewhere wake the watcher less and less often; those that matter, at once. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { ReadinessHandle, ReadinessListener } from '../../../src/sys/readiness.ts';
import type { System } from '../../../src/sys/system.ts';
import { ElsewhereDebounce } from '../../../src/watch/names/elsewhere-debounce.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A debounce, and what it makes of its descriptor. */
function stage(): { clock: FakeClock; debounce: ElsewhereDebounce; change: () => boolean; log: string[] } {
  const clock = new FakeClock();
  const log: string[] = [];
  let listener: ReadinessListener = () => {};
  let isPaused = false;
  const handle: ReadinessHandle = {
    callOnce: () => log.push('once'),
    pause: () => {
      isPaused = true;
      log.push('pause');
    },
    resume: () => {
      isPaused = false;
      log.push('resume');
    },
    ref: () => {},
    unref: () => {},
    close: () => log.push('close'),
  };
  const system = {
    open: () => 3,
    epollCreate: () => 4,
    epollAdd: () => 0,
    close: () => 0,
    onReadable: (_fd: number, called: ReadinessListener) => {
      listener = called;
      return handle;
    },
  } as unknown as System;
  const debounce = new ElsewhereDebounce({ system, clock }, () => log.push('told'));
  const change = (): boolean => {
    if (!isPaused) listener();
    return !isPaused;
  };
  return { clock, debounce, change, log };
}

/** For how long it does not listen after this. */
function pauseAfter({ clock }: ReturnType<typeof stage>, log: string[]): number {
  assert.equal(log.at(-1), 'pause');
  const before = clock.now();
  clock.advance(clock.next - before);
  assert.deepEqual(log.slice(-2), ['resume', 'once']);
  return clock.now() - before;
}

test('the first call comes in any case, and says nothing of a change elsewhere', () => {
  const { debounce, clock, log } = stage();
  assert.deepEqual(log, ['once']);
  debounce.debounce(true);
  assert.equal(clock.timers, 0);
});

test('pauses twice as long each time, and up to 320 ms', () => {
  const staged = stage();
  const { debounce, log } = staged;
  const pauses = [];
  for (let change = 0; change < 7; change++) {
    debounce.debounce(false);
    pauses.push(pauseAfter(staged, log));
    // The call at the end of a pause, which finds nothing.
    debounce.debounce(true);
  }
  assert.deepEqual(pauses, [10, 20, 40, 80, 160, 320, 320]);
});

test('after a quiet second the first pause again', () => {
  const staged = stage();
  const { debounce, clock, log } = staged;
  for (const quiet of [0, 900, 1100]) {
    clock.advance(quiet);
    debounce.debounce(false);
    const pause = pauseAfter(staged, log);
    assert.equal(pause, quiet === 900 ? 20 : 10);
    debounce.debounce(true);
  }
});

test('hears nothing in a pause, and all as soon as a name waits', () => {
  const { debounce, change, clock, log } = stage();
  assert.equal(change(), true);
  debounce.debounce(false);
  assert.equal(change(), false);
  debounce.reset();
  assert.deepEqual(log.slice(-2), ['resume', 'once']);
  assert.equal(clock.timers, 0);
  assert.equal(change(), true);
  debounce.debounce(false);
  clock.advance(10);
  assert.equal(log.at(-1), 'once', 'the first pause again');
});

test('is debounced once, however often it is said', () => {
  const { debounce, clock, log } = stage();
  debounce.debounce(false);
  debounce.debounce(false);
  assert.equal(clock.timers, 1);
  assert.equal(log.filter((what) => what === 'pause').length, 1);
});

test('close ends the pause, and what is watched', () => {
  const { debounce, clock, log } = stage();
  debounce.debounce(false);
  debounce.close();
  debounce.close();
  assert.equal(clock.timers, 0);
  assert.equal(log.filter((what) => what === 'close').length, 1);
});
