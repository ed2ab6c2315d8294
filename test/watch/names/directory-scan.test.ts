/** What a reading of the directory does to the names, by what was known and what records say. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Observer } from '../../../src/netns/identity/observe.ts';
import { decodeName } from '../../../src/reference/names.ts';
import { globs } from '../../../src/reference/glob.ts';
import { errno } from '../../../src/sys/errno.ts';
import type { System } from '../../../src/sys/system.ts';
import { DirectoryScan } from '../../../src/watch/names/directory-scan.ts';
import { checkOptions } from '../../../src/watch/names/name-options.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import { brief } from '../support/replay.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SEEN_FILE, seenNamespace } from './observations.ts';

interface Stage {
  /** What reading the directory gives: names, or `-errno`. */
  found: string[] | number;
  /** What the records queued by the end of the reading say. Null: something broke. */
  last: Record<string, boolean> | null;
  stillWatches: boolean;
}

interface Outcome {
  /** Null: it has to be read again. */
  events: string[] | null;
  /** The names that are known in the end. */
  names: string[];
  /** The names marked dirty. */
  dirty: string[];
}

const QUIET: Stage = { found: [], last: {}, stillWatches: true };

/** Known: `a`, which is ready. In the directory `f…` are files, other names namespaces. */
function scan(stage: Partial<Stage>, adopt = false, names: string | null = null): Outcome {
  const { found, last, stillWatches } = { ...QUIET, ...stage };
  const table = new NameStates('/d', 0);
  table.adopt('a', seenNamespace(1));
  const dirty: string[] = [];
  const system = {
    readDirectory: () => (typeof found === 'number' ? found : found.map((name) => Buffer.from(name))),
  } as unknown as System;
  const observer = {
    observe(path: Uint8Array) {
      const name = decodeName(path.subarray('/d/'.length, path.indexOf(0)));
      return name.startsWith('f') ? SEEN_FILE : seenNamespace(name === 'a' ? 1 : 2);
    },
  } as unknown as Observer;
  const parts = {
    system,
    observer,
    table,
    clock: new FakeClock(),
    watch: { stillWatches: () => stillWatches },
    records: { drain: () => (last === null ? null : new Map(Object.entries(last))) },
    schedule: { look: ({ name }: { name: string }) => void dirty.push(name) },
    mounts: { observed: () => {} },
  };
  const settings = { ...checkOptions({ directory: '/d' }), names: names === null ? null : globs([names]) };
  const directoryScan = new DirectoryScan(parts, settings);
  const read = directoryScan.read();
  const events = read === null ? null : [...directoryScan.apply(read, adopt)].map(brief);
  return { events, names: [...table.records.keys()], dirty };
}

const A = { names: ['a'], dirty: [] };
const rows: [title: string, stage: Partial<Stage>, outcome: Outcome][] = [
  ['nothing changed', { found: ['a'] }, { ...A, events: [] }],
  ['a name is new', { found: ['a', 'b'] }, { events: ['created b'], names: ['a', 'b'], dirty: [] }],
  [
    'a file is new',
    { found: ['a', 'f'] },
    { events: ['created f (not-a-namespace)'], names: ['a', 'f'], dirty: [] },
  ],
  ['a name is gone', { found: ['b'] }, { events: ['deleted a', 'created b'], names: ['b'], dirty: [] }],
  [
    'listed, and deleted by the end of the reading',
    { found: ['a'], last: { a: false } },
    { events: ['deleted a'], names: [], dirty: [] },
  ],
  [
    'listed, and made again by the end of the reading: looked at',
    { found: ['a'], last: { a: true } },
    { events: ['deleted a'], names: ['a'], dirty: ['a'] },
  ],
  [
    'not listed, and created by the end of the reading: looked at',
    { found: ['a'], last: { b: true } },
    { events: [], names: ['a', 'b'], dirty: ['b'] },
  ],
  [
    'not listed, and created and deleted by the end of the reading',
    { found: ['a'], last: { b: false } },
    { ...A, events: [] },
  ],
  ['records were lost meanwhile: read again', { found: [], last: null }, { ...A, events: null }],
  ['the path changed meanwhile: read again', { found: [], stillWatches: false }, { ...A, events: null }],
  ['the directory is gone: read again', { found: -errno.ENOENT }, { ...A, events: null }],
  ['a file is in its place: read again', { found: -errno.ENOTDIR }, { ...A, events: null }],
];

for (const [title, stage, outcome] of rows) {
  test(title, () => assert.deepEqual(scan(stage), outcome));
}

test('adopt: names that are there make no events', () => {
  assert.deepEqual(scan({ found: ['a', 'b', 'f'], last: { b: true } }, true), {
    events: [],
    names: ['a', 'f', 'b'],
    dirty: ['b'],
  });
});

test('names that are not watched are left out', () => {
  assert.deepEqual(scan({ found: ['a', 'b', 'f'] }, false, '[ab]'), {
    events: ['created b'],
    names: ['a', 'b'],
    dirty: [],
  });
});

test('throws what the caller has to wait for, or report', () => {
  assert.throws(() => scan({ found: -errno.EMFILE }), { code: 'EMFILE' });
  assert.throws(() => scan({ found: -errno.EACCES }), { code: 'EACCES' });
});
