/**
 * Follows a `UnifiedNamespaceWatcher` with `unnamed`, on a machine where others start processes in
 * namespaces of theirs as well. Fails at the first event that cannot follow the others: of a number
 * `found` comes at most once, and `destroyed` once and last.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import { waking } from '../../../src/sys/poll-support.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import type {
  InventoryEntry,
  NamespaceFoundEvent,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../src/watch/unified/unified-events.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import { waitFor, within } from '../../support/wait.ts';
import { hastyClock, noDiagnosis } from './fast-clock.ts';

/** Reached only by a failure, on the slowest machine. Milliseconds. */
const DEADLINE = 60_000;

type Destroyed = Extract<UnifiedEvent, { type: 'destroyed' }>;

/** A watcher's, that looks at processes forty times as often. */
export const hastyIo = (): UnifiedIo => ({
  system: waking(netlinkSystem()),
  clock: hastyClock,
  diagnosis: noDiagnosis,
});

export class UnnamedFollower {
  readonly watcher: UnifiedNamespaceWatcher;
  readonly snapshot: readonly InventoryEntry[];
  readonly events: UnifiedEvent[] = [];
  /** Numbers of namespaces that are known, and of those that are gone. */
  readonly #known = new Set<number>();
  readonly #gone = new Set<number>();

  static async open(
    t: TestContext,
    options: UnifiedNamespaceWatcherOptions,
    io: UnifiedIo = hastyIo(),
  ): Promise<UnnamedFollower> {
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch(
      { deaths: 'require', unnamed: true, ...options },
      io,
    );
    t.after(() => watcher.stop());
    return new UnnamedFollower(watcher, namespaces);
  }

  private constructor(watcher: UnifiedNamespaceWatcher, snapshot: readonly InventoryEntry[]) {
    this.watcher = watcher;
    this.snapshot = snapshot;
    for (const { number } of snapshot) if (typeof number === 'number') this.#know(number);
  }

  /** The next event, checked. */
  async next(what: string): Promise<UnifiedEvent> {
    const event = await within(what, this.watcher.recv());
    if (event === undefined) throw new Error(`the stream ended before ${what}`);
    this.events.push(event);
    this.#check(event);
    return event;
  }

  /** Takes events up to that a namespace was found in which this process is. */
  found(pid: number): Promise<NamespaceFoundEvent> {
    return this.#until(`found, of ${pid}`, (event) =>
      event.type === 'found' && event.pids.includes(pid) ? event : undefined,
    );
  }

  /** That a namespace was found which is wanted, told already or to come. */
  async foundBy(isWanted: (event: NamespaceFoundEvent) => boolean): Promise<NamespaceFoundEvent> {
    const told = this.events.find((event) => event.type === 'found' && isWanted(event));
    if (told !== undefined) return told as NamespaceFoundEvent;
    return this.#until('found', (event) => (event.type === 'found' && isWanted(event) ? event : undefined));
  }

  /** Takes events up to the end of a namespace. */
  destroyed(number: number | null | undefined): Promise<Destroyed> {
    return this.#until(`destroyed, of ${number}`, (event) =>
      event.type === 'destroyed' && event.number === number ? event : undefined,
    );
  }

  /** Takes events up to one of this type and name. */
  named(type: UnifiedEvent['type'], name: string): Promise<UnifiedEvent> {
    return this.#until(`${type} ${name}`, (event) =>
      event.type === type && 'name' in event && event.name === name ? event : undefined,
    );
  }

  /** The entry in which this process is, other than the own; takes no events. */
  async entryOf(pid: number): Promise<InventoryEntry> {
    await waitFor(`the entry of ${pid}`, () => this.#entryOf(pid) !== undefined);
    return this.#entryOf(pid) as InventoryEntry;
  }

  /** The entry with a number. */
  entry(number: number | null | undefined): InventoryEntry | undefined {
    return this.watcher.namespaces().find((entry) => entry.number === number);
  }

  /** Takes events until one is wanted. Those of others may go on for ever. */
  async #until<E>(what: string, wanted: (event: UnifiedEvent) => E | undefined): Promise<E> {
    const end = performance.now() + DEADLINE;
    for (;;) {
      const found = wanted(await this.next(what));
      if (found !== undefined) return found;
      if (performance.now() > end) throw new Error(`${what} did not come`);
    }
  }

  #entryOf(pid: number): InventoryEntry | undefined {
    // One that it has left since the last scan has it still.
    const entry = this.watcher.entryOfProcess(pid);
    return entry?.pids?.includes(pid) === true ? entry : undefined;
  }

  #check(event: UnifiedEvent): void {
    if (event.type !== 'found' && event.type !== 'destroyed') return;
    const { type, number } = event;
    if (typeof number !== 'number') return;
    assert(!this.#gone.has(number), `${type} of ${number} after its end`);
    if (type === 'found') this.#know(number);
    else this.#gone.add(number);
  }

  #know(number: number): void {
    assert(!this.#known.has(number), `${number} is told twice`);
    this.#known.add(number);
  }
}
