/** What is on the hosts that are open: a replay of each, fed by the stream. */
import { Replay } from '../../../../../src/replay/replay.ts';
import type { PageModel } from '../../../../../src/replay/replay-types.ts';
import type { HostEventsMessage, HostSnapshotMessage } from './fleet-types.ts';

interface Open {
  readonly replay: Replay;
  /** How many events were told: their numbers are of this page alone. */
  told: number;
  hasCome: boolean;
}

export class OpenHosts {
  readonly #open = new Map<string, Open>();

  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** Null: nothing has come of it. */
  model(id: string): PageModel | null {
    const open = this.#open.get(id);
    return open === undefined || !open.hasCome ? null : open.replay.model;
  }

  open(id: string): void {
    this.#open.set(id, { replay: new Replay(), told: 0, hasCome: false });
  }

  close(id: string): void {
    this.#open.delete(id);
  }

  snapshot({ host, snapshot }: HostSnapshotMessage, now: number): void {
    const open = this.#open.get(host);
    if (open === undefined || snapshot === null) return;
    open.replay.snapshot(snapshot, now);
    open.hasCome = true;
  }

  events({ host, events }: HostEventsMessage, now: number): void {
    const open = this.#open.get(host);
    if (open === undefined) return;
    open.told += events.length;
    open.replay.events(events, open.told, now);
  }

  /** When something that has ended is to go; null: nothing has. */
  get due(): number | null {
    let first: number | null = null;
    for (const { replay } of this.#open.values())
      if (replay.due !== null && (first === null || replay.due < first)) first = replay.due;
    return first;
  }

  /** @returns whether anything went */
  tick(now: number): boolean {
    let hasGone = false;
    for (const { replay } of this.#open.values()) hasGone = replay.tick(now) || hasGone;
    return hasGone;
  }
}
