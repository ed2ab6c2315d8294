/** What becomes of what is published, stream by stream, by the table of lanes.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lanes } from '../../src/agent/lanes.ts';
import { NO_ANSWER } from '../../src/nats/publish.ts';

class Told {
  readonly words: string[] = [];
  readonly lanes: Lanes;

  constructor() {
    const tell = (word: string) => (stream: string) => void this.words.push(`${word} ${stream}`);
    this.lanes = new Lanes({
      onMissing: tell('missing'),
      onRefused: (stream, reason) => this.words.push(`refused ${stream}: ${reason}`),
      onUnanswered: tell('unanswered'),
      onRestored: tell('restored'),
      onRenewed: tell('renewed'),
    });
  }

  kept(seq: number, stream = 's'): string[] {
    this.lanes.heed(stream, { kind: 'kept', stream, seq });
    return this.words.splice(0);
  }

  failed(kind: 'refused' | 'missing' | 'unknown', reason: string, stream = 's'): string[] {
    this.lanes.heed(stream, { kind, reason });
    return this.words.splice(0);
  }
}

test('numbers that grow are well, also over gaps', () => {
  const told = new Told();
  for (const seq of [1, 2, 9]) assert.deepEqual(told.kept(seq), []);
});

test('a number that is no higher: the stream was made anew, also where it has as many again', () => {
  const told = new Told();
  told.kept(4);
  assert.deepEqual(told.kept(4), ['renewed s']);
  assert.deepEqual(told.kept(5), []);
  assert.deepEqual(told.kept(1), ['renewed s']);
});

test('each fault is told once, and once that it is right again', () => {
  const told = new Told();
  told.kept(1);
  assert.deepEqual(told.failed('refused', 'full'), ['refused s: full']);
  assert.deepEqual(told.failed('refused', 'full'), []);
  assert.deepEqual(told.failed('refused', 'too long'), ['refused s: too long']);
  assert.equal(told.lanes.refused, 's: too long');
  assert.deepEqual(told.kept(2), ['restored s']);
  assert.equal(told.lanes.refused, null);
  assert.deepEqual(told.kept(3), []);
});

test('missing, then there: it was made anew, whatever its numbers say', () => {
  const told = new Told();
  told.kept(1);
  assert.deepEqual(told.failed('missing', 'no stream'), ['missing s']);
  assert.deepEqual(told.failed('missing', 'no stream'), []);
  assert.deepEqual([told.lanes.missing, told.lanes.refused], [['s'], null]);
  assert.deepEqual(told.kept(7), ['restored s', 'renewed s']);
  assert.deepEqual([told.lanes.missing, told.lanes.refused], [[], null]);
  assert.deepEqual(told.kept(8), []);
});

test('missing, then refused: it is there, and was made anew', () => {
  const told = new Told();
  told.failed('missing', 'no stream');
  assert.deepEqual(told.failed('refused', 'full'), ['refused s: full']);
  assert.deepEqual(told.lanes.missing, []);
  assert.deepEqual(told.kept(1), ['restored s', 'renewed s']);
});

test('no answer though there is a connection: it may be another one; without one nothing is told', () => {
  const told = new Told();
  told.kept(1);
  assert.deepEqual(told.failed('unknown', 'not connected'), []);
  assert.deepEqual(told.kept(2), []);
  assert.deepEqual(told.failed('unknown', NO_ANSWER), ['unanswered s']);
  assert.deepEqual(told.kept(3), ['restored s', 'renewed s']);
});

test('each stream by itself', () => {
  const told = new Told();
  told.kept(5, 'a');
  assert.deepEqual(told.kept(1, 'b'), []);
  told.failed('missing', 'no stream', 'b');
  assert.deepEqual(told.kept(6, 'a'), []);
  assert.deepEqual(told.lanes.missing, ['b']);
});
