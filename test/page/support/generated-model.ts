/**
 * A model as a host may have it: containers at a bridge, pods, routers in a chain, a lab behind a
 * bridge, sandboxes, hostile names, dead ones. The same numbers give the same model.
 */
import { escaped, shown } from '../../../src/format/escape.ts';
import type {
  Ended,
  LinksState,
  PageEvent,
  PageLink,
  PageModel,
  PageNamespace,
  PeerState,
} from '../../../src/replay/replay-types.ts';

export interface Counts {
  readonly containers?: number;
  readonly pods?: number;
  readonly routers?: number;
  readonly pairs?: number;
  readonly sandboxes?: number;
  readonly named?: number;
  readonly hostile?: boolean;
  readonly states?: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '\u202Egnp.exe',
  'two\nlines\u0007',
  'caf\udce9',
  `long-${'x'.repeat(250)}`,
];

/** What is there, and what may happen to it: maps are changed in place, as the page's are. */
export class Lab {
  readonly #namespaces = new Map<string, PageNamespace>();
  readonly #events: PageEvent[] = [];
  #number = 0;
  #seq = 0;
  #revision = 0;
  #index = 10;

  constructor(counts: Counts = {}) {
    const { containers = 0, pods = 0, routers = 0, pairs = 0, sandboxes = 0, named = 0 } = counts;
    this.add('(this namespace)', { own: true, names: [], pids: [1, 2] });
    this.link('1', { name: 'lo', ifindex: 1 });
    this.link('1', { name: 'eth0', ifindex: 2, kind: null, state: 'up', mtu: 1500 });
    this.link('1', { name: 'docker0', ifindex: 3, kind: 'bridge' });
    this.link('1', { name: 'cni0', ifindex: 4, kind: 'bridge' });
    this.link('1', { name: 'bond0', ifindex: 5, kind: 'bond', master: 4 });
    this.link('1', { name: 'eth0.100', ifindex: 6, kind: 'vlan', peer: end('1', 'this', 2, 'eth0') });
    for (let at = 0; at < containers; at++) this.container();
    for (let at = 0; at < pods; at++) this.pod(at);
    this.chain(routers);
    for (let at = 0; at < pairs; at++) this.chain(2, `pair${at}-`);
    for (let at = 0; at < sandboxes; at++) this.sandbox(at);
    for (let at = 0; at < named; at++)
      this.link(this.add(`spare${at}`), { name: 'lo', ifindex: 1, state: 'down' });
    if (counts.hostile === true)
      for (const name of HOSTILE) {
        const key = this.add(name);
        this.veth(key, 'eth0', 3);
      }
    if (counts.states === true) this.#states();
  }

  get model(): PageModel {
    return {
      namespaces: this.#namespaces,
      events: this.#events.slice(-200),
      unavailable: [],
      resynced: null,
      revision: this.#revision,
    };
  }

  /** A copy that later events do not change. */
  get frozen(): PageModel {
    return { ...this.model, namespaces: new Map(this.#namespaces) };
  }

  get keys(): string[] {
    return [...this.#namespaces.keys()];
  }

  get(key: string): PageNamespace {
    return this.#namespaces.get(key) as PageNamespace;
  }

  add(label: string, more: Partial<PageNamespace> = {}): string {
    const number = ++this.#number;
    const key = String(number);
    const isNamed = more.owner === undefined && more.names === undefined;
    const path = `/run/netns/${label}`;
    this.#put({
      key,
      label,
      shown: isNamed ? shown(label) : escaped(label),
      processes: more.pids?.length ?? 0,
      names: isNamed ? [{ name: label, path, directory: '/run/netns', ready: true, reason: null }] : [],
      own: false,
      lingering: false,
      number,
      nsid: number,
      identity: { id: String(4200 + number), dev: '4', ino: String(4026532000 + number), since: '0' },
      owner: null,
      pids: [],
      loOnly: false,
      linksState: 'live',
      links: new Map(),
      ended: null,
      ...more,
    });
    this.tell('created', key, `${label} created`);
    return key;
  }

  link(namespace: string, more: Partial<PageLink> & { name: string }): PageLink {
    const ifindex = more.ifindex === undefined ? ++this.#index : more.ifindex;
    const link: PageLink = {
      key: `${namespace} ${ifindex ?? more.name}`,
      namespace,
      ifindex,
      kind: more.name === 'lo' ? null : 'veth',
      state: 'up',
      up: more.state !== 'down',
      mtu: 1500,
      address: `02:42:ac:11:${hex((ifindex ?? 0) >> 8)}:${hex((ifindex ?? 0) & 255)}`,
      altNames: [],
      alias: null,
      master: null,
      slaveKind: null,
      peer: null,
      peerState: null,
      details: null,
      ended: null,
      ...more,
    };
    const found = this.get(namespace);
    (found.links as Map<string, PageLink>).set(link.key, link);
    this.#put({ ...found });
    return link;
  }

  change(link: PageLink, more: Partial<PageLink>): void {
    const found = this.get(link.namespace);
    const links = found.links as Map<string, PageLink>;
    links.set(link.key, { ...(links.get(link.key) as PageLink), ...more });
    this.#put({ ...found });
    this.tell('linkChanged', link.namespace, `${found.label}:${link.name} changed`, link.key);
  }

  /** A pair: one end in the namespace, the other one in another, the host's by default. */
  veth(
    key: string,
    name: string,
    master: number | null,
    other = '1',
    otherName: string | null = null,
  ): PageLink {
    const far = otherName ?? `veth${this.#index + 1}`;
    const near = this.link(key, { name, ifindex: ++this.#index });
    const index = ++this.#index;
    const label = this.get(other).label;
    const peer = end(key, this.get(key).label, near.ifindex, name);
    this.link(other, {
      name: far,
      ifindex: index,
      master,
      slaveKind: master === null ? null : 'bridge',
      peer,
      peerState: 'paired',
    });
    return this.link(key, { ...near, peer: end(other, label, index, far), peerState: 'paired' });
  }

  container(): string {
    const id = (this.#number * 2654435761).toString(16).slice(0, 12).padStart(12, '0');
    const key = this.add(`docker ${id}`, {
      owner: { kind: 'docker', name: id, id },
      pids: [4000 + this.#number],
      names: [],
    });
    this.link(key, { name: 'lo', ifindex: 1 });
    this.veth(key, 'eth0', 3);
    return key;
  }

  pod(at: number): string {
    const key = this.add(`pod web-${at}`, {
      owner: { kind: 'pod', name: `web-${at}`, id: `u${at}` },
      pids: [9000 + at, 9001 + at],
      names: [],
    });
    this.link(key, { name: 'lo', ifindex: 1 });
    this.veth(key, 'eth0', 4);
    if (at % 5 === 0) this.link(key, { name: 'vxlan7', kind: 'vxlan', details: { kind: 'vxlan', id: 7 } });
    return key;
  }

  chain(count: number, prefix: string = 'r'): void {
    const keys = Array.from({ length: count }, (_, at) => this.add(`${prefix}${at + 1}`));
    for (const [at, key] of keys.entries()) {
      const next = keys[at + 1];
      this.link(key, { name: 'lo', ifindex: 1 });
      if (next !== undefined) this.veth(key, 'right', null, next, 'left');
    }
  }

  sandbox(at: number): string {
    const name = at % 2 === 0 ? 'systemd-resolved.service' : 'chrome.scope';
    const key = this.add(name, {
      owner: { kind: 'service', name, id: null },
      pids: [700 + at],
      names: [],
      loOnly: true,
    });
    this.link(key, { name: 'lo', ifindex: 1, state: 'down' });
    return key;
  }

  end(key: string, reason: string = 'destroyed', at: number = Date.now()): void {
    const ended: Ended = { at, reason };
    this.#put({ ...this.get(key), ended });
    this.tell('destroyed', key, `${this.get(key).label} ${reason}`);
  }

  /** It, its links, and their other ends. */
  remove(key: string): void {
    for (const link of this.get(key).links.values()) {
      const other = link.peer?.namespace;
      if (other === undefined || other === null || other === key) continue;
      const found = this.get(other);
      const links = found.links as Map<string, PageLink>;
      for (const [far, { peer }] of links) if (peer?.namespace === key) links.delete(far);
      this.#put({ ...found });
    }
    this.#namespaces.delete(key);
    this.#revision++;
  }

  tell(type: string, namespace: string | null, text: string, link: string | null = null): void {
    this.#events.push({ seq: ++this.#seq, at: Date.now(), type, namespace, link, text });
    if (this.#events.length > 400) this.#events.splice(0, 200);
  }

  #put(namespace: PageNamespace): void {
    this.#namespaces.set(namespace.key, namespace);
    this.#revision++;
  }

  #states(): void {
    const states: readonly LinksState[] = ['pending', 'approximate', 'limited', 'closed'];
    for (const linksState of states) {
      const key = this.add(`links-${linksState}`, { linksState });
      this.link(key, { name: 'eth0', ifindex: linksState === 'limited' ? null : 2, state: null, up: null });
    }
    const peers: readonly PeerState[] = ['unpaired', 'closed', 'unknown'];
    for (const peerState of peers) this.link(this.add(`far-${peerState}`), { name: 'eth0', peerState });
    const one = this.add('one-sided');
    this.link(one, {
      name: 'mac0',
      kind: 'macvlan',
      peerState: 'one-sided',
      peer: end('1', '(this namespace)', 2, 'eth0'),
    });
    const dead: Mutable<Partial<PageNamespace>> = { ended: { at: Date.now(), reason: 'destroyed' } };
    this.add('dead', dead);
    this.add('lingers', { lingering: true, pids: [123] });
    const hub = this.add('switch');
    this.link(hub, { name: 'br0', ifindex: 2, kind: 'bridge' });
    for (let at = 0; at < 10; at++) {
      const key = this.add(`lan${at}`);
      this.veth(key, 'eth0', 2, hub, `port${at}`);
      if (at === 3) this.link(key, { name: 'wg0', kind: 'wireguard', state: 'down' });
    }
    const multi = this.add('gateway');
    this.veth(multi, 'a', 3);
    this.veth(multi, 'b', 4);
    this.veth(multi, 'c', null, hub, 'uplink');
  }
}

const end = (namespace: string, label: string, ifindex: number | null, name: string): PageLink['peer'] => ({
  namespace,
  label,
  shown: escaped(label),
  ifindex,
  name,
});

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
