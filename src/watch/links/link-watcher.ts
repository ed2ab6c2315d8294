/**
 * Follows the links of all namespaces that have an nsid in the namespace of its sockets: reads each
 * once, then listens. What the kernel sends is a hint: it is in the numbering of the sender, and
 * may be old. Only what was asked for since is told.
 *
 * | state    | means                             | next                                           |
 * | -------- | --------------------------------- | ---------------------------------------------- |
 * | idle     | nothing is to be done             | settling: an event came, a namespace was added |
 * | settling | more of the same is waited for    | due: {@link SETTLE} is over                    |
 * | due      | the kernel is to be asked         | asked: all is known                            |
 * | asked    | deaths that were reported by then | idle: the differences are told                 |
 * |          | are to be taken in first          |                                                |
 * | lost     | events were lost                  | due: everything is read; at once, or after a   |
 * |          |                                   | backoff while events are lost again and again  |
 *
 * While it is not idle nothing is read of what the kernel sends, but by itself, so that a storm of
 * events costs no more than a look now and then.
 */
import { Requester } from '../../netlink/requester.ts';
import type { ReadinessHandle } from '../../sys/readiness.ts';
import { attempt, chain, nextTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Clock } from '../stream/clock.ts';
import { RetryBackoff } from '../stream/retry-backoff.ts';
import { LinkGraph } from './link-graph.ts';
import { LinkHints } from './link-hints.ts';
import { publish, publishEnd } from './link-publisher.ts';
import type { GraphNamespace, LinkNode } from './link-node.ts';
import type { LinkChange } from './link-publisher.ts';
import { LinkReader } from './link-reader.ts';
import { LinkRefresh } from './link-refresh.ts';
import type { LinkNotice, LinkSockets, LinkWatcherOptions } from './link-watcher-options.ts';
import { LossBackoff } from './loss-backoff.ts';
import { LinkMoves } from './moves.ts';
import { Reread } from './reread.ts';
import { UnpairedRetry } from './unpaired-retry.ts';

/** Events come in groups: a veth makes four within a millisecond. In milliseconds. */
const SETTLE = 4;
/** The same after so many events, as in a storm. */
const STORM = 512;
const SETTLE_IN_STORM = 20;
/** Of the asker. */
const ANSWER_BUFFER = 1024 * 1024;
/** An answer has 1.1 to 2 kB, more with many alternative names. */
const ANSWER = { slot: 4096, cost: 8192, most: 64 };

type State = 'idle' | 'settling' | 'due' | 'asked' | 'lost';

export class LinkWatcher {
  readonly graph: LinkGraph;
  readonly #clock: Clock;
  readonly #hints: LinkHints;
  readonly #moves: LinkMoves;
  readonly reader: LinkReader;
  readonly #retry: UnpairedRetry;
  readonly #reread: Reread;
  readonly #options: LinkWatcherOptions;
  readonly #backoff = new RetryBackoff();
  readonly #losses: LossBackoff;
  #readiness: ReadinessHandle | null = null;
  #wake: () => unknown = () => {};
  #state: State = 'idle';
  #refresh: LinkRefresh | null = null;
  readonly #changes: LinkNotice[] = [];
  #cancelTimer: (() => void) | null = null;
  /** Whether a loss is being made up for. */
  #isResync = false;
  #isPaused = false;
  /** Whether events were lost while all was asked for. */
  #isLostAgain = false;
  #eventsAtStart = 0;
  /** Whether everything is to be read after a loss. */
  #isDoubtful = false;
  #closed = false;

  /**
   * Takes over the sockets.
   * @throws SystemError `EPERM` (to listen to all takes CAP_NET_BROADCAST)
   */
  constructor(clock: Clock, { asker, listener }: LinkSockets, options: LinkWatcherOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#losses = new LossBackoff(() => clock.now());
    this.graph = new LinkGraph((nsid) => this.#discover(nsid));
    this.#retry = new UnpairedRetry(this.graph, clock, () => this.#settle());
    this.#moves = new LinkMoves(this.graph, clock, () => this.#settle());
    this.#reread = new Reread(this.graph, clock, () => this.#settle());
    try {
      this.#hints = new LinkHints(this.graph, listener, options, this.#moves);
      asker.requestReceiveBuffer(ANSWER_BUFFER);
    } catch (error) {
      listener.close();
      asker.close();
      throw error;
    }
    this.reader = new LinkReader(new Requester(asker, ANSWER), options.self);
  }

  /** A namespace can be asked for by this nsid, and is called by that number. */
  add(nsid: number, number: number | null): void {
    this.graph.add(nsid, number);
    this.#settle();
  }

  /** A namespace died. */
  gone(nsid: number): void {
    const namespace = this.graph.namespaces.get(nsid);
    if (namespace === undefined) return;
    this.graph.gone(namespace);
    this.#queue(publishEnd(this.graph, namespace));
    this.#settle();
  }

  /** Nothing is known any more. */
  forget(): void {
    for (const namespace of this.graph.namespaces.values()) {
      this.graph.gone(namespace);
      this.#queue(publishEnd(this.graph, namespace));
    }
  }

  /** From now on `wake` is called when {@link next} or {@link step} may have something. */
  start(wake: () => unknown): void {
    this.#wake = wake;
    this.#readiness = this.#hints.onReadable(() => this.#onReadable());
    this.#reread.start();
    if (this.#state !== 'idle') this.#readiness.pause();
  }

  /** Reads all there is, before anything is told. */
  async load(): Promise<void> {
    this.#setState('due');
    while (this.#state !== 'asked') {
      if (this.#state === 'due') await this.step();
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
    this.#tell();
    this.#changes.length = 0;
  }

  /** What is told next. */
  next(): LinkNotice | undefined {
    return this.#changes.shift();
  }

  /**
   * Does what is due. Before it is called once more, deaths that were reported are to be taken in.
   * @returns null: nothing is due
   * @throws what the kernel refuses for good
   */
  step(): MaybePromise<void> | null {
    if (this.#state === 'asked') return this.#tell();
    if (this.#state !== 'due') return null;
    const done = attempt<boolean | null>(
      () => this.#ask(),
      (error) => this.#retryLater(error),
    );
    return chain(done, (isMore): MaybePromise<void> => {
      if (isMore === null) return;
      this.#backoff.reset();
      if (isMore) return this.graph.unread.size > 0 ? nextTurn() : undefined;
      this.#refresh = null;
      if (this.#state === 'due') this.#setState('asked');
    });
  }

  /** Whether events are lost again and again, so that everything is read now and then instead. */
  get isApproximate(): boolean {
    return this.#losses.isRepeated;
  }

  get counters(): LinkHints['counters'] & LinkReader['counters'] {
    return { ...this.#hints.counters, ...this.reader.counters };
  }

  pause(): void {
    this.#isPaused = true;
    this.#readiness?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#state === 'idle') this.#readiness?.resume();
  }

  ref(): void {
    this.#readiness?.ref();
  }

  unref(): void {
    this.#readiness?.unref();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#reread.close();
    this.#retry.close();
    this.#hints.close();
    this.reader.close();
  }

  #discover(nsid: number): GraphNamespace {
    const { self, isSelf, discover } = this.#options;
    const own = self !== null && isSelf(nsid) ? this.graph.namespaces.get(self) : undefined;
    return own ?? this.graph.add(nsid, discover(nsid));
  }

  #onReadable(): boolean {
    if (this.#state !== 'idle') return false;
    this.#eventsAtStart = this.#hints.counters.datagrams;
    try {
      if (this.#hints.read()) this.#lose();
    } catch {
      // Nobody takes it here; if it lasts, the next step throws it.
      this.#setState('due');
      return this.#wake() === true;
    }
    const { unread, withDirty, departed, touched } = this.graph;
    if (unread.size + withDirty.size + departed.size + touched.size > 0) this.#settle();
    return false;
  }

  /** Something is to be asked for, soon. */
  #settle(): void {
    if (this.#state !== 'idle') return;
    this.#setState('settling');
    const events = this.#hints.counters.datagrams - this.#eventsAtStart;
    this.#after(events > STORM ? SETTLE_IN_STORM : SETTLE);
  }

  #after(milliseconds: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(milliseconds, () => {
      this.#isDoubtful ||= this.#state === 'lost';
      this.#setState('due');
      this.#wake();
    });
  }

  /** @returns whether there are more steps */
  #ask(): MaybePromise<boolean> {
    if (this.#refresh === null) {
      if (this.#isDoubtful) this.#hints.startOver();
      else if (this.#hints.read()) this.#lose();
      this.#isDoubtful = false;
      if (this.#state !== 'due') return false;
      this.#refresh = new LinkRefresh(this.graph, this.reader);
    }
    return chain(this.#refresh.step(), (isMore) => {
      // What was asked for is true all the same, and told: in a flood it is all there is to tell.
      if (!isMore) this.#isLostAgain ||= this.#hints.read();
      return isMore;
    });
  }

  /** Everything is in doubt. */
  #lose(delay = this.#losses.nextDelay()): void {
    this.#isResync = true;
    this.#isLostAgain = false;
    this.#refresh = null;
    this.#setState('lost');
    this.#after(delay);
  }

  /** Tells what has become different. */
  #tell(): void {
    const touched = [...this.graph.touched];
    const isUnderWay = (node: LinkNode): boolean => this.#moves.isUnderWay(node);
    this.#queue(publish(this.graph, this.#options.isVisible, isUnderWay));
    this.#retry.add(touched);
    if (this.#isResync) this.#changes.push({ type: 'resynced' });
    this.#isResync = false;
    this.#setState('idle');
    if (this.#isLostAgain) this.#lose();
    else if (this.graph.unread.size + this.graph.withDirty.size > 0) this.#settle();
    else if (!this.#isPaused) this.#readiness?.resume();
  }

  #queue(changes: readonly LinkChange[]): void {
    for (const change of changes) this.#changes.push(change);
  }

  /** Something has run out; everything is read when there may be more. */
  #retryLater(error: unknown): null {
    this.#lose(this.#backoff.onError(error));
    return null;
  }

  #setState(state: State): void {
    if (this.#closed) return;
    this.#state = state;
    if (state !== 'idle') this.#readiness?.pause();
  }
}
