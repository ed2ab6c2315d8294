import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Telling } from '../../../src/transport/nats/telling.ts';
import { encodeSnapshot } from '../../../src/wire/snapshot.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Target } from './support/target.ts';

const EPOCH = '00000001000000aa';
const long = (): string =>
  JSON.stringify({ text: Array.from({ length: 120_000 }, () => Math.random().toString(36)) });

test('a part whose snapshot is never whole is not kept for ever', async () => {
  const target = new Target();
  const clock = new ManualClock();
  const telling = new Telling(target, () => {}, clock);
  const parts = encodeSnapshot(EPOCH, 7, long(), null);
  assert.ok(parts.length > 1);
  const [first, ...rest] = parts as [Buffer, ...Buffer[]];
  const give = (key: string, part: Uint8Array): void => telling.message(`nlink.snapshot.${key}.0`, part, 0);
  give('slow', first);
  give('gone', first);
  await clock.pass(50_000);
  // What no agent makes takes nothing of it away.
  give('slow', Buffer.from('no line'));
  for (const part of rest) give('slow', part);
  await clock.pass(20_000);
  give('other', first);
  for (const part of rest) give('gone', part);
  assert.deepEqual(
    target.of('snapshot').map(({ key, seq }) => [key, seq]),
    [['slow', 7]],
  );
});
