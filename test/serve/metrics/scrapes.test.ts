/** Scrapes that are asked for at once are one; none is older than the question. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Family } from '../../../src/serve/metrics/family.ts';
import { Scrapes } from '../../../src/serve/metrics/scrapes.ts';

/** A collection that ends when the test says so. */
class Collection {
  begun = 0;
  running = 0;
  most = 0;
  #ends: (() => void)[] = [];

  readonly collect = async (): Promise<Family[]> => {
    const value = ++this.begun;
    this.most = Math.max(this.most, ++this.running);
    await new Promise<void>((resolve) => this.#ends.push(resolve));
    this.running--;
    if (value === 3) throw new Error('broken');
    return [{ name: 'x', type: 'gauge', help: 'It.', samples: [{ labels: '', value }] }];
  };

  end(): void {
    this.#ends.shift()?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const TEXT = (value: number): string => `# HELP x It.\n# TYPE x gauge\nx ${value}\n`;

test('one at a time, and whoever asks meanwhile gets the next', async () => {
  const collection = new Collection();
  const scrapes = new Scrapes(collection.collect);
  const told: string[] = [];
  const ask = async (who: string): Promise<void> => {
    told.push(`${who} ${String(await (await scrapes.take()).body('text', false)).split('\n')[2]}`);
  };
  const all = [ask('a'), ask('b')];
  await turn();
  assert.equal(collection.begun, 1);
  all.push(ask('c'), ask('d'));
  await turn();
  assert.equal(collection.begun, 1);
  collection.end();
  await turn();
  // What has begun is too old for one who asks now.
  const failing = ask('e');
  await turn();
  assert.equal(collection.begun, 2);
  collection.end();
  await Promise.all(all);
  assert.deepEqual(told.toSorted(), ['a x 1', 'b x 1', 'c x 2', 'd x 2']);
  collection.end();
  await assert.rejects(failing, /broken/);
  const last = ask('f');
  await turn();
  collection.end();
  await last;
  assert.deepEqual([told.at(-1), collection.most], ['f x 4', 1]);
});

test('each form is made once', async () => {
  const collection = new Collection();
  const taken = new Scrapes(collection.collect).take();
  await turn();
  collection.end();
  const scrape = await taken;
  const [text, again] = [await scrape.body('text', false), await scrape.body('text', false)];
  assert.equal(text, again);
  assert.equal(String(text), TEXT(1));
  const zipped = await scrape.body('text', true);
  assert.equal(zipped, await scrape.body('text', true));
  assert.equal(String(gunzipSync(zipped)), TEXT(1));
  assert.match(String(await scrape.body('openmetrics', false)), /# EOF\n$/);
});
