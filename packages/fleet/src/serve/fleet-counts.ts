/** What is counted of a fleet's events, from the start of the server. */
import type { FleetEvent } from '../reader/fleet-types.ts';

/** Of what a host said: a lag beyond an hour is a clock, not a way. */
const MOST_LAG = 3600;

export class FleetCounts {
  events = 0;
  /** Seconds of all events together, from when they happened to when they were told here. */
  lag = 0;
  /** Of hosts that are listed no more. */
  malformedBefore = 0;
  readonly resyncs: Map<string, number> = new Map();
  readonly changes: Map<string, number> = new Map();

  take(event: FleetEvent, now: number): void {
    switch (event.type) {
      case 'namespaceEvent': {
        this.events++;
        const lag = (now - Date.parse(event.event.time) + (event.host.skew ?? 0)) / 1000;
        if (lag > 0 && lag < MOST_LAG) this.lag += lag;
        break;
      }
      case 'resynced':
        // The first snapshot of a host makes up for nothing.
        if (event.reason !== 'first') add(this.resyncs, event.reason);
        break;
      case 'connection':
        add(this.changes, `connection ${event.state}`);
        break;
      default:
        add(this.changes, event.type);
        if (event.type === 'hostRemoved') this.malformedBefore += event.host.malformed;
    }
  }
}

const add = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
