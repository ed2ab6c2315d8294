/** When what keeps a namespace alive is looked for, however many ask. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { HolderLooks } from '../../src/serve/holder-looks.ts';
import type { NamespaceId } from '../../src/netns/identity/identity.ts';

const namespace = (id: bigint): NamespaceId => ({ id, dev: 4n, ino: 4026532000n + id, since: 0n });

/** What is given to who may ask. */
const asking = (looks: HolderLooks, id: bigint): Promise<string> =>
  looks.of(namespace(id)) ?? Promise.reject(new Error('too many wait'));

/** Looks that end when they are told to. */
class Walks {
  readonly begun: bigint[] = [];
  now = 0;
  readonly #ends: ((error: Error | null) => void)[] = [];

  readonly find = ({ id }: NamespaceId): Promise<object> => {
    this.begun.push(id as bigint);
    const at = this.begun.length;
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error === null ? resolve({ id: String(id), at }) : reject(error)));
    });
  };

  /** Ends the one that is under way. */
  async end(error: Error | null = null): Promise<void> {
    this.#ends.shift()?.(error);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function setUp(): { walks: Walks; looks: HolderLooks } {
  const walks = new Walks();
  return { walks, looks: new HolderLooks(walks.find, () => walks.now) };
}

test('whoever asks meanwhile, or soon after, has the same look', async () => {
  const { walks, looks } = setUp();
  const asked = [asking(looks, 1n), asking(looks, 1n)];
  await settled();
  walks.now = 5000;
  asked.push(asking(looks, 1n));
  await walks.end();
  walks.now = 6999;
  asked.push(asking(looks, 1n));
  assert.deepEqual(await Promise.all(asked), Array(4).fill('{"id":"1","at":1}'));
  assert.deepEqual(walks.begun, [1n]);
  walks.now = 7000;
  const later = looks.of(namespace(1n));
  await settled();
  await walks.end();
  assert.equal(await later, '{"id":"1","at":2}');
});

test('one at a time, in the order in which they were asked for', async () => {
  const { walks, looks } = setUp();
  const asked = [1n, 2n, 3n].map((id) => asking(looks, id));
  await settled();
  assert.deepEqual(walks.begun, [1n]);
  await walks.end();
  assert.deepEqual(walks.begun, [1n, 2n]);
  await walks.end();
  await walks.end();
  assert.deepEqual(await Promise.all(asked), ['{"id":"1","at":1}', '{"id":"2","at":2}', '{"id":"3","at":3}']);
});

test('one that fails is in the way of nobody, and is tried again', async () => {
  const { walks, looks } = setUp();
  const failed = asking(looks, 1n);
  const next = looks.of(namespace(2n));
  await settled();
  const isRefused = assert.rejects(failed, /no descriptors left/u);
  await walks.end(new Error('no descriptors left'));
  await isRefused;
  await walks.end();
  assert.equal(await next, '{"id":"2","at":2}');
  const again = looks.of(namespace(1n));
  await settled();
  await walks.end();
  assert.equal(await again, '{"id":"1","at":3}');
});

test('no more than 32 wait', async () => {
  const { walks, looks } = setUp();
  const asked = Array.from({ length: 32 }, (_, at) => looks.of(namespace(BigInt(at))));
  assert(asked.every((one) => one !== null));
  assert.equal(looks.of(namespace(100n)), null);
  // One that is looked for already is no more.
  assert.notEqual(looks.of(namespace(31n)), null);
  await settled();
  await walks.end();
  const next = looks.of(namespace(100n));
  assert.notEqual(next, null);
  for (let left = 32; left > 0; left--) await walks.end();
  assert.equal(await next, '{"id":"100","at":33}');
});
