/**
 * A host in the small, with the inventory that a watcher would have of it and the events that it
 * would emit, for tests that want every order of them: names and their namespaces, nsids, processes,
 * veths that move, are renamed and go.
 */
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import type { Link, LinkEvent, LinkField } from '../../../src/watch/links/link-types.ts';
import { linkNamespaceOf } from '../../../src/watch/unified/link-namespace.ts';
import type {
  InventoryEntry,
  InventoryName,
  LocatedName,
  UnifiedEvent,
} from '../../../src/watch/unified/unified-events.ts';
import { DIRECTORY } from './wire.ts';

interface Netns {
  number: number;
  id: NamespaceId;
  own: boolean;
  nsid: number | null;
  names: LocatedName[];
  lastNames: LocatedName[];
  pids: number[];
  owner: InventoryEntry['owner'];
  order: number;
  ends: Map<number, End>;
}

interface End {
  netns: Netns;
  ifindex: number;
  name: string;
  up: boolean;
  /** Null: it is gone. */
  other: End | null;
}

const NAMES = ['a', 'b', 'c', 'd'];
const NSIDS = [0, 1, 2];

export class HostModel {
  readonly #all = new Set<Netns>();
  /** Names without a namespace. */
  readonly #unready = new Map<string, { name: LocatedName; order: number }>();
  /** Numbers, ids, orders and processes. */
  #next = 10;

  constructor() {
    this.#make(true).pids.push(1);
  }

  entries(): InventoryEntry[] {
    const all = [...this.#all].map((netns) => ({ order: netns.order, entry: this.#entry(netns) }));
    const unready = [...this.#unready.values()].map(({ name, order }) => ({
      order,
      entry: unreadyEntry(name),
    }));
    return [...all, ...unready].sort((a, b) => a.order - b.order).map(({ entry }) => entry);
  }

  /** Something happens; of what cannot be nothing comes. @param by whole numbers from 0 on */
  act(what: number, by: number, and: number): UnifiedEvent[] {
    const acts = [
      () => this.#created(by, and),
      () => this.#created(by, and),
      () => this.#deleted(by),
      () => this.#unmounted(by),
      () => this.#notReady(by),
      () => this.#assigned(by, and),
      () => this.#processes(by),
      () => this.#owned(by, and),
      () => this.#ended(by),
      () => this.#veth(by, and),
      () => this.#veth(by, and),
      () => this.#moved(by, and),
      () => this.#changed(by, and),
      () => this.#removed(by),
    ];
    return acts[what % acts.length]?.() ?? [];
  }

  #created(by: number, and: number): UnifiedEvent[] {
    const name = nameAt(by);
    if (this.#holderOf(name) !== null) return [];
    const known = [...this.#all].filter(({ own }) => !own);
    const netns = and % 3 === 0 ? (known[and % Math.max(1, known.length)] ?? this.#make()) : this.#make();
    netns.names.push(name);
    const isThere = this.#unready.delete(name.path);
    const { id: namespace, nsid } = netns;
    const type = isThere ? 'mounted' : 'created';
    if (type === 'mounted') return [{ type, ...name, namespace, nsid }];
    return [{ type, ...name, ready: true, namespace, nsid }];
  }

  #deleted(by: number): UnifiedEvent[] {
    const name = nameAt(by);
    if (this.#unready.delete(name.path))
      return [{ type: 'deleted', ...name, namespace: null, nsid: null, alive: null }];
    const netns = this.#holderOf(name);
    if (netns === null) return [];
    const [alive, after] = this.#leave(netns, name);
    return [{ type: 'deleted', ...name, namespace: netns.id, nsid: netns.nsid, alive }, ...after];
  }

  #unmounted(by: number): UnifiedEvent[] {
    const name = nameAt(by);
    const netns = this.#holderOf(name);
    if (netns === null) return [];
    const [alive, after] = this.#leave(netns, name);
    this.#unready.set(name.path, { name, order: this.#next++ });
    return [{ type: 'unmounted', ...name, namespace: netns.id, nsid: netns.nsid, alive }, ...after];
  }

  #notReady(by: number): UnifiedEvent[] {
    const name = nameAt(by);
    if (this.#holderOf(name) !== null || this.#unready.has(name.path)) return [];
    this.#unready.set(name.path, { name, order: this.#next++ });
    return [{ type: 'created', ...name, ready: false, namespace: null, nsid: null, reason: 'unmounted' }];
  }

  #assigned(by: number, and: number): UnifiedEvent[] {
    const nsid = NSIDS[and % NSIDS.length] as number;
    const netns = this.#some(by);
    if (netns.nsid !== null || [...this.#all].some((other) => other.nsid === nsid)) return [];
    netns.nsid = nsid;
    return [{ type: 'nsidAssigned', nsid, namespace: netns.id, names: [...netns.names] }];
  }

  /** A process is in one: a new one, or one that is known, of which no event tells. */
  #processes(by: number): UnifiedEvent[] {
    const isNew = by % 3 === 0;
    const netns = isNew ? this.#make() : this.#some(by);
    netns.pids = [this.#next++];
    if (!isNew) return [];
    const { id: namespace, nsid, number, owner = null, pids } = netns;
    return [{ type: 'found', namespace, nsid, number, owner, pids: [...pids], loOnly: null }];
  }

  #owned(by: number, and: number): UnifiedEvent[] {
    this.#some(by).owner = and % 3 === 0 ? null : { kind: 'docker', name: `c${and % 2}`, id: null };
    return [];
  }

  #ended(by: number): UnifiedEvent[] {
    const netns = this.#some(by);
    return netns.own || netns.names.length > 0 ? [] : this.#end(netns);
  }

  #veth(by: number, and: number): UnifiedEvent[] {
    const [netns, far] = [this.#some(by), this.#some(and)];
    const one = this.#addEnd(netns, by);
    const two = this.#addEnd(far, and);
    if (one === null || two === null) {
      for (const end of [one, two]) end?.netns.ends.delete(end.ifindex);
      return [];
    }
    one.other = two;
    two.other = one;
    return [one, two].map((end) => this.#linkEvent('linkAdded', end));
  }

  #moved(by: number, and: number): UnifiedEvent[] {
    const end = this.#someEnd(by);
    const to = this.#some(and);
    if (end === null || to === end.netns) return [];
    const { netns, ifindex, name } = end;
    const isTaken = to.ends.has(ifindex);
    const index = isTaken ? 1 + Math.max(...to.ends.keys()) : ifindex;
    const from = { netns: linkNamespaceOf(this.#entry(netns)), ifindex, name };
    netns.ends.delete(ifindex);
    end.netns = to;
    end.ifindex = index;
    to.ends.set(index, end);
    const link = this.#link(end);
    const where = { netns: linkNamespaceOf(this.#entry(to)), ifindex: index, name };
    return [{ type: 'linkMoved', from, to: where, link }, ...this.#far(end)];
  }

  #changed(by: number, and: number): UnifiedEvent[] {
    const end = this.#someEnd(by);
    if (end === null) return [];
    const isRenamed = and % 2 === 0;
    if (isRenamed) end.name = `${end.name}'`.slice(-12);
    else end.up = !end.up;
    const changed: LinkField[] = [isRenamed ? 'name' : 'up'];
    return [this.#linkEvent('linkChanged', end, changed), ...(isRenamed ? this.#far(end) : [])];
  }

  #removed(by: number): UnifiedEvent[] {
    const end = this.#someEnd(by);
    return end === null ? [] : this.#remove(end);
  }

  #remove(end: End): UnifiedEvent[] {
    const event = this.#linkEvent('linkRemoved', end);
    end.netns.ends.delete(end.ifindex);
    const { other } = end;
    if (other === null) return [event];
    other.other = null;
    return [event, this.#linkEvent('linkChanged', other, ['peer', 'peerState'])];
  }

  #far({ other }: End): UnifiedEvent[] {
    return other === null ? [] : [this.#linkEvent('linkChanged', other, ['peer'])];
  }

  #make(own = false): Netns {
    const number = this.#next++;
    const id = { id: BigInt(number), dev: 4n, ino: BigInt(4_026_530_000 + number), since: 1n };
    const netns: Netns = {
      number,
      id,
      own,
      nsid: null,
      names: [],
      lastNames: [],
      pids: [],
      owner: null,
      order: this.#next++,
      ends: new Map(),
    };
    this.#all.add(netns);
    return netns;
  }

  /** @returns whether it lives, and what follows */
  #leave(netns: Netns, name: LocatedName): [alive: boolean, after: UnifiedEvent[]] {
    netns.lastNames = netns.names;
    netns.names = netns.names.filter(({ path }) => path !== name.path);
    const isHeld = netns.own || netns.names.length > 0 || netns.pids.length > 0;
    return [isHeld, isHeld ? [] : this.#end(netns)];
  }

  #end(netns: Netns): UnifiedEvent[] {
    const links = [...netns.ends.values()].flatMap((end) => this.#remove(end));
    this.#all.delete(netns);
    const { nsid, id: namespace, lastNames: names, number, owner = null, pids } = netns;
    return [...links, { type: 'destroyed', nsid, namespace, names, number, owner, pids, loOnly: null }];
  }

  #addEnd(netns: Netns, by: number): End | null {
    const ifindex = 2 + (by % 5);
    if (netns.ends.has(ifindex)) return null;
    const end: End = { netns, ifindex, name: `v${this.#next++}`, up: false, other: null };
    netns.ends.set(ifindex, end);
    return end;
  }

  #holderOf({ path }: LocatedName): Netns | null {
    return [...this.#all].find(({ names }) => names.some((name) => name.path === path)) ?? null;
  }

  #some = (by: number): Netns => [...this.#all][by % this.#all.size] as Netns;

  #someEnd(by: number): End | null {
    const all = [...this.#all].flatMap(({ ends }) => [...ends.values()]);
    return all[by % Math.max(1, all.length)] ?? null;
  }

  #linkEvent(
    type: 'linkAdded' | 'linkRemoved' | 'linkChanged',
    end: End,
    changed: LinkField[] = [],
  ): LinkEvent {
    const netns = linkNamespaceOf(this.#entry(end.netns));
    const link = this.#link(end);
    return type === 'linkChanged' ? { type, netns, link, changed } : { type, netns, link };
  }

  #link({ ifindex, name, up, other }: End): Link {
    const peer =
      other === null
        ? null
        : {
            netns: linkNamespaceOf(this.#entry(other.netns, false)),
            ifindex: other.ifindex,
            name: other.name,
          };
    return {
      ifindex,
      name,
      altNames: [],
      alias: null,
      kind: 'veth',
      slaveKind: null,
      state: 'down',
      up,
      flags: up ? 1 : 2,
      mtu: 1500,
      address: null,
      master: null,
      details: null,
      peer,
      peerState: other === null ? 'unpaired' : 'paired',
    };
  }

  #entry(netns: Netns, withLinks = true): InventoryEntry {
    const { id: namespace, nsid, own, number, owner = null, pids, names, lastNames, ends } = netns;
    return {
      namespace,
      nsid,
      own,
      number,
      owner,
      pids: [...pids],
      processes: pids.length,
      loOnly: null,
      names: names.map((name): InventoryName => ({ ...name, ready: true })),
      lingering: names.length === 0 && lastNames.length > 0,
      links: withLinks ? [...ends.values()].map((end) => this.#link(end)) : [],
      linksState: 'live',
    };
  }
}

const nameAt = (by: number): LocatedName => {
  const name = NAMES[by % NAMES.length] as string;
  return { name, path: `${DIRECTORY}/${name}`, directory: DIRECTORY };
};

const unreadyEntry = (name: LocatedName): InventoryEntry => ({
  namespace: null,
  nsid: null,
  names: [{ ...name, ready: false, reason: 'unmounted' }],
  own: false,
  lingering: false,
});
