/** When the server is asked to search: not with each letter, and again while it does not know all. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Found } from '../../../src/page/model/fleet-types.ts';
import { HostSearch } from '../../../src/page/model/host-search.ts';
import { isOfHost, wordsOf } from '../../../src/page/model/of-host.ts';
import { FakeClock } from '../../../../../test/watch/support/fake-clock.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('asked when somebody stops writing, soon again while hosts are pending, then seldom', async () => {
  const clock = new FakeClock();
  const asked: string[] = [];
  let pending = 3;
  const find = async (query: string): Promise<Found> => {
    asked.push(query);
    return { query, hosts: [], more: false, pending };
  };
  const search = new HostSearch({ after: (time, callback) => clock.after(time, callback), find }, () => {});
  for (const query of ['b', 'bl', 'blu']) search.search(query);
  assert.deepEqual(asked, []);
  clock.advance(200);
  await settled();
  assert.deepEqual(asked, ['blu']);
  assert.equal(search.found?.query, 'blu');
  clock.advance(600);
  await settled();
  assert.equal(asked.length, 2);
  pending = 0;
  clock.advance(600);
  await settled();
  assert.equal(asked.length, 3);
  clock.advance(600);
  await settled();
  assert.equal(asked.length, 3);
  clock.advance(5000);
  await settled();
  assert.equal(asked.length, 4);
  search.search('');
  assert.equal(search.found, null);
  clock.advance(60_000);
  await settled();
  assert.equal(asked.length, 4);
});

test('an answer to what is searched for no more is passed over; without one the last stays', async () => {
  const clock = new FakeClock();
  const waiting: ((found: Found | null) => void)[] = [];
  const find = (): Promise<Found | null> => new Promise((resolve) => waiting.push(resolve));
  const search = new HostSearch({ after: (time, callback) => clock.after(time, callback), find }, () => {});
  const found = (query: string): Found => ({ query, hosts: [], more: false, pending: 0 });
  search.search('one');
  clock.advance(200);
  search.search('two');
  clock.advance(200);
  waiting[1]?.(found('two'));
  waiting[0]?.(found('one'));
  await settled();
  assert.equal(search.found?.query, 'two');
  clock.advance(5000);
  waiting[2]?.(null);
  await settled();
  assert.equal(search.found?.query, 'two');
});

test('which words are about a host itself', () => {
  const host = { id: 'abcdef0123456789', name: 'Rack1-Node', versions: { kernel: '6.12.9-amd64' } };
  for (const word of ['rack', 'node', 'host:rack1', 'kernel:6.12', 'abcd'])
    assert.ok(isOfHost(word, host), word);
  for (const word of ['abc', 'bcde', '6.12', 'kernel:5', 'host:x', 'blue'])
    assert.ok(!isOfHost(word, host), word);
  assert.deepEqual(wordsOf('  Rack1  BLUE '), ['rack1', 'blue']);
});
