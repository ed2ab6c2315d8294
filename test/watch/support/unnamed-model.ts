/**
 * What a snapshot of a `UnifiedNamespaceWatcher` with `unnamed`, which knows the kernel's id of
 * each namespace, and the events after it come to. Fails at the first event that cannot follow the
 * others:
 *
 * | of       | first                              | then                        | last      |
 * | -------- | ---------------------------------- | --------------------------- | --------- |
 * | a number | `found`, or by a name              | -                           | destroyed |
 * | an id    | `found`, `created`, `mounted`, nsid | names come and go           | destroyed |
 * | a path   | `created`                          | `mounted`, `unmounted`      | `deleted` |
 * | an nsid  | `nsidAssigned`                     | its namespace becomes known | destroyed |
 */
import { strict as assert } from 'node:assert';
import type { InventoryEntry, LocatedName, UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import { brief } from './unified-model.ts';

type Of<T extends UnifiedEvent['type']> = Extract<UnifiedEvent, { type: T }>;

/** A namespace as far as was told. */
interface Known {
  /** The kernel's; null: only its nsid is known. */
  id: bigint | null;
  number: number | null;
  nsid: number | null;
  own: boolean;
  paths: Set<string>;
  /** The one that it lost last. */
  lastPath: string | null;
  /** Without its last name it was said to be dead: nothing but its end may follow. */
  isDying: boolean;
}

const pathsOf = (names: readonly LocatedName[]): string[] => names.map(({ path }) => path).sort();

/** An event in few words: as `brief`, with numbers and ids. */
export function tell(event: UnifiedEvent): string {
  const number = 'number' in event && typeof event.number === 'number' ? ` n${event.number}` : '';
  const id = 'namespace' in event ? ` (${event.namespace?.id ?? 'unknown'})` : '';
  const nsid = event.type === 'found' && event.nsid !== null ? ` #${event.nsid}` : '';
  const pids = 'pids' in event ? ` of ${event.pids?.slice(0, 4).join(' ')}` : '';
  return `${brief(event)}${nsid}${number}${id}${pids}`;
}

const line = (
  { id, nsid, own }: Pick<Known, 'id' | 'nsid' | 'own'>,
  paths: string[],
  lost: boolean,
): string =>
  `${own ? 'own' : (id ?? 'unknown')}${nsid === null ? '' : ` #${nsid}`}${lost ? ' lingering' : ''} ${paths.join(' ')}`;

/** An inventory as sorted lines, to be compared with others. */
export const describeUnnamed = (entries: readonly InventoryEntry[]): string[] =>
  entries
    .map(({ namespace, nsid, own, names, lingering }) =>
      names[0]?.ready === false
        ? `no namespace ${names[0].path}`
        : line({ id: namespace?.id ?? null, nsid, own }, pathsOf(names), lingering && !own),
    )
    .sort();

export class UnnamedModel {
  readonly #known = new Set<Known>();
  /** The namespace behind each path; null: none. */
  readonly #names = new Map<string, Known | null>();
  /** The id of the last one. */
  readonly #last = new Map<string, bigint | null>();
  /** Kernel ids and numbers of those that were told to be destroyed. */
  readonly #gone = new Set<bigint | number>();

  constructor(snapshot: readonly InventoryEntry[]) {
    for (const { namespace, nsid, names, number = null, own } of snapshot) {
      const isOne = namespace !== null || nsid !== null || number !== null;
      const one = isOne ? this.#make(namespace?.id ?? null, own) : null;
      for (const { path, ready } of names) {
        assert(!this.#names.has(path), `${path} stands twice in the snapshot`);
        this.#names.set(path, ready ? one : null);
        this.#last.set(path, ready ? (namespace?.id ?? null) : null);
        if (ready) one?.paths.add(path);
      }
      if (one === null) continue;
      one.nsid = nsid;
      this.#number(one, number, 'in the snapshot');
    }
  }

  /** As {@link describeUnnamed}. */
  describe(): string[] {
    const lines: string[] = [];
    for (const [path, one] of this.#names) if (one === null) lines.push(`no namespace ${path}`);
    for (const one of this.#known) {
      if (one.isDying) continue;
      const lost = one.paths.size === 0 && one.lastPath !== null && !one.own;
      lines.push(line(one, [...one.paths].sort(), lost));
    }
    return lines.sort();
  }

  /** Whether anything was told of a namespace, and not its end. */
  isKnown = (id: bigint): boolean => this.#byId(id) !== undefined;

  /** Whether its end was told. */
  isGone = (id: bigint): boolean => this.#gone.has(id);

  /**
   * What no event tells: which one it is of which a number was known, or an nsid. Processes that
   * were found in it later say so. An entry's number stays the same, and is no other's.
   */
  learn(entries: readonly InventoryEntry[]): void {
    for (const { namespace, number = null, nsid } of entries) {
      const id = namespace?.id ?? null;
      if (id === null) continue;
      const nameless = number === null ? undefined : this.#byNumber(number);
      if (nameless !== undefined) nameless.id ??= id;
      this.#join(id, nsid);
      const one = this.#byId(id);
      if (one !== undefined) this.#number(one, number, 'in the inventory');
    }
  }

  apply(event: UnifiedEvent): void {
    const what = `${tell(event)}: `;
    if (event.type !== 'nsidAssigned' && 'nsid' in event) this.#join(event.namespace?.id ?? null, event.nsid);
    switch (event.type) {
      case 'created':
      case 'mounted':
        return this.#appear(event, what);
      case 'unmounted':
      case 'deleted':
        return this.#leave(event, what);
      case 'found':
        return this.#find(event, what);
      case 'nsidAssigned':
        return this.#assign(event, what);
      case 'destroyed':
        return this.#end(event, what);
      default:
        assert.fail(`${what}nothing was lost, and all can be watched`);
    }
  }

  #appear(event: Of<'created' | 'mounted'>, what: string): void {
    const { type, path, namespace } = event;
    const before = this.#names.get(path);
    if (type === 'created') assert.equal(before, undefined, `${what}created and deleted must alternate`);
    else assert.equal(before, null, `${what}it is not there, or has a namespace`);
    const id = namespace?.id ?? null;
    this.#last.set(path, id);
    if (id === null) {
      assert(type === 'created' && !event.ready, `${what}ready`);
      this.#names.set(path, null);
      return;
    }
    const one = this.#named(id, event.nsid, what);
    one.paths.add(path);
    this.#names.set(path, one);
  }

  #leave(event: Of<'unmounted' | 'deleted'>, what: string): void {
    const { type, path, namespace, nsid, alive } = event;
    const one = this.#names.get(path);
    assert(one !== undefined, `${what}created and deleted must alternate`);
    assert(type === 'deleted' || one !== null, `${what}it had no namespace`);
    const id = namespace?.id ?? null;
    assert.equal(id, this.#last.get(path), `${what}the namespace it had last`);
    if (type === 'deleted') {
      this.#names.delete(path);
      this.#last.delete(path);
    } else this.#names.set(path, null);
    if (id === null) return assert.equal(alive, null, `${what}there is none that could live`);
    const owner = one ?? this.#byId(id);
    if (owner === undefined) return assert.equal(alive, false, `${what}its end was told`);
    assert.equal(nsid, owner.nsid, `${what}its nsid`);
    if (owner.own) assert.equal(alive, true, `${what}the own one lives`);
    assert.notEqual(alive, null, `${what}whether it lives is known`);
    if (one === null) return;
    if (owner.paths.size === 1) owner.lastPath = path;
    owner.paths.delete(path);
    if (alive === true) assert(!owner.isDying, `${what}it was dead before`);
    owner.isDying = alive === false;
  }

  #find(event: Of<'found'>, what: string): void {
    const { namespace, nsid, number, pids } = event;
    assert(number !== null && pids.length > 0, `${what}by its number and processes`);
    assert.equal(this.#byNumber(number), undefined, `${what}it is known`);
    const id = namespace?.id ?? null;
    if (id === null) return this.#number(this.#unidentified(nsid, what), number, what);
    assert.equal(this.#byId(id), undefined, `${what}it is known`);
    this.#number(this.#named(id, nsid, what), number, what);
  }

  #assign({ nsid, namespace, names }: Of<'nsidAssigned'>, what: string): void {
    assert.equal(this.#byNsid(nsid), undefined, `${what}it is assigned already`);
    const id = namespace?.id ?? null;
    const one = (id === null ? undefined : this.#byId(id)) ?? this.#make(id);
    assert.equal(one.nsid, null, `${what}the namespace has another one`);
    if (one.paths.size > 0) assert.deepEqual(pathsOf(names), [...one.paths].sort(), `${what}its names`);
    one.nsid = nsid;
  }

  #end({ nsid, namespace, names, number = null }: Of<'destroyed'>, what: string): void {
    const id = namespace?.id ?? null;
    assert(id === null || !this.#gone.has(id), `${what}told twice`);
    assert(number === null || !this.#gone.has(number), `${what}its number told twice`);
    const byNumber = number === null ? undefined : this.#byNumber(number);
    const one = nsid !== null ? this.#byNsid(nsid) : id === null ? byNumber : (this.#byId(id) ?? byNumber);
    assert(one !== undefined, `${what}nothing is known of it`);
    assert.deepEqual([id, nsid], [one.id ?? id, one.nsid], `${what}the same as before`);
    this.#number(one, number, what);
    assert.deepEqual([...one.paths], [], `${what}it has a name`);
    assert.deepEqual(pathsOf(names), one.lastPath === null ? [] : [one.lastPath], `${what}its names`);
    assert(!one.own, `${what}the own one lives`);
    this.#known.delete(one);
    for (const key of [id, one.number]) if (key !== null) this.#gone.add(key);
  }

  /** One of which nobody may know which it is. */
  #unidentified(nsid: number | null, what: string): Known {
    const one = nsid === null ? this.#make(null) : this.#byNsid(nsid);
    assert(one !== undefined && one.id === null, `${what}the nsid is another one's`);
    return one;
  }

  /** That with an id, of which one more thing was told. */
  #named(id: bigint, nsid: number | null, what: string): Known {
    assert(!this.#gone.has(id), `${what}its end was told`);
    const byNsid = nsid === null ? undefined : this.#byNsid(nsid);
    assert(nsid === null || byNsid !== undefined, `${what}the nsid is not assigned`);
    const one = this.#byId(id) ?? byNsid ?? this.#make(id);
    assert(!one.isDying, `${what}it was dead before`);
    assert.deepEqual([one.id ?? id, one.nsid], [id, nsid], `${what}the same as before`);
    one.id = id;
    return one;
  }

  /** That with an id is the one with an nsid of which nothing else was known. */
  #join(id: bigint | null, nsid: number | null): void {
    const byId = id === null ? undefined : this.#byId(id);
    const byNsid = nsid === null ? undefined : this.#byNsid(nsid);
    if (byId === undefined || byNsid === undefined || byId.nsid !== null) return;
    if (byNsid.id !== null || byNsid.number !== null) return;
    this.#known.delete(byNsid);
    byId.nsid = nsid;
  }

  #number(one: Known, number: number | null, what: string): void {
    if (number === null) return;
    assert(!this.#gone.has(number), `${what}: the number ${number} of one that is gone`);
    assert.equal(one.number ?? number, number, `${what}: another number`);
    assert.equal(this.#byNumber(number) ?? one, one, `${what}: ${number} is another one's`);
    one.number = number;
  }

  #make(id: bigint | null, own = false): Known {
    const one: Known = {
      id,
      number: null,
      nsid: null,
      own,
      paths: new Set(),
      lastPath: null,
      isDying: false,
    };
    this.#known.add(one);
    return one;
  }

  #byId(id: bigint): Known | undefined {
    for (const one of this.#known) if (one.id === id) return one;
    return undefined;
  }

  #byNumber(number: number): Known | undefined {
    for (const one of this.#known) if (one.number === number) return one;
    return undefined;
  }

  #byNsid(nsid: number): Known | undefined {
    for (const one of this.#known) if (one.nsid === nsid) return one;
    return undefined;
  }
}
