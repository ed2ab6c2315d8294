import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf } from '../../../src/page/layout/rows.ts';
import type { Row } from '../../../src/page/layout/scene-types.ts';
import { Lab } from '../support/generated-model.ts';

const ROOM = { rows: 6, ports: 6 };

const textOf = (row: Row): string =>
  row.what === 'more'
    ? `+${row.count}`
    : `${'>'.repeat(row.depth)}${row.link.name}${row.ports === null ? '' : ` ${row.ports}`}`;

const texts = (lab: Lab, key: string, room = ROOM): string[] => rowsOf(lab.get(key), room).rows.map(textOf);

test('a bus comes first, with its ports below it; what does not fit is counted', () => {
  const lab = new Lab({ containers: 8 });
  const rows = texts(lab, '1', { rows: 48, ports: 6 });
  assert.deepEqual(rows.slice(0, 1), ['docker0 8']);
  assert.match(rows[1] as string, /^>veth/);
  assert.equal(rows[6], '+3');
  assert.deepEqual(rows.slice(7), ['cni0 1', '>bond0 0', 'eth0', 'eth0.100']);
});

test('lo has a row only where nothing else is', () => {
  const lab = new Lab();
  const key = lab.add('a');
  lab.link(key, { name: 'lo', ifindex: 1 });
  assert.deepEqual(texts(lab, key), ['lo']);
  lab.link(key, { name: 'eth0', ifindex: 2 });
  assert.deepEqual(texts(lab, key), ['eth0']);
});

test('every link but lo has a row that stands for it', () => {
  const lab = new Lab({ containers: 30, pods: 9 });
  for (const rows of [1, 2, 6, 48]) {
    const { rowOf, rows: shown, hidden } = rowsOf(lab.get('1'), { rows, ports: 6 });
    assert.ok(shown.length <= rows);
    for (const link of lab.get('1').links.values())
      if (link.name !== 'lo') assert.ok((rowOf.get(link.key) as number) < shown.length, link.name);
    const counted = shown.reduce((sum, row) => sum + (row.what === 'more' ? row.count : 1), hidden);
    assert.equal(counted, lab.get('1').links.size - 1);
  }
});

test('masters in a circle do no harm', () => {
  const lab = new Lab();
  const key = lab.add('a');
  lab.link(key, { name: 'a', ifindex: 2, master: 3 });
  lab.link(key, { name: 'b', ifindex: 3, master: 2 });
  assert.equal(rowsOf(lab.get(key), ROOM).rowOf.size, 2);
});
