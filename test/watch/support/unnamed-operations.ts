/**
 * What happens to namespaces with and without names, as data: random sequences drive the model test
 * of the watcher that finds both. Done on the real kernel by unnamed-host.ts.
 */
import * as fc from 'fast-check';

/** Few, so that one name meets many fates: in two directories. */
export const PLACES = ['0/a', '0/b', '1/a'] as const;
/** Processes that stay where they are until they end. */
const SLOTS = ['p0', 'p1', 'p2'] as const;
/** Processes that move. */
export const MOVERS = ['m0', 'm1'] as const;
/** What keeps a namespace, beside names and processes. */
const HOLDINGS = ['descriptor', 'path', 'socket', 'tun', 'mount', 'inFlight'] as const;
const NSIDS = [0, 1, 2] as const;

export type Place = (typeof PLACES)[number];
export type Slot = (typeof SLOTS)[number];
export type Mover = (typeof MOVERS)[number];
export type Holding = (typeof HOLDINGS)[number];
/** A namespace: that of a name or process, of the descriptor that was opened last, the watcher's own. */
export type Whose = Place | Slot | Mover | 'held' | 'own';

export type UnnamedOperation =
  /**
   * As `ip netns add` and `ip netns del`; another file; a new namespace on a file that is there, or
   * the topmost mount away; the file away.
   */
  | { do: 'add' | 'del' | 'touch' | 'mount' | 'unmount' | 'unlink'; at: Place }
  /** One more name for a namespace, or its first. */
  | { do: 'alias'; at: Place; of: Whose }
  /** A process is started in a namespace, in place of the one before. */
  | { do: 'start'; slot: Slot; in: Whose | 'new' }
  | { do: 'end'; slot: Slot }
  | { do: 'move'; mover: Mover; to: Whose | 'new' }
  /** Another thread goes into a new one; all such threads end. */
  | { do: 'thread' | 'join'; mover: Mover }
  | { do: 'hold'; of: Whose; by: Holding }
  /** The oldest holding but so many goes. */
  | { do: 'release'; which: number }
  | { do: 'assign'; of: Whose; nsid: number | 'auto' };

const at = fc.constantFrom<Place[]>(...PLACES);
const slot = fc.constantFrom<Slot[]>(...SLOTS);
const mover = fc.constantFrom<Mover[]>(...MOVERS);
const whose = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Whose[]>(...PLACES, ...SLOTS, ...MOVERS) },
  { weight: 2, arbitrary: fc.constant('held' as const) },
  { weight: 1, arbitrary: fc.constant('own' as const) },
);
const whoseOrNew = fc.oneof(
  { weight: 1, arbitrary: fc.constant('new' as const) },
  { weight: 1, arbitrary: whose },
);
const kind = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);

export const unnamedOperation: fc.Arbitrary<UnnamedOperation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('add', 'del'), at }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('touch', 'mount', 'unmount', 'unlink'), at }),
  },
  { weight: 4, arbitrary: fc.record({ do: kind('alias'), at, of: whose }) },
  { weight: 6, arbitrary: fc.record({ do: kind('start'), slot, in: whoseOrNew }) },
  { weight: 3, arbitrary: fc.record({ do: kind('end'), slot }) },
  { weight: 6, arbitrary: fc.record({ do: kind('move'), mover, to: whoseOrNew }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('thread', 'join'), mover }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: kind('hold'), of: whose, by: fc.constantFrom<Holding[]>(...HOLDINGS) }),
  },
  { weight: 4, arbitrary: fc.record({ do: kind('release'), which: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: kind('assign'),
      of: whose,
      nsid: fc.constantFrom<number | 'auto'>(...NSIDS, 'auto'),
    }),
  },
);

/** One by which a process comes to be elsewhere than it was seen. */
export const moving: fc.Arbitrary<UnnamedOperation> = fc.record({ do: kind('move'), mover, to: whoseOrNew });
