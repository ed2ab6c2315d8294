/** What is published of a host that is a list, to a model of the broker, on a clock of the test's own. */
import assert from 'node:assert/strict';
import { HostPublisher } from '../../../src/agent/host-publisher.ts';
import { decodeDelta } from '../../../src/wire/delta.ts';
import { namesOf } from '../../support/kept.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ModelBroker } from '../../support/model-broker.ts';
import { ScriptedWatcher } from '../../support/scripted-watcher.ts';

const KEY = 'host-1';
const EPOCH = '0123456789abcdef';
const TIMEOUT = 3000;
const RING = { events: 8, bytes: 1_000_000 };

export class Setting {
  readonly clock: ManualClock = new ManualClock();
  readonly broker: ModelBroker = new ModelBroker(this.clock, TIMEOUT);
  readonly host: ScriptedWatcher = new ScriptedWatcher();
  readonly publisher: HostPublisher;
  readonly resyncs: string[] = [];
  #names = 0;
  #seen = 0;

  constructor(random: () => number = () => 0.5, ring: typeof RING = RING) {
    const { clock, broker, host } = this;
    const nothing = (): void => {};
    this.publisher = new HostPublisher(
      { key: KEY, epoch: EPOCH, name: 'one', shard: '0', target: null, directory: '/var/run/netns', ring },
      {
        clock,
        random,
        interval: 15_000,
        host: {
          namespaces: () => host.namespaces(),
          isWatchingLinks: () => true,
          parts: () => new Map(),
        },
        send: (subject, payload) => broker.send(subject, payload),
        lanes: { onMissing: nothing, onRefused: nothing, onUnanswered: nothing, onRestored: nothing },
        onResync: (reason) => this.resyncs.push(reason),
      },
    );
  }

  connect(): void {
    this.broker.isConnected = true;
    this.publisher.open();
  }

  disconnect(): void {
    this.broker.isConnected = false;
    this.publisher.close();
  }

  /** Names appear, and the oldest go. */
  happen(count: number): void {
    for (let n = 0; n < count; n++) {
      const [oldest] = this.host.names;
      if (this.host.names.length >= 4 && oldest !== undefined) this.host.remove(oldest);
      else this.host.create(`n${String(this.#names++).padStart(6, '0')}`);
    }
    for (let event = this.host.tryRecv(); event !== undefined; event = this.host.tryRecv())
      this.publisher.take(event);
    this.publisher.wake();
  }

  deltas(): { first: number; last: number; sent: number }[] {
    return this.broker.sent
      .filter(({ lane }) => lane === 'deltas-0')
      .map(({ payload, sent }) => {
        const { first, events } = decodeDelta(payload);
        return { first, last: first + events.length - 1, sent };
      });
  }

  snapshots(): number[] {
    return this.broker.sent.filter(({ lane }) => lane === 'snapshots').map(({ sent }) => sent);
  }

  /** Of all that was sent since the call before. */
  lanes(): string[] {
    const from = this.#seen;
    this.#seen = this.broker.sent.length;
    return this.broker.sent.slice(from).map(({ lane }) => lane);
  }

  requireTruth(): void {
    assert.deepEqual(namesOf(this.broker.kept()), this.host.names);
    assert.equal(this.publisher.kept, this.publisher.feed.seq);
  }
}
