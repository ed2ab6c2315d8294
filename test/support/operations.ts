/**
 * What other processes do to a directory of names, as data: random sequences of it drive the model
 * tests, on the real kernel and on the simulated one. What is not possible at the moment fails, as
 * it would on a host, and changes nothing.
 */
import * as fc from 'fast-check';

/** Few, so that one name meets many fates. The last is not UTF-8. */
export const NAMES = ['a', 'b', 'c \udcff'] as const;

/** What happens to a name. */
export type NameOperation =
  /** A new empty file, as before a mount. */
  | { do: 'create'; name: string }
  /** A new file that holds something. */
  | { do: 'write'; name: string }
  /** A new namespace is mounted on it. */
  | { do: 'mount'; name: string }
  /** Something that is no network namespace is. */
  | { do: 'mountOther'; name: string }
  /** The namespace of another name is. */
  | { do: 'alias'; name: string; of: string }
  | { do: 'unmount'; name: string }
  /**
   * The mount on it moves to another name, with what stands on it; one of the two may be in another
   * directory.
   */
  | { do: 'moveMount'; name: string; to: string }
  /**
   * A mount of a namespace that was made earlier comes to stand on it: younger ones may stand
   * already.
   */
  | { do: 'attachMount'; name: string }
  | { do: 'unlink'; name: string }
  /** A symbolic link: to another name, to a process's namespace, to nothing. */
  | { do: 'link'; name: string; to: string }
  | { do: 'rename'; name: string; to: string }
  | { do: 'makeSubdirectory' | 'removeSubdirectory'; name: string };

/** A namespace is mounted nowhere yet. */
export interface MakeMount {
  do: 'makeMount';
}

/** What happens to the directory itself. */
export type DirectoryOperation = {
  do:
    | 'makeDirectory'
    | 'removeDirectory'
    /**
     * The directory is renamed; the one that was renamed comes back; another one comes in its
     * place.
     */
    | 'moveAway'
    | 'moveBack'
    | 'moveIn'
    /** A symbolic link in its place, to another directory or to itself, and its removal. */
    | 'linkDirectory'
    | 'loopDirectory'
    | 'unlinkDirectory'
    | 'cover'
    | 'uncover'
    | 'coverParent'
    | 'uncoverParent'
    /** The mount on the directory moves to another one, with all on it, and back. */
    | 'moveMountAway'
    | 'moveMountBack'
    /** As the first `ip netns add` does. */
    | 'bindOnItself';
};

export type Operation = NameOperation | MakeMount | DirectoryOperation;

const name = fc.constantFrom(...NAMES);
const one = (arbitrary: fc.Arbitrary<Operation>): fc.Arbitrary<Operation[]> =>
  arbitrary.map((operation) => [operation]);
const simple = <Kind extends string>(...kinds: Kind[]): fc.Arbitrary<{ do: Kind; name: string }> =>
  fc.record({ do: fc.constantFrom(...kinds), name });

/** As `ip netns add` and `ip netns del`. */
const ipNetns = simple('add', 'del').map(({ do: what, name }): Operation[] =>
  what === 'add'
    ? [
        { do: 'create', name },
        { do: 'mount', name },
      ]
    : [
        { do: 'unmount', name },
        { do: 'unlink', name },
      ],
);

/** Files beside the directory, the second with a namespace: `LiveHost` and `World` see to them. */
const BESIDE = ['../spare/a', '../linked/b'] as const;

/** As mount(8) with --move. */
const moves = fc.oneof(
  fc.record({ do: fc.constant('moveMount' as const), name, to: name }),
  fc.record({ do: fc.constant('moveMount' as const), name, to: fc.constantFrom(...BESIDE) }),
  fc.record({ do: fc.constant('moveMount' as const), name: fc.constantFrom(...BESIDE), to: name }),
);

/** As with the system calls that came with Linux 5.2. */
const lateMounts: fc.Arbitrary<Operation[]> = fc.oneof(
  fc.constant<Operation[]>([{ do: 'makeMount' }]),
  one(simple('attachMount')),
  fc
    .tuple(name, name)
    .map(([first, second]): Operation[] => [
      { do: 'makeMount' },
      { do: 'mount', name: first },
      { do: 'attachMount', name: second },
    ]),
);

/** What becomes of mounts in rare ways: their ids do not show it, or come out of order. */
export const mountOperations: fc.Arbitrary<Operation[]> = fc.oneof(one(moves), lateMounts);

/** One thing that happens to names. @param targets what links lead to, beside other names */
export function nameOperations(targets: readonly string[]): fc.Arbitrary<Operation[]> {
  return fc.oneof(
    { weight: 12, arbitrary: ipNetns },
    { weight: 8, arbitrary: one(simple('create', 'mount', 'unmount', 'unlink')) },
    { weight: 1, arbitrary: one(simple('write', 'mountOther', 'makeSubdirectory', 'removeSubdirectory')) },
    { weight: 1, arbitrary: one(fc.record({ do: fc.constant('alias' as const), name, of: name })) },
    { weight: 1, arbitrary: one(fc.record({ do: fc.constant('rename' as const), name, to: name })) },
    { weight: 2, arbitrary: mountOperations },
    {
      weight: 1,
      arbitrary: one(
        fc.record({ do: fc.constant('link' as const), name, to: fc.constantFrom(...NAMES, ...targets) }),
      ),
    },
  );
}

const clear: Operation[] = NAMES.flatMap((name): Operation[] => [
  { do: 'unmount', name },
  { do: 'unlink', name },
]);

/** One thing that happens to the directory, or a few that often come together. */
export const directoryOperations: fc.Arbitrary<Operation[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: one(
      fc.record({
        do: fc.constantFrom<DirectoryOperation['do']>(
          'makeDirectory',
          'removeDirectory',
          'moveAway',
          'moveBack',
          'moveIn',
          'linkDirectory',
          'loopDirectory',
          'unlinkDirectory',
          'cover',
          'uncover',
          'coverParent',
          'uncoverParent',
          'bindOnItself',
          'moveMountAway',
          'moveMountBack',
        ),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Operation[]>(
      [...clear, { do: 'removeDirectory' }],
      [...clear, { do: 'removeDirectory' }, { do: 'makeDirectory' }],
      [{ do: 'moveAway' }, { do: 'makeDirectory' }],
      [{ do: 'moveAway' }, { do: 'moveBack' }],
      [{ do: 'moveAway' }, { do: 'moveIn' }],
      [{ do: 'moveAway' }, { do: 'linkDirectory' }],
      [{ do: 'moveAway' }, { do: 'loopDirectory' }],
      [{ do: 'cover' }, { do: 'uncover' }],
      [{ do: 'cover' }, { do: 'moveMountAway' }],
      [{ do: 'bindOnItself' }, { do: 'moveMountAway' }],
      [{ do: 'moveMountAway' }, { do: 'moveMountBack' }],
    ),
  },
);
