/** How the record of a namespace is found, with and without kernel ids. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { NamespaceIndex } from '../../../src/watch/unified/namespace-index.ts';
import { NamespaceRecord } from '../../../src/watch/unified/namespace-record.ts';

/** `5:100:7`: kernel id 5, inode 100, since 7; `-` for no kernel id (before Linux 6.18). */
function parse(text: string): NamespaceId {
  const [id, ino, since] = text.split(':') as [string, string, string];
  return { id: id === '-' ? null : BigInt(id), dev: 4n, ino: BigInt(ino), since: BigInt(since) };
}

const rows: [
  what: string,
  own: string,
  others: string[],
  wanted: string,
  found: string,
  lookalike: string,
][] = [
  ['by the kernel id', '1:1:1', ['5:100:7'], '5:100:7', '5:100:7', '-'],
  ['another time is no other namespace', '1:1:1', ['5:100:7'], '5:100:8', '5:100:7', '-'],
  ['an inode number that is used again', '1:1:1', ['5:100:7'], '6:100:7', '-', '-'],
  ['without kernel ids, by inode and time', '-:1:1', ['-:100:7'], '-:100:7', '-:100:7', '-'],
  ['another time may be the same namespace', '-:1:1', ['-:100:7'], '-:100:8', '-', '-:100:7'],
  ['another inode number never is', '-:1:1', ['-:100:7'], '-:101:7', '-', '-'],
  ['the last one with that inode number', '-:1:1', ['-:100:7', '-:100:8'], '-:100:9', '-', '-:100:8'],
  ['one of several', '-:1:1', ['-:100:7', '-:100:8'], '-:100:7', '-:100:7', '-'],
  ["the observer's own, by the kernel id", '1:1:1', [], '1:1:9', '1:1:1', '-'],
  ["the observer's own lives: its inode number is enough", '-:1:1', [], '-:1:9', '-:1:1', '-'],
  ["not the observer's own", '1:1:1', [], '2:1:1', '-', '-'],
];

for (const [what, own, others, wanted, found, lookalike] of rows)
  test(what, () => {
    const index = new NamespaceIndex();
    const names = new Map<NamespaceRecord | undefined, string>([[undefined, '-']]);
    for (const text of [own, ...others]) {
      const record = new NamespaceRecord(parse(text), text === own ? 'own' : 'namespace');
      index.add(record, parse(text));
      if (text === own) index.own = record;
      names.set(record, text);
    }
    assert.equal(names.get(index.find(parse(wanted))), found);
    assert.equal(names.get(index.lookalike(parse(wanted))), lookalike);
  });

test('a record that is removed is not found, and one that took its place stays', () => {
  const index = new NamespaceIndex();
  const namespace = parse('-:100:7');
  const [first, second] = [1, 2].map(() => new NamespaceRecord(namespace, 'namespace'));
  assert.ok(first && second);
  index.add(first, namespace);
  index.add(second, namespace);
  index.remove(first);
  assert.equal(index.find(namespace), second);
  index.remove(second);
  assert.deepEqual([index.find(namespace), index.lookalike(parse('-:100:8'))], [undefined, undefined]);
});
