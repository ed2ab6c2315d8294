/**
 * Follows a watcher and holds what it tells against the replay invariant: the snapshot plus the
 * events in order equals the watcher's own state and a fresh listing whenever all is quiet, and for
 * one name `created` and `deleted` strictly alternate.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import type { NamespaceEntry } from '../../../src/netns/names/entry.ts';
import { sameNamespace } from '../../../src/netns/identity/identity.ts';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { listNamespaces } from '../../../src/netns/names/list.ts';
import { globs } from '../../../src/reference/glob.ts';
import { joinPath } from '../../../src/reference/names.ts';
import type { NamespaceEvent, NamespaceWatcherOptions } from '../../../src/watch/names/name-events.ts';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import type { WatcherIo } from '../../../src/watch/names/engine-parts.ts';
import { Follower } from './follower.ts';

/** A name's identity, null where it is not ready. */
type State = Map<string, NamespaceEntry['namespace']>;

const stateOf = (entries: readonly NamespaceEntry[]): State =>
  new Map(entries.map(({ name, namespace }) => [name, namespace]));

/**
 * What a snapshot and the events after it come to. Fails at the first event that cannot follow the
 * others.
 */
export class ReplayModel {
  readonly names: State;
  /** The last namespace of each name, also of one that was unmounted. */
  readonly #last: State;
  readonly #directory: string;

  constructor(directory: string, snapshot: readonly NamespaceEntry[]) {
    this.#directory = directory;
    this.names = stateOf(snapshot);
    this.#last = stateOf(snapshot);
    assert.equal(this.names.size, snapshot.length, 'a name stands twice in the snapshot');
  }

  apply(event: NamespaceEvent): void {
    const what = brief(event);
    if (event.type === 'resynced') return;
    if (event.type === 'directoryCreated' || event.type === 'directoryDeleted') {
      assert.equal(event.path, this.#directory);
      assert.deepEqual([...this.names.keys()], [], `${what} while there are names`);
      return;
    }
    const { type, name } = event;
    const before = this.names.get(name);
    assert.equal(event.path, joinPath(this.#directory, name));
    assert.equal(before === undefined, type === 'created', `${what}: created and deleted must alternate`);
    if (type === 'mounted') assert.equal(before, null, `${what}: it had a namespace`);
    if (type === 'unmounted') assert.notEqual(before, null, `${what}: it had no namespace`);
    if (type === 'deleted') {
      assert.deepEqual(
        event.namespace,
        this.#last.get(name) ?? null,
        `${what}: not the last namespace it had`,
      );
      this.names.delete(name);
      this.#last.delete(name);
    } else {
      const namespace = type === 'unmounted' ? null : event.namespace;
      this.names.set(name, namespace);
      if (namespace !== null) this.#last.set(name, namespace);
    }
  }
}

/**
 * An event in few words: `created a`, `created b (timeout)`, `unmounted a`, `directoryDeleted`,
 * `resynced (overflow)`.
 */
export function brief(event: NamespaceEvent): string {
  switch (event.type) {
    case 'resynced':
      return `resynced (${event.reason})`;
    case 'directoryCreated':
    case 'directoryDeleted':
      return event.type;
    case 'created':
      return event.ready ? `created ${event.name}` : `created ${event.name} (${event.reason})`;
    default:
      return `${event.type} ${event.name}`;
  }
}

/** A watcher, its snapshot, and all that it told since. */
export class Replay extends Follower<NamespaceEvent> {
  readonly watcher: NamespaceWatcher;
  readonly snapshot: readonly NamespaceEntry[];
  readonly model: ReplayModel;
  readonly #options: NamespaceWatcherOptions & { directory: string };

  /** Starts to watch; stops at the end of the test. */
  static async open(
    t: TestContext,
    options: NamespaceWatcherOptions & { directory: string },
    io?: WatcherIo,
  ): Promise<Replay> {
    const { namespaces, watcher } = await NamespaceWatcher.listAndWatch(options, io);
    t.after(() => watcher.stop());
    return new Replay(options, namespaces, watcher);
  }

  private constructor(
    options: NamespaceWatcherOptions & { directory: string },
    snapshot: NamespaceEntry[],
    watcher: NamespaceWatcher,
  ) {
    super(watcher, brief);
    this.#options = options;
    this.snapshot = snapshot;
    this.watcher = watcher;
    this.model = new ReplayModel(options.directory, snapshot);
  }

  /** Whether the host is quiet and the three agree. `late`: fails with the difference. */
  protected async holds(late: boolean): Promise<boolean> {
    const { buffered, pending, events } = this.watcher.stats();
    const own = stateOf(this.watcher.namespaces());
    const fresh = stateOf(await this.#list());
    if (late) {
      assert.deepEqual(
        { buffered, pending, events },
        { buffered: 0, pending: 0, events: this.events.length },
      );
      assert.deepEqual(sorted(own), sorted(fresh), 'the watcher is not what a listing says');
      assert.deepEqual(
        sorted(this.model.names),
        sorted(own),
        'the events do not come to what the watcher says',
      );
    }
    return (
      buffered === 0 &&
      pending === 0 &&
      events === this.events.length &&
      equal(own, fresh) &&
      equal(own, this.model.names)
    );
  }

  async #list(): Promise<NamespaceEntry[]> {
    try {
      const listed = await listNamespaces(this.#options);
      const { names } = this.#options;
      if (names === undefined) return listed;
      const matches = globs(typeof names === 'string' ? [names] : names);
      return listed.filter(({ name }) => matches(name));
    } catch (error) {
      // A file stands in the way: for the watcher that is a directory that is not there yet.
      if ((error as { code?: string }).code === 'ENOTDIR') return [];
      throw error;
    }
  }

  protected apply(event: NamespaceEvent): void {
    this.model.apply(event);
  }
}

const sorted = (state: State): unknown[] => [...state].sort(([a], [b]) => (a < b ? -1 : 1));

function equal(a: State, b: State): boolean {
  if (a.size !== b.size) return false;
  for (const [name, x] of a) {
    const y = b.get(name);
    if (y === undefined || (x === null) !== (y === null)) return false;
    if (x !== null && y !== null && !isAlike(x, y)) return false;
  }
  return true;
}

/**
 * The same; without an id (before Linux 6.18) a namespace to which only a link leads has a new
 * `since` for each look.
 */
const isAlike = (x: NamespaceId, y: NamespaceId): boolean =>
  sameNamespace(x, y) || ((x.id === null || y.id === null) && x.dev === y.dev && x.ino === y.ino);
