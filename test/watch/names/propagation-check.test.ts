/** Which names wait for a propagation check, and what its results do. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { MountedElsewhere, NameVerdict } from '../../../src/netns/diagnosis/verdict.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { NameState, WatchedName } from '../../../src/watch/names/name-states.ts';
import type { Observation } from '../../../src/netns/identity/observe.ts';
import { PropagationCheck } from '../../../src/watch/names/propagation-check.ts';
import { SEEN_FILE, seenNamespace } from './observations.ts';

const STALE: Observation = { ...SEEN_FILE, fresh: false } as Observation;

const verdict = (reason: NameVerdict['reason'], ...pids: number[]): NameVerdict => ({
  reason,
  file: { kind: 'empty', mode: 0o444, size: 0, age: 0 },
  mountedIn: pids.map((pid): MountedElsewhere => ({
    pid,
    comm: 'holder',
    owner: null,
    mountNamespace: null,
    host: false,
    own: false,
    mountPoint: '/d/a',
    holder: '/d',
    namespace: 'net:[1]',
  })),
  unseen: [],
  side: null,
  removable: false,
});

/** A diagnosis that answers when the test says so. */
class Diagnosis {
  readonly asked: string[][] = [];
  readonly followed = new Map<number, () => void>();
  readonly #answers: ((verdicts: Map<string, NameVerdict>) => void)[] = [];

  async diagnose(_: string, names: readonly string[]): Promise<Map<string, NameVerdict>> {
    this.asked.push([...names]);
    return await new Promise((resolve) => this.#answers.push(resolve));
  }

  onEnd(pid: number, listener: () => void): () => void {
    this.followed.set(pid, listener);
    return () => this.followed.delete(pid);
  }

  async answer(verdicts: Record<string, NameVerdict>): Promise<void> {
    this.#answers.shift()?.(new Map(Object.entries(verdicts)));
    await setImmediate();
  }

  /** A process ends. */
  end(pid: number): void {
    const listener = this.followed.get(pid);
    this.followed.delete(pid);
    listener?.();
  }
}

interface Stage {
  diagnosis: Diagnosis;
  check: PropagationCheck;
  /** The names of each result. */
  results: string[][];
  /** A name that is pending until 1000. */
  name: (name: string) => WatchedName;
}

function stage(): Stage {
  const diagnosis = new Diagnosis();
  const table = new NameStates('/d', 1000);
  const results: string[][] = [];
  const check = new PropagationCheck('/d', diagnosis, (records) => {
    results.push(records.map(({ name }) => name));
  });
  return { diagnosis, check, results, name: (name) => table.appear(name, 0) };
}

const rows: [title: string, state: NameState, seen: Observation, now: number, mustWait: boolean][] = [
  ['pending, a fresh file at the deadline', 'pending', SEEN_FILE, 1000, true],
  ['pending, a fresh file long after the deadline', 'pending', SEEN_FILE, 9000, true],
  ['pending, before the deadline', 'pending', SEEN_FILE, 999, false],
  ['pending, a file that is no fresh one', 'pending', STALE, 1000, false],
  ['pending, a namespace', 'pending', seenNamespace(1), 1000, false],
  ['pending, nothing is there', 'pending', { kind: 'missing' }, 1000, false],
  ['ready', 'ready', SEEN_FILE, 1000, false],
  ['not ready', 'notReady', SEEN_FILE, 1000, false],
];

for (const [title, state, seen, now, mustWait] of rows) {
  test(`mustWait: ${title}: ${mustWait ? 'yes' : 'no'}`, () => {
    const on = stage();
    const record = on.name('a');
    record.state = state;
    assert.equal(on.check.mustWait(record, seen, now), mustWait);
    on.check.run();
    assert.deepEqual(on.diagnosis.asked, mustWait ? [['a']] : []);
  });
}

test('asks once for all names that wait, and gives their results together', async () => {
  const on = stage();
  const [a, b] = [on.name('a'), on.name('b')];
  for (const record of [a, b]) on.check.mustWait(record, SEEN_FILE, 1000);
  on.check.run();
  on.check.run();
  assert.deepEqual(on.diagnosis.asked, [['a', 'b']]);
  assert.equal(on.check.mustWait(a, SEEN_FILE, 1001), false);
  const found = verdict('no-propagation');
  await on.diagnosis.answer({ a: found });
  assert.deepEqual(on.results, [['a', 'b']]);
  assert.deepEqual(a.diagnosis, { reason: 'no-propagation', verdict: found });
  assert.deepEqual(b.diagnosis, { reason: 'timeout', verdict: null });
  // It is reported at the next look.
  assert.equal(on.check.mustWait(a, SEEN_FILE, 1002), false);
  assert.equal(a.deadline, 0);
});

test('mounted elsewhere only: asks again when the process there ends', async () => {
  const on = stage();
  const a = on.name('a');
  on.check.mustWait(a, SEEN_FILE, 1000);
  on.check.run();
  await on.diagnosis.answer({ a: verdict('mounted-elsewhere', 7) });
  assert.deepEqual([...on.diagnosis.followed.keys()], [7]);
  on.diagnosis.end(7);
  await on.diagnosis.answer({ a: verdict('mounted-elsewhere', 8) });
  assert.deepEqual([...on.diagnosis.followed.keys()], [8]);
  assert.equal(a.leftElsewhere, false);
  on.diagnosis.end(8);
  await on.diagnosis.answer({ a: verdict('not-a-namespace') });
  assert.equal(a.leftElsewhere, true);
  assert.deepEqual(on.results, [['a'], ['a']]);
  assert.equal(on.diagnosis.followed.size, 0);
});

test('mounted elsewhere only, and ready by the end of the process: nothing is asked of it', async () => {
  const on = stage();
  const a = on.name('a');
  on.check.mustWait(a, SEEN_FILE, 1000);
  on.check.run();
  await on.diagnosis.answer({ a: verdict('mounted-elsewhere', 7) });
  a.state = 'ready';
  on.diagnosis.end(7);
  await on.diagnosis.answer({});
  assert.equal(a.leftElsewhere, false);
  assert.deepEqual(on.results, [['a']]);
});

test('close: follows nothing any more, gives no results, and waits for what runs', async () => {
  const on = stage();
  const [a, b] = [on.name('a'), on.name('b')];
  on.check.mustWait(a, SEEN_FILE, 1000);
  on.check.run();
  await on.diagnosis.answer({ a: verdict('mounted-elsewhere', 7) });
  on.check.mustWait(b, SEEN_FILE, 1000);
  on.check.run();
  let isClosed = false;
  const closing = on.check.close().then(() => (isClosed = true));
  await setImmediate();
  assert.deepEqual([isClosed, on.diagnosis.followed.size], [false, 0]);
  await on.diagnosis.answer({ b: verdict('no-propagation') });
  await closing;
  assert.deepEqual(on.results, [['a']]);
  assert.equal(b.diagnosis, null);
});
