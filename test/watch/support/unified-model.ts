/**
 * What a snapshot of a `UnifiedNamespaceWatcher` and the events after it come to. Fails at the
 * first event that cannot follow the others: of a path `created` and `deleted` alternate, of an id
 * `nsidAssigned` and `destroyed`, and what an event says of names, ids and life agrees with what
 * was told before.
 */
import { strict as assert } from 'node:assert';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';

/**
 * An event in few words: `created a`, `created a #5` (its id), `created a (timeout)`, `mounted a`,
 * `unmounted a alive`, `deleted a dead`, `deleted a` (nobody knows), `assigned #5 a b`, `destroyed
 * #5 a b` (its names), `destroyed a b` (without an id), `resynced names nsids`, `unavailable CODE`.
 */
export function brief(event: UnifiedEvent): string {
  switch (event.type) {
    case 'created':
    case 'mounted': {
      const reason = 'reason' in event ? ` (${event.reason})` : '';
      return `${event.type} ${event.name}${event.nsid === null ? '' : ` #${event.nsid}`}${reason}`;
    }
    case 'unmounted':
    case 'deleted': {
      const life = event.alive === null ? '' : event.alive ? ' alive' : ' dead';
      return `${event.type} ${event.name}${life}`;
    }
    case 'nsidAssigned':
      return [`assigned #${event.nsid}`, ...event.names.map(({ name }) => name)].join(' ');
    case 'destroyed':
      return ['destroyed', ...(event.nsid === null ? [] : [`#${event.nsid}`]), ...namesOf(event)].join(' ');
    case 'resynced':
      return ['resynced', ...event.lost].join(' ');
    case 'nsidsUnavailable':
    case 'deathsUnavailable':
      return `unavailable ${event.error.code}`;
    default:
      return event.type;
  }
}

const namesOf = ({ names }: { names: readonly LocatedName[] }): string[] => names.map(({ name }) => name);

/** What a namespace is known by; before Linux 6.18 its `since` may differ from look to look. */
const keyOf = ({ id, dev, ino }: NamespaceId): string => (id === null ? `${dev}:${ino}` : String(id));

const pathsOf = (names: readonly LocatedName[]): string[] => names.map(({ path }) => path).sort();

/** One namespace on a line: its names, its identity if it has a name, its id. */
const line = (paths: readonly string[], key: string | null, nsid: number | null): string =>
  `${[...paths].sort().join(' ')} ${paths.length > 0 ? (key ?? 'not ready') : ''} ${nsid === null ? '' : `#${nsid}`}`;

/**
 * An inventory as sorted lines, to be compared with others. Of a namespace without a name only the
 * id counts; one without either is known only to whoever saw it lose its name.
 */
export const describe = (entries: readonly InventoryEntry[]): string[] =>
  entries
    .filter(({ nsid, names }) => nsid !== null || names.length > 0)
    .map(({ namespace, nsid, names }) =>
      line(pathsOf(names), names[0]?.ready === true && namespace !== null ? keyOf(namespace) : null, nsid),
    )
    .sort();

export class UnifiedModel {
  /** The namespace behind each path; null: none. */
  readonly #names = new Map<string, string | null>();
  /** The last one, also of a name that was unmounted. */
  readonly #last = new Map<string, string | null>();
  /** Whose each id is; null: nobody has said. */
  readonly #ids = new Map<number, string | null>();
  /** Those that have lost their last name, and whose end is still to be told. */
  readonly #ending = new Set<string>();
  readonly #deaths: boolean;
  /** Whether each `alive` has to be known where deaths are told. */
  knowsLives: boolean | 'no longer' = true;
  #unavailable = false;

  /** @param deaths whether each end is to be told, also without an id */
  constructor(snapshot: readonly InventoryEntry[], deaths = false) {
    this.#deaths = deaths;
    for (const { namespace, nsid, names } of snapshot) {
      const key = namespace === null ? null : keyOf(namespace);
      assert(names.length > 0 || nsid !== null, 'a record without name and id');
      assert(namespace !== null || names.length < 2, 'several names without a namespace in one record');
      for (const { path, ready } of names) {
        assert(!this.#names.has(path), `${path} stands twice in the snapshot`);
        this.#names.set(path, ready ? key : null);
        this.#last.set(path, ready ? key : null);
      }
      if (nsid === null) continue;
      assert(!this.#ids.has(nsid), `the id ${nsid} stands twice in the snapshot`);
      this.#ids.set(nsid, key);
    }
  }

  /** As {@link describe}. */
  describe(): string[] {
    const lines: string[] = [];
    for (const [path, key] of this.#names) if (key === null) lines.push(line([path], null, null));
    for (const key of new Set(this.#names.values()))
      if (key !== null) lines.push(line(this.#pathsOf(key), key, this.#idOf(key)));
    for (const [nsid, key] of this.#ids)
      if (key === null || this.#pathsOf(key).length === 0) lines.push(line([], null, nsid));
    return lines.sort();
  }

  /** How many have lost their last name, without their end having been told. */
  get ending(): number {
    return this.#ending.size;
  }

  apply(event: UnifiedEvent): void {
    const what = `${brief(event)}: `;
    switch (event.type) {
      case 'created':
      case 'mounted':
        this.#appear(event, what);
        return;
      case 'unmounted':
      case 'deleted':
        this.#leave(event, what);
        return;
      case 'nsidAssigned': {
        const { nsid, namespace, names } = event;
        const key = namespace === null ? null : keyOf(namespace);
        assert(!this.#unavailable && !this.#ids.has(nsid), `${what}it is assigned already`);
        assert.equal(this.#idOf(key), null, `${what}the namespace has another one`);
        if (key !== null && this.#pathsOf(key).length > 0)
          assert.deepEqual(pathsOf(names), this.#pathsOf(key), `${what}the names`);
        this.#ids.set(nsid, key);
        return;
      }
      case 'destroyed': {
        this.#end(event, what);
        return;
      }
      case 'nsidsUnavailable':
        assert(!this.#unavailable, `${what}told twice`);
        this.#unavailable = true;
        this.#ids.clear();
        return;
      case 'deathsUnavailable':
        assert(this.#deaths && this.knowsLives !== 'no longer', `${what}told twice, or not watched`);
        // What has died by then is still told, when its last name goes.
        this.knowsLives = 'no longer';
    }
  }

  #end({ nsid, namespace }: Extract<UnifiedEvent, { type: 'destroyed' }>, what: string): void {
    const named = namespace === null ? null : keyOf(namespace);
    const key = (nsid === null ? null : this.#ids.get(nsid)) ?? named;
    assert.equal(named, key, `${what}the namespace`);
    if (nsid === null) {
      assert(
        this.#deaths && key !== null && this.#ending.has(key),
        `${what}it was not known, or told before`,
      );
      assert.equal(this.#idOf(key), null, `${what}its id`);
    } else assert(this.#ids.delete(nsid), `${what}it is not assigned`);
    if (key === null) return;
    assert.deepEqual(this.#pathsOf(key), [], `${what}it has a name`);
    this.#ending.delete(key);
  }

  #appear(event: Extract<UnifiedEvent, { type: 'created' | 'mounted' }>, what: string): void {
    const { type, path, namespace, nsid } = event;
    const before = this.#names.get(path);
    if (type === 'created') assert.equal(before, undefined, `${what}created and deleted must alternate`);
    else assert.equal(before, null, `${what}it is not there, or has a namespace`);
    const key = namespace === null ? null : keyOf(namespace);
    assert.equal(key !== null, type === 'mounted' || event.ready, `${what}ready`);
    this.#names.set(path, key);
    this.#last.set(path, key);
    if (key !== null) this.#ending.delete(key);
    if (nsid !== null) {
      assert(this.#ids.has(nsid), `${what}the id is not assigned`);
      assert.equal(this.#ids.get(nsid) ?? key, key, `${what}the id is another namespace's`);
      this.#ids.set(nsid, key);
    } else assert.equal(this.#idOf(key), null, `${what}the namespace has an id`);
  }

  #leave(event: Extract<UnifiedEvent, { type: 'unmounted' | 'deleted' }>, what: string): void {
    const { type, path, namespace, nsid, alive } = event;
    const before = this.#names.get(path);
    assert.notEqual(before, undefined, `${what}created and deleted must alternate`);
    if (type === 'unmounted') assert.notEqual(before, null, `${what}it had no namespace`);
    const key = namespace === null ? null : keyOf(namespace);
    assert.equal(key, this.#last.get(path), `${what}the namespace it had last`);
    assert.equal(nsid, this.#idOf(key), `${what}its id`);
    if (type === 'deleted') {
      this.#names.delete(path);
      this.#last.delete(path);
    } else this.#names.set(path, null);
    if (key === null) assert.equal(alive, null, `${what}there is no namespace that could live`);
    // False: the kernel has freed it, and the end of its other names is about to be told.
    else if (this.#pathsOf(key).length > 0) assert.notEqual(alive, null, `${what}it has another name`);
    if (key === null || !this.#deaths) return;
    if (this.knowsLives === true) assert.notEqual(alive, null, `${what}whether it lives is known`);
    // What nobody knows the life of has no number, and its end is not told.
    if (alive !== null && before !== null && this.#pathsOf(key).length === 0) this.#ending.add(key);
  }

  #pathsOf(key: string): string[] {
    return [...this.#names].flatMap(([path, other]) => (other === key ? [path] : [])).sort();
  }

  #idOf(key: string | null): number | null {
    if (key === null) return null;
    for (const [nsid, owner] of this.#ids) if (owner === key) return nsid;
    return null;
  }
}
