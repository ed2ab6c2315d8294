/** docs/fleet/serve.md has each metric, each label of `/sd` and each path that there is, and no other. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { read } from '../../../../test/docs/tables.ts';
import { FleetLab, servedFleet } from './support/fleet-lab.ts';
import { lab } from './support/hosts.ts';
import type { TargetGroup } from '../../src/serve/sd.ts';

/** Rows of tables, whose cells are without marks of code. */
const rows = (start: string): string[][] =>
  read('docs/fleet/serve.md')
    .split('\n')
    .filter((line) => line.startsWith(`| \`${start}`))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );

const fleetOf = (): FleetLab => {
  const fleet = new FleetLab();
  fleet.add('alpha', { target: 'alpha:9478' }, lab(['blue']));
  return fleet;
};

test('all metrics, with their types and labels, in their order', async (t) => {
  const { get } = await servedFleet(t, fleetOf(), { hostMetrics: true });
  const { text } = await get('/metrics', { accept: 'application/openmetrics-text;version=1.0.0' });
  const suffixes: Readonly<Record<string, string>> = { counter: '_total', gauge: '', info: '_info' };
  const found = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, family = '', type = '']) => {
    const name = `${family}${suffixes[type] ?? assert.fail(type)}`;
    const [, labels = ''] = new RegExp(`^${name}(?:\\{(.*)\\})? \\S+$`, 'm').exec(text) ?? assert.fail(name);
    return [name, type, [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).join(', ')];
  });
  assert.deepEqual(
    rows('nlink_fleet_').map((cells) => cells.slice(0, 3)),
    found,
  );
});

test('all labels of a target', async (t) => {
  const { json } = await servedFleet(t, fleetOf());
  const [group] = await json<TargetGroup[]>('/sd');
  assert.deepEqual(
    rows('__meta_').map(([label]) => label),
    Object.keys(group?.labels ?? {}),
  );
});

test('all paths', () => {
  const { paths } = JSON.parse(read('packages/fleet/openapi.json')) as { paths: object };
  const documented = rows('/').flatMap(([cell = '', text = '']) =>
    [...`${cell}, ${text}`.matchAll(/(?:^|[ ,])(\/[\w/]*)/g)].map(([, path = '']) => path),
  );
  const known = Object.keys(paths)
    .filter((path) => !path.startsWith('/page.'))
    .map((path) => path.replace('{id}', 'ID').replace(/^\/v1\/hosts\/ID\/links$/, '/links'));
  assert.deepEqual([...new Set(documented)].sort(), known.sort());
});
