/** CONTRIBUTING.md and docs/architecture.md say where what is, and it is there. */
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { read } from './tables.ts';

const root = new URL('../../../', import.meta.url);

/** A section of a page, by its heading. */
function section(page: string, heading: string): string {
  const [, text = ''] = read(page).split(`\n## ${heading}\n`);
  return text.split('\n## ')[0] ?? '';
}

test('each answer to "Where is …?" names a file, and each file that is named exists', () => {
  const answers = section('CONTRIBUTING.md', 'Where is …?')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('?'));
  assert.ok(answers.length >= 10);
  const places = answers.flatMap((line) => {
    const named = [...line.matchAll(/`((?:src|test)\/[\w./-]*)`/g)].map(([, path = '']) => path);
    assert.ok(named.length > 0, line);
    return named;
  });
  assert.deepEqual(
    places.filter((path) => !existsSync(new URL(path, root))),
    [],
  );
});

/** Of the core, or of nlink-fleet. */
function roomsOf(which: 'CORE' | 'FLEET'): string[] {
  const source = read('scripts/layers.js');
  const own = source.slice(source.indexOf(`export const ${which}`));
  const layers = own.slice(own.indexOf('layers: ['), own.indexOf('\n  ],'));
  return [...layers.matchAll(/'([\w/.-]+)'/g)].map(([, room = '']) => room);
}

test('the table of rooms has each room that the check of layers knows', () => {
  const rooms = roomsOf('CORE');
  assert.ok(rooms.length > 10);
  const table = ['Layers', 'Rooms of the command']
    .map((heading) => section('docs/architecture.md', heading))
    .join();
  const missing = rooms.filter((room) => {
    const [folder, inside] = room.split('/');
    // Those of the command are listed by themselves, the one that has its name being the rest of it.
    const shown = folder === 'cli' ? (inside ?? 'src/cli/') : `src/${room}`;
    return !table.includes(`\`${shown}`);
  });
  assert.deepEqual(missing, []);
});

test('the table of rooms of nlink-fleet, too', () => {
  const rooms = roomsOf('FLEET');
  assert.ok(rooms.length > 10);
  const table = section('docs/architecture.md', 'Rooms of nlink-fleet');
  assert.deepEqual(
    rooms.filter((room) => !new RegExp(`^\\| \`${room}/?\` `, 'm').test(table)),
    [],
  );
});
