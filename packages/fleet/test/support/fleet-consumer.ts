/**
 * Who follows a fleet by its list and the events after it alone, as a page does, and holds the
 * watcher to what it promises: no number twice, none skipped without `resynced`.
 */
import assert from 'node:assert/strict';
import { Replay } from '../../src/core.ts';
import type { WireSnapshot } from '../../src/core.ts';
import { toldLines } from './told-lines.ts';
import type { FleetEvent, FleetHost, FleetWatcher } from '../../src/index.ts';

interface Followed {
  host: FleetHost;
  replay: Replay;
  /** The number of the last event that was told of this epoch, or that was in the list. */
  last: number;
  isResynced: boolean;
}

export class FleetConsumer {
  readonly fleet: FleetWatcher;
  readonly hosts: Map<string, Followed> = new Map();
  readonly events: FleetEvent[] = [];
  #last = 0;

  constructor(fleet: FleetWatcher) {
    this.fleet = fleet;
    for (const host of fleet.hosts()) this.#look(host);
  }

  /** Takes what is there. @returns how many */
  take(most: number = Infinity): number {
    let count = 0;
    while (count < most) {
      const event = this.fleet.tryRecv();
      if (event === undefined) break;
      count++;
      this.#event(event);
    }
    return count;
  }

  /** What is there, by list and events, as lines that can be compared. */
  told(id: string): string[] {
    const followed = this.hosts.get(id);
    assert.ok(followed !== undefined, `${id} was never told`);
    return toldLines(followed.replay.model);
  }

  #event(event: FleetEvent): void {
    this.events.push(event);
    if (event.type === 'connection') return;
    const { host } = event;
    const followed = this.hosts.get(host.id);
    switch (event.type) {
      case 'hostAdded':
        assert.equal(followed, undefined, `${host.id} was added twice`);
        this.hosts.set(host.id, { host, replay: new Replay(), last: 0, isResynced: false });
        return;
      case 'hostRemoved':
        this.hosts.delete(host.id);
        return;
      case 'resynced':
        if (event.complete) {
          assert.ok(followed !== undefined);
          followed.isResynced = true;
        } else this.#look(host);
        return;
      case 'namespaceEvent': {
        assert.ok(followed !== undefined, `an event of ${host.id}, which was never told`);
        this.#number(followed, host, event.seq);
        followed.replay.events([event.event], ++this.#last, 0);
        // Nothing is kept greyed: after a boot another namespace may have its id.
        followed.replay.tick(Infinity);
        followed.host = host;
        return;
      }
      case 'hostDuplicate':
        if (followed === undefined)
          this.hosts.set(host.id, { host, replay: new Replay(), last: 0, isResynced: false });
        else followed.host = host;
        return;
      case 'hostRestarted':
        assert.ok(followed !== undefined);
        followed.host = host;
        followed.last = 0;
        return;
      default:
        assert.ok(followed !== undefined, `${event.type} of ${host.id}, which was never told`);
        followed.host = host;
    }
  }

  #number(followed: Followed, { epoch }: FleetHost, seq: number | null): void {
    assert.equal(epoch, followed.host.epoch, 'another epoch without a word');
    if (seq === null) return;
    // In a list that was ahead of the events.
    if (seq > followed.last + 1)
      assert.ok(followed.isResynced, `${seq} after ${followed.last} without a word`);
    assert.ok(seq > followed.last, `${seq} after ${followed.last}`);
    followed.last = seq;
    followed.isResynced = false;
  }

  /** The list is ahead of the events that wait: they are applied once more. */
  #look(host: FleetHost): void {
    const followed = this.hosts.get(host.id) ?? { host, replay: new Replay(), last: 0, isResynced: true };
    const snapshot = this.fleet.snapshot(host.id);
    if (snapshot !== null) followed.replay.snapshot(JSON.parse(snapshot.json) as WireSnapshot, 0);
    if (host.epoch !== followed.host.epoch) followed.last = 0;
    followed.isResynced = true;
    followed.host = host;
    this.hosts.set(host.id, followed);
  }
}
