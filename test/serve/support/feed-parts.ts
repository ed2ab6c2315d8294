/** A feed, its view and its clients, over events and a clock that the test holds in its hands. */
import { Chunks } from '../../../src/serve/events/chunks.ts';
import { Feed } from '../../../src/serve/events/feed.ts';
import { Hub } from '../../../src/serve/events/hub.ts';
import { View } from '../../../src/serve/events/view.ts';
import type { Sink } from '../../../src/serve/events/client.ts';
import type { RingLimits } from '../../../src/serve/events/event-ring.ts';
import type { InventoryEntry, UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import { FakeClock } from '../../watch/support/fake-clock.ts';

export const EPOCH = '0123456789abcdef';
export const DIRECTORY = '/var/run/netns';

/** An event that says its number. */
export const assigned = (nsid: number): UnifiedEvent => ({
  type: 'nsidAssigned',
  nsid,
  namespace: null,
  names: [],
});

export const entryOf = (rest: Partial<InventoryEntry> = {}): InventoryEntry => ({
  namespace: null,
  nsid: null,
  names: [],
  own: false,
  lingering: false,
  ...rest,
});

export class FeedParts {
  readonly clock: FakeClock = new FakeClock();
  readonly feed: Feed;
  readonly view: View;
  readonly hub: Hub;
  entries: InventoryEntry[] = [];

  constructor(ring: RingLimits = { events: 100, bytes: 1_000_000 }, most = 10) {
    const settings = { epoch: EPOCH, ring, dead: 3, directory: DIRECTORY };
    this.feed = new Feed(settings, []);
    this.view = new View(
      this.feed,
      () => this.entries,
      () => this.clock.now(),
    );
    this.hub = new Hub(new Chunks(this.feed, this.view), this.clock, most);
  }

  /** Events come, and then there are none for the moment. */
  come(...events: UnifiedEvent[]): void {
    for (const event of events) {
      this.feed.take(event, new Date(0));
      this.hub.heard();
    }
    this.hub.wake();
  }
}

/** Keeps what it gets, and takes it only while `open`. */
export class FakeSink implements Sink {
  open = true;
  text = '';
  /** How many messages were written although it took none. */
  untaken = 0;
  ended = false;
  isCut = false;

  write(bytes: Buffer): boolean {
    if (!this.open) this.untaken++;
    this.text += bytes.toString();
    return this.open;
  }

  end(bytes: Buffer): void {
    this.text += bytes.toString();
    this.ended = true;
  }

  cut(): void {
    this.isCut = true;
  }

  /** What came since the last time. */
  taken(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}
