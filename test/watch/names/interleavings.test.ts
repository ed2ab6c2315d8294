/**
 * What often happens together, cut in two at each system call of a watcher on a simulated kernel,
 * one after the other: while it is opened, and while it is watching. What random scenarios meet
 * once in ten thousand, this meets each time.
 */
import { test } from 'node:test';
import { isBrief } from '../../support/runs.ts';
import { play } from './simulation/scenario.ts';
import type { Round, Scenario } from './simulation/scenario.ts';
import type { SimulatedOperation } from './simulation/world.ts';

/** There at first: `a`, which can be entered, and `b`, which cannot. */
const BEFORE: SimulatedOperation[] = [
  { do: 'makeDirectory' },
  { do: 'create', name: 'a' },
  { do: 'mount', name: 'a' },
  { do: 'create', name: 'b' },
];

const create = (name: string): SimulatedOperation => ({ do: 'create', name });
const unlink = (name: string): SimulatedOperation => ({ do: 'unlink', name });
const mount = (name: string): SimulatedOperation => ({ do: 'mount', name });
const unmount = (name: string): SimulatedOperation => ({ do: 'unmount', name });
const add = (name: string): SimulatedOperation[] => [create(name), mount(name)];
const remove = (name: string): SimulatedOperation[] => [unmount(name), unlink(name)];

const SCRIPTS: Record<string, SimulatedOperation[]> = {
  added: add('c'),
  'added, deleted, added': [...add('c'), ...remove('c'), ...add('c')],
  'deleted, added': [...remove('a'), ...add('a')],
  'created, deleted': [create('c'), unlink('c')],
  'made anew': [unlink('b'), create('b')],
  replaced: [unmount('a'), mount('a')],
  'mounted on top, and taken off': [mount('a'), unmount('a')],
  'mounted at last, then taken off': [mount('b'), unmount('b'), mount('b')],
  'the mount moved to another name': [{ do: 'moveMount', name: 'a', to: 'b' }],
  'the mount moved out, and in at another name': [
    { do: 'moveMount', name: 'a', to: '../spare/a' },
    { do: 'moveMount', name: '../spare/a', to: 'b' },
  ],
  'two mounts change places': [
    mount('b'),
    { do: 'moveMount', name: 'a', to: '../spare/a' },
    { do: 'moveMount', name: 'b', to: 'a' },
    { do: 'moveMount', name: '../spare/a', to: 'b' },
  ],
  'made first, mounted last': [{ do: 'makeMount' }, ...add('c'), { do: 'attachMount', name: 'b' }],
  renamed: [{ do: 'rename', name: 'b', to: 'c' }, mount('c')],
  'renamed over another': [create('c'), { do: 'rename', name: 'c', to: 'b' }, mount('b')],
  'deleted elsewhere, made anew': [{ do: 'unlinkElsewhere', name: 'a' }, ...add('a')],
  'a link, and its end': [
    { do: 'link', name: 'c', to: '/proc/7/ns/net' },
    { do: 'endProcess', pid: '7' },
  ],
  'the directory renamed, and back': [{ do: 'moveAway' }, { do: 'moveBack' }, mount('b')],
  'the directory replaced': [{ do: 'moveAway' }, { do: 'makeDirectory' }, ...add('a')],
  'the directory removed and made': [
    ...remove('a'),
    unlink('b'),
    { do: 'removeDirectory' },
    { do: 'makeDirectory' },
    ...add('a'),
  ],
  'the directory covered': [{ do: 'cover' }, ...add('a'), create('b')],
  'the directory covered and uncovered': [{ do: 'cover' }, create('c'), { do: 'uncover' }, mount('b')],
  'the directory above covered and uncovered': [{ do: 'coverParent' }, { do: 'uncoverParent' }, mount('b')],
  'the directory bound on itself': [{ do: 'bindOnItself' }, ...add('c'), mount('b')],
  'the mount on the directory moved away, and back': [
    { do: 'bindOnItself' },
    ...add('c'),
    { do: 'moveMountAway' },
    { do: 'moveMountBack' },
    mount('b'),
  ],
  'a link in the place of the directory': [
    { do: 'moveAway' },
    { do: 'linkDirectory' },
    { do: 'unlinkDirectory' },
    { do: 'moveBack' },
  ],
  'a file in the place of the directory': [
    { do: 'moveAway' },
    { do: 'blockDirectory' },
    { do: 'unlinkDirectory' },
    { do: 'moveBack' },
  ],
};

const roomy: Scenario['settings'] = {
  directory: '/run/netns',
  bufferSize: 1,
  readyTimeout: 0,
  followSymlinks: true,
  queueLimit: 1000,
  handles: true,
  entriesAtOnce: 1,
  batchSize: 64 * 1024,
  mounts: 'listed',
};
const narrow: Scenario['settings'] = {
  directory: '/var/run/netns',
  bufferSize: 100,
  readyTimeout: 1000,
  followSymlinks: true,
  queueLimit: 2,
  handles: false,
  entriesAtOnce: 1000,
  batchSize: 64 * 1024,
  mounts: 'listed',
};
const quiet: Round = { script: [], interference: [], turns: [] };

/** With what, and what was before: a watcher that is opened meanwhile, or one that watches. */
const CASES: [Scenario['settings'], Round[]][] = [
  [roomy, []],
  [roomy, [quiet]],
  [narrow, []],
  [narrow, [quiet]],
  [{ ...roomy, mounts: 'absent' }, [quiet]],
];

/**
 * In a brief run every so many-th: no divisor of the number of cuts, so that each cut has its turn.
 */
const EVERY = isBrief ? 10 : 1;

/** Steps before one call, none before the next ones, and all the rest then. */
const CUTS = [
  [1, 1],
  [1, 2],
  [1, 5],
  [2, 1],
  [2, 2],
  [2, 5],
  [3, 1],
  [3, 3],
  [100, 1],
] as const;

for (const [title, script] of Object.entries(SCRIPTS)) {
  test(title, async () => {
    for (const [settings, rounds] of CASES) {
      const scenario = (interference: number[]): Scenario => ({
        settings,
        before: BEFORE,
        rounds: [...rounds, { script, interference, turns: [] }],
        abrupt: false,
      });
      const calls = await play(scenario([]));
      for (let call = 0; call < calls; call++) {
        const before = Array.from({ length: call }, () => 0);
        for (const [index, [first, after]] of CUTS.entries()) {
          if ((call * CUTS.length + index) % EVERY !== 0) continue;
          const between = Array.from({ length: after - 1 }, () => 0);
          const cut = scenario([...before, first, ...between, 100]);
          try {
            await play(cut);
          } catch (error) {
            throw new Error(`in ${JSON.stringify(cut)}`, { cause: error });
          }
        }
      }
    }
  });
}
