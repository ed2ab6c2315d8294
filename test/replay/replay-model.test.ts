/**
 * Whatever happens, in whatever order it is told: a page that follows equals one that begins anew.
 * The snapshot may be ahead of the events after it, as the server's is.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { Replay } from '../../src/replay/replay.ts';
import type { NamespaceRow, WireEvent, WireSnapshot } from '../../src/replay/wire.ts';
import type { UnifiedEvent } from '../../src/watch/unified/unified-events.ts';
import { FeedParts } from '../serve/support/feed-parts.ts';
import { modelRuns } from '../support/runs.ts';
import { described, faultsOf, told } from '../page/support/described.ts';
import { HostModel } from '../page/support/host-model.ts';

/** A page, and up to which event it has been told. */
interface Page {
  replay: Replay;
  seq: number;
}

class Story {
  readonly host = new HostModel();
  readonly parts = new FeedParts({ events: 100_000, bytes: 1e9 });
  readonly pages: Page[] = [];
  /** What happened and has not reached the server's feed. */
  #pending: UnifiedEvent[] = [];
  now = 0;

  constructor() {
    this.#look();
    this.open();
  }

  act(what: number, by: number, and: number): void {
    this.#pending.push(...this.host.act(what, by, and));
    this.#look();
  }

  /** Some of it is told. */
  tell(count: number): void {
    for (const event of this.#pending.splice(0, count)) this.parts.feed.take(event, new Date(0));
    const { ring, seq } = this.parts.feed;
    for (const page of this.pages) {
      const events = ring.after(page.seq, { events: Infinity, bytes: Infinity }) ?? [];
      const parsed = events.map((json) => JSON.parse(json) as WireEvent);
      if (parsed.length > 0) page.replay.events(parsed, seq, this.now);
      page.seq = seq;
    }
  }

  get waiting(): number {
    return this.#pending.length;
  }

  open(page: Page = { replay: new Replay(), seq: 0 }): Page {
    this.parts.clock.pass(10_000);
    const snapshot = JSON.parse(this.parts.view.snapshot().json) as WireSnapshot;
    page.replay.snapshot(snapshot, this.now);
    page.seq = snapshot.seq;
    if (!this.pages.includes(page)) this.pages.push(page);
    return page;
  }

  rows(): NamespaceRow[] {
    return JSON.parse(this.parts.view.namespaces(this.parts.view.look())) as NamespaceRow[];
  }

  #look(): void {
    this.parts.entries = this.host.entries();
  }
}

const step = fc.record({
  what: fc.nat(13),
  by: fc.nat(20),
  and: fc.nat(20),
  /** How much of what happened is told by then. */
  tell: fc.constantFrom(0, 0, 1, 2, 100),
  /** A page is opened, or one that is there gets a snapshot in its stream. */
  open: fc.constantFrom('', '', '', '', '', 'new', 'again', 'rows'),
});

test('a page that follows equals one that begins now', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const story = new Story();
      for (const { what, by, and, tell, open } of steps) {
        story.act(what, by, and);
        story.tell(tell);
        story.now += 500;
        const [page] = story.pages;
        if (open === 'new') story.open();
        else if (open === 'again') story.open(page);
        else if (open === 'rows') page?.replay.rows(story.rows(), story.now);
        for (const { replay } of story.pages) replay.tick(story.now);
        if (story.waiting > 0) continue;
        const fresh = story.open({ replay: new Replay(), seq: 0 });
        story.pages.pop();
        for (const { replay } of story.pages) {
          assert.deepEqual(told(replay.model), told(fresh.replay.model));
          assert.deepEqual(faultsOf(replay.model), []);
        }
      }
      story.tell(Infinity);
      const fresh = story.open({ replay: new Replay(), seq: 0 });
      for (const { replay } of story.pages) {
        // What no event tells.
        replay.rows(story.rows(), story.now);
        assert.deepEqual(described(replay.model), described(fresh.replay.model));
        assert.deepEqual(faultsOf(replay.model), []);
        replay.tick(story.now + 10_000);
        const greyed = [...replay.model.namespaces.values()].filter(
          ({ ended, links }) => ended !== null || [...links.values()].some((link) => link.ended !== null),
        );
        assert.deepEqual(greyed, [], 'what ended is gone');
      }
    }),
    { numRuns: modelRuns(1500) },
  );
});
