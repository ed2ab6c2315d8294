/**
 * What happens to named namespaces and their ids, as data and done on the real kernel by system
 * calls of this process: random sequences drive the model test. What is not possible at the moment
 * fails, and changes nothing.
 */
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import type { Connection } from '../../../src/netlink/index.ts';
import { Assigner } from './interference.ts';
import { addVeth } from '../../support/links.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  mountNamespace,
  unmountNamespace,
} from '../../support/netns.ts';

/** Few, so that one name meets many fates: in two directories. */
const PLACES = ['0/a', '0/b', '0/c', '1/a', '1/d'] as const;
const NSIDS = [0, 1, 2] as const;

export type UnifiedOperation =
  /**
   * As `ip netns add` and `ip netns del`; another file; a new namespace on a file that is there, or
   * the topmost mount away; the file away.
   */
  | { do: 'add' | 'del' | 'touch' | 'mount' | 'unmount' | 'unlink'; at: string }
  /** The same namespace under one more name. */
  | { do: 'alias'; at: string; of: string }
  | { do: 'assign'; at: string; nsid: number | 'auto' }
  /** A pair of devices gives it an id, unless it has one. */
  | { do: 'veth'; at: string }
  /** A descriptor keeps it; all descriptors are closed. */
  | { do: 'hold'; at: string }
  | { do: 'release' };

const at = fc.constantFrom<string>(...PLACES);
const simple = (
  ...kinds: ('add' | 'del' | 'touch' | 'mount' | 'unmount' | 'unlink')[]
): fc.Arbitrary<UnifiedOperation> => fc.record({ do: fc.constantFrom(...kinds), at });

export const unifiedOperation: fc.Arbitrary<UnifiedOperation> = fc.oneof(
  { weight: 10, arbitrary: simple('add', 'del') },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('assign' as const),
      at,
      nsid: fc.constantFrom<number | 'auto'>(...NSIDS, 'auto'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('alias' as const), at, of: at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), at }) },
  { weight: 2, arbitrary: fc.constant({ do: 'release' as const }) },
  { weight: 4, arbitrary: simple('touch', 'mount', 'unmount', 'unlink') },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('veth' as const), at }) },
);

export class UnifiedHost {
  readonly directories: readonly string[];
  readonly #connection: Connection;
  readonly #assigner = new Assigner();
  readonly #held: number[] = [];

  constructor(directories: readonly string[], connection: Connection) {
    this.directories = directories;
    this.#connection = connection;
  }

  /**
   * Awaits nothing but the kernel's answers, which are there at once: nobody else gets a turn
   * meanwhile.
   * @returns whether it was possible
   */
  async perform(operation: UnifiedOperation): Promise<boolean> {
    if (operation.do !== 'veth') return this.performNow(operation);
    try {
      await addVeth(this.#connection, this.#pathOf(operation.at));
      return true;
    } catch {
      return false;
    }
  }

  /** As {@link perform}, without awaiting anything. */
  performNow(operation: Exclude<UnifiedOperation, { do: 'veth' }>): boolean {
    try {
      this.#perform(operation);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes away all there is. */
  async clear(): Promise<void> {
    await this.perform({ do: 'release' });
    // A file that is mounted elsewhere, with something mounted on it there, cannot be unlinked
    // before.
    for (const at of PLACES) while (await this.perform({ do: 'unmount', at }));
    for (const at of PLACES) await this.perform({ do: 'unlink', at });
  }

  close(): void {
    this.#assigner.close();
  }

  #perform(operation: Exclude<UnifiedOperation, { do: 'veth' }>): void {
    if (operation.do === 'release') {
      for (const fd of this.#held.splice(0)) closeSync(fd);
      return;
    }
    const path = this.#pathOf(operation.at);
    switch (operation.do) {
      case 'add':
        return addNamespace(path);
      case 'del':
        return deleteNamespace(path);
      case 'touch':
        return writeFileSync(path, '', { flag: 'wx', mode: 0 });
      case 'mount':
        return mountNamespace(path);
      case 'unmount':
        return unmountNamespace(path);
      case 'unlink':
        return unlinkSync(path);
      case 'alias':
        return addAlias(this.#pathOf(operation.of), path);
      case 'assign':
        this.#assigner.assign(path, operation.nsid);
        return;
      default:
        this.#held.push(openSync(path, 'r'));
    }
  }

  #pathOf(place: string): string {
    const [directory = '', name = ''] = place.split('/');
    return `${this.directories[Number(directory)]}/${name}`;
  }
}
