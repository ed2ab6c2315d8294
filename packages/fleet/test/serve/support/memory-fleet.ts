/** A fleet in memory, of which a test says what happens. */
import { Replay } from '../../../src/core.ts';
import type { PageNamespace, WireEvent, WireSnapshot } from '../../../src/core.ts';
import type { FleetEvent, FleetHost, FleetSource } from '../../../src/serve/fleet-source.ts';
import { EPOCH } from './hosts.ts';

interface Known {
  host: FleetHost;
  heardAt: number;
  snapshot: WireSnapshot | null;
  replay: Replay;
}

export class MemoryFleet implements FleetSource {
  connection: FleetSource['connection'] = 'live';
  readonly #hosts = new Map<string, Known>();
  readonly #queue: FleetEvent[] = [];
  #wake: (() => void) | null = null;
  #isStopped = false;

  add(id: string, given: Partial<FleetHost>, snapshot: WireSnapshot | null): void {
    const host: FleetHost = {
      id,
      key: id,
      epoch: EPOCH,
      name: id,
      state: 'live',
      since: Date.now(),
      heard: 0,
      interval: 15_000,
      shard: '0',
      seq: 0,
      counts: {
        namespaces: snapshot?.namespaces.length ?? 0,
        names: snapshot?.namespaces.filter(({ name }) => name !== null).length ?? 0,
        links: snapshot?.links.length ?? 0,
      },
      versions: { nlink: '0.1.0', node: '20.20.2', kernel: '6.12.9' },
      target: null,
      unavailable: [],
      skew: 0,
      duplicate: false,
      picture: snapshot === null ? 'none' : 'current',
      malformed: 0,
      ...given,
    };
    const replay = new Replay();
    if (snapshot !== null) replay.snapshot(snapshot, Date.now());
    this.#hosts.set(id, { host, heardAt: Date.now() - host.heard, snapshot, replay });
    this.#push({ type: 'hostAdded', time: new Date().toISOString(), host });
  }

  change(
    id: string,
    change: Partial<FleetHost>,
    type?: 'hostLive' | 'hostLate' | 'hostGone' | 'hostDuplicate',
  ): void {
    const known = this.#of(id);
    known.host = { ...known.host, ...(type === undefined ? {} : { since: Date.now() }), ...change };
    if (type !== undefined) this.#push({ type, time: new Date().toISOString(), host: this.#told(known) });
  }

  remove(id: string): void {
    const host = this.#told(this.#of(id));
    this.#hosts.delete(id);
    this.#push({ type: 'hostRemoved', time: new Date().toISOString(), host });
  }

  /** @param snapshot what is there after it */
  tell(id: string, event: WireEvent, snapshot: WireSnapshot): void {
    const known = this.#of(id);
    const seq = known.host.seq + 1;
    known.host = { ...known.host, seq };
    known.snapshot = snapshot;
    known.replay.events([event], seq, Date.now());
    this.#push({ type: 'namespaceEvent', host: this.#told(known), seq, event });
  }

  connect(state: FleetSource['connection'], reason: string | null): void {
    this.connection = state;
    this.#push({ type: 'connection', time: new Date().toISOString(), state, reason });
  }

  hosts(): readonly FleetHost[] {
    return [...this.#hosts.values()].map((known) => this.#told(known));
  }

  host(id: string): FleetHost | null {
    const known = this.#hosts.get(id);
    return known === undefined ? null : this.#told(known);
  }

  namespaces(id: string): readonly PageNamespace[] {
    const all = this.#hosts.get(id)?.replay.model.namespaces.values() ?? [];
    return [...all].filter(({ ended }) => ended === null);
  }

  snapshot(id: string): { seq: number; json: string } | null {
    const known = this.#hosts.get(id);
    if (known === undefined || known.snapshot === null) return null;
    return { seq: known.host.seq, json: JSON.stringify(known.snapshot) };
  }

  async recv(): Promise<FleetEvent | undefined> {
    while (this.#queue.length === 0 && !this.#isStopped)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#queue.shift();
  }

  tryRecv(): FleetEvent | undefined {
    return this.#queue.shift();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake?.();
  }

  #of(id: string): Known {
    const known = this.#hosts.get(id);
    if (known === undefined) throw new Error(`no ${id}`);
    return known;
  }

  #told({ host, heardAt }: Known): FleetHost {
    return { ...host, heard: Date.now() - heardAt };
  }

  #push(event: FleetEvent): void {
    this.#queue.push(event);
    this.#wake?.();
  }
}
