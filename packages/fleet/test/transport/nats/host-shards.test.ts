import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostShards } from '../../../src/transport/nats/host-shards.ts';

test('of hosts that come and go for ever those that were heard of last are known', () => {
  const shards = new HostShards(3);
  for (const key of ['a', 'b', 'c']) shards.set(key, '0');
  shards.set('a', 'x');
  shards.set('d', '0');
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => shards.get(key)),
    ['x', undefined, '0', '0'],
  );
});
