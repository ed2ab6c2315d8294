/** What of links the kernel is asked for: how often, however many ask. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LinkReadings, readingKey } from '../../../src/serve/events/link-readings.ts';
import type { LinkReader } from '../../../src/serve/events/link-readings.ts';
import { FakeClock } from '../../watch/support/fake-clock.ts';
import { entryOf } from '../support/feed-parts.ts';

const blue = entryOf({ number: 1, linksState: 'live' });
const red = entryOf({ number: 2, linksState: 'live' });

function parts(): { clock: FakeClock; readings: LinkReadings; asked: string[]; reader: LinkReader } {
  const clock = new FakeClock();
  const asked: string[] = [];
  const reader: LinkReader = {
    statistics: async ({ number }) => {
      asked.push(`counters ${number}`);
      return new Map();
    },
    addresses: async ({ number }) => {
      asked.push(`addresses ${number}`);
      return new Map([[2, [{ address: '10.0.0.1', prefixLength: 24 }]]]);
    },
  };
  return { clock, reader, readings: new LinkReadings(reader, () => clock.now()), asked };
}

test('those who ask for one while it is read share it; then it is read anew', async () => {
  const { readings, asked } = parts();
  const [one, two, other] = await Promise.all([
    readings.of(blue),
    readings.of({ ...blue }),
    readings.of(red),
  ]);
  assert.equal(one, two);
  assert.deepEqual(one?.addresses?.get(2), ['10.0.0.1/24']);
  assert.notEqual(one, other);
  assert.deepEqual(asked.sort(), ['addresses 1', 'addresses 2', 'counters 1', 'counters 2']);
  assert.notEqual(await readings.of(blue), one);
  assert.equal(asked.length, 6);
});

test('what fails is not known, and is asked for again', async () => {
  const { readings, reader } = parts();
  reader.statistics = () => Promise.reject(new Error('ENOBUFS'));
  reader.addresses = () => Promise.reject(new Error('ERR_NLINK_CLOSED'));
  const { statistics, addresses } = await readings.of(blue);
  assert.deepEqual([statistics, addresses], [null, null]);
  assert.deepEqual([...(await readings.all([blue]))], [['1', null]]);
  reader.statistics = async () => new Map();
  assert.notEqual((await readings.of(blue)).statistics, null);
});

test('addresses of all: one reading at a time, and none for two seconds after it', async () => {
  const { clock, readings, asked } = parts();
  const unfollowed = entryOf({ number: 3 });
  const [first, second] = [readings.all([blue, red, unfollowed]), readings.all([blue])];
  assert.equal(first, second);
  assert.deepEqual([...(await first).keys()], [readingKey(blue), readingKey(red)]);
  clock.advance(1999);
  assert.equal(readings.all([blue]), first);
  clock.advance(1);
  assert.notEqual(readings.all([blue]), first);
  await readings.all([blue]);
  assert.deepEqual(asked, ['addresses 1', 'addresses 2', 'addresses 1']);
});

test('keys: the own one, by number, else by nsid', () => {
  assert.deepEqual([entryOf({ own: true, number: 4 }), blue, entryOf({ nsid: 7 })].map(readingKey), [
    'own',
    '1',
    'nsid 7',
  ]);
});
