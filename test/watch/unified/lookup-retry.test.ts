/** Lookups that fail: when names are asked again, and what ends the watcher. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LookupRetry } from '../../../src/watch/unified/lookup-retry.ts';
import { FakeClock } from '../support/fake-clock.ts';

const shortage = Object.assign(new Error('no memory'), { code: 'ENOMEM' });
const fatal = Object.assign(new Error('not permitted'), { code: 'EPERM' });

type Step = 'shortage' | 'fatal' | 'pass' | 'restart' | 'succeed' | 'close';

const rows: [steps: Step[], state: string][] = [
  [[], 'idle'],
  [['succeed'], 'idle'],
  [['shortage'], 'waiting, 1 timer'],
  [['shortage', 'shortage'], 'waiting, 1 timer'],
  [['shortage', 'fatal'], 'waiting, 1 timer'],
  [['shortage', 'pass'], 'due, woken 1'],
  [['shortage', 'pass', 'shortage'], 'due, woken 1'],
  [['shortage', 'pass', 'restart'], 'idle, woken 1'],
  [['shortage', 'restart'], 'idle'],
  [['shortage', 'pass', 'restart', 'shortage'], 'waiting, 1 timer, woken 1'],
  [['shortage', 'pass', 'restart', 'shortage', 'succeed', 'pass'], 'due, woken 2'],
  [['fatal'], 'waiting, failed: not permitted'],
  [['shortage', 'close'], 'waiting'],
  [['close', 'shortage'], 'idle'],
];

for (const [steps, state] of rows)
  test(`${steps.join(', ') || 'nothing'}: ${state}`, () => {
    const clock = new FakeClock();
    let woken = 0;
    const retry = new LookupRetry(clock, () => woken++);
    for (const step of steps) {
      if (step === 'shortage') retry.fail(shortage);
      else if (step === 'fatal') retry.fail(fatal);
      else if (step === 'pass') clock.advance(1000);
      else retry[step]();
    }
    const seen = [retry.isDue ? 'due' : retry.pending ? 'waiting' : 'idle'];
    if (clock.timers > 0) seen.push(`${clock.timers} timer`);
    if (woken > 0) seen.push(`woken ${woken}`);
    if (retry.failure !== null) seen.push(`failed: ${retry.failure.message}`);
    assert.equal(seen.join(', '), state);
  });

test('a shortage that lasts ends it, unless all names could be asked in between', () => {
  for (const succeeds of [false, true]) {
    const clock = new FakeClock();
    const retry = new LookupRetry(clock, () => {});
    for (let attempt = 0; attempt < 50 && retry.failure === null; attempt++) {
      retry.restart();
      if (succeeds) retry.succeed();
      retry.fail(shortage);
      clock.advance(1000);
    }
    assert.equal(retry.failure, succeeds ? null : shortage);
  }
});
