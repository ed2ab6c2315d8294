/** docs/metrics.md has each metric that there is, with its type and its labels, and no other. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { read } from '../../docs/tables.ts';
import { catalogue } from '../../../src/serve/metrics/families.ts';
import { collect } from '../../../src/serve/metrics/metrics.ts';
import { render } from '../../../src/serve/metrics/exposition.ts';
import { checked } from './support/checked.ts';
import { entry, link, peerOf, sourceOf } from './support/source.ts';

const SUFFIXES = { counter: '_total', gauge: '', info: '_info' };

const rows = read('docs/metrics.md')
  .split('\n')
  .filter((line) => line.startsWith('| `nlink_'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  .filter((cells) => cells.length === 7);

test('all metrics, in their order, with their types', () => {
  assert.deepEqual(
    rows.map(([, name, type]) => [name, type]),
    catalogue().map(({ name, type }) => [name + SUFFIXES[type], type]),
  );
});

test('the labels are those that it has', async () => {
  const green = entry(['green']);
  const blue = entry(['blue'], [link(1, 'eth0', { peer: peerOf(green, 2, 'eth1') })], {
    pids: [1],
    processes: 1,
  });
  const families = await collect(sourceOf([blue, green]), { all: true });
  const { series } = checked(render(families, 'text'), 'text');
  for (const [, name = '', , labels = ''] of rows)
    assert.equal(Object.keys(series.get(name)?.[0] ?? {}).join(', '), labels, name);
});

test('each name has its unit, and no reserved suffix', () => {
  for (const { name, unit } of catalogue()) {
    assert.equal(/_(bytes|seconds)$/u.exec(name)?.[1], unit, name);
    assert.doesNotMatch(name, /_(?:total|info|created|count|sum|bucket)$/u);
  }
});
