/** Events that wait to be taken: whose are dropped when there are too many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetEvent, FleetHost } from '../../src/index.ts';
import { Backlog } from '../../src/reader/backlog.ts';

const MOST = 100;
const hostOf = (id: string): FleetHost => ({ id }) as FleetHost;
const unread = (host: FleetHost): FleetEvent => ({
  type: 'resynced',
  time: '',
  host,
  reason: 'unread',
  complete: false,
});

class Waiting {
  readonly backlog = new Backlog(MOST);
  #count = 0;

  push(id: string, count: number): void {
    for (let left = count; left > 0; left--) {
      const event = { type: 'found', time: '' } as never;
      this.backlog.push({ type: 'namespaceEvent', host: hostOf(id), seq: ++this.#count, event });
    }
  }

  connection(reason: string): void {
    this.backlog.push({ type: 'connection', time: '', state: 'stale', reason });
  }

  /** As words, in their order: of a host how many one after the other, `lost ID`, `connection WHY`. */
  take(most = Infinity): string[] {
    const words: string[] = [];
    let run: { id: string; count: number } | null = null;
    const end = (): void => {
      if (run !== null) words.push(`${run.count} ${run.id}`);
      run = null;
    };
    for (let taken = 0; taken < most; taken++) {
      const event = this.backlog.take(unread);
      if (event === undefined) break;
      if (event.type === 'namespaceEvent' && run?.id === event.host.id) run.count++;
      else {
        end();
        if (event.type === 'namespaceEvent') run = { id: event.host.id, count: 1 };
        else if (event.type === 'connection') words.push(`connection ${event.reason}`);
        else words.push(`lost ${event.host.id}`);
      }
    }
    end();
    return words;
  }
}

test('as many as there may be wait; one more, and those of the loudest host go, all of them', () => {
  const waiting = new Waiting();
  waiting.push('calm', 20);
  waiting.push('loud', 50);
  waiting.push('calm', 30);
  assert.deepEqual([waiting.backlog.size, waiting.backlog.drops], [100, 0]);
  waiting.push('loud', 1);
  assert.deepEqual([waiting.backlog.size, waiting.backlog.drops], [51, 1]);
  // Nothing more is kept of it until that is taken.
  waiting.push('loud', 7);
  waiting.push('calm', 1);
  assert.deepEqual(waiting.take(), ['51 calm', 'lost loud']);
  waiting.push('loud', 2);
  assert.deepEqual(waiting.take(), ['2 loud']);
  assert.equal(waiting.backlog.size, 0);
});

test('of hosts that are alike as few are dropped as make room for a quarter', () => {
  const waiting = new Waiting();
  for (let at = 0; at < 10; at++) waiting.push(`h${at}`, 10);
  waiting.push('late', 1);
  const words = waiting.take();
  assert.equal(words.filter((word) => word.startsWith('lost')).length, 3);
  assert.equal(words.filter((word) => word.startsWith('10 ')).length, 7);
  assert.ok(words.includes('1 late'));
});

test('who was loud and was heard is loud no more', () => {
  const waiting = new Waiting();
  for (let round = 0; round < 50; round++) {
    waiting.push('one', 10);
    waiting.take();
  }
  waiting.push('one', 5);
  waiting.push('two', 96);
  assert.deepEqual(waiting.take(), ['5 one', 'lost two']);
});

test('states of the connection stay, but there is a bound for them, too: the last ones count', () => {
  const waiting = new Waiting();
  waiting.connection('first');
  waiting.push('loud', 100);
  assert.deepEqual(waiting.take(), ['connection first', 'lost loud']);
  for (let at = 0; at < 5000; at++) waiting.connection(String(at));
  assert.equal(waiting.backlog.size, MOST);
  assert.equal(waiting.take().at(-1), 'connection 4999');
});

test('taken one by one while others come, in their order', () => {
  const waiting = new Waiting();
  const seen: number[] = [];
  for (let round = 0; round < 3000; round++) {
    waiting.push('one', 2);
    for (let at = 0; at < 2; at++) {
      const event = waiting.backlog.take(unread);
      if (event?.type === 'namespaceEvent') seen.push(event.seq as number);
    }
    // Some wait at all times.
    if (round === 0) waiting.push('one', 5);
  }
  assert.equal(seen.length, 6000);
  assert.ok(seen.every((seq, at) => at === 0 || seq === (seen[at - 1] as number) + 1));
  assert.equal(waiting.backlog.drops, 0);
});
