/**
 * The deaths of namespaces that have no nsid here: a table of nsids of the watcher's own, in a
 * network namespace that it makes for that and that nobody else sees (the scratch namespace). The
 * kernel reports the end of each namespace in every table in which it has an nsid, and an nsid
 * holds no reference (`cleanup_net`, `unhash_nsid` in net/core/net_namespace.c). Nsids of this
 * table are called numbers here. Closing the sockets frees it.
 *
 * | a number   | by                                        | then     |
 * | ---------- | ----------------------------------------- | -------- |
 * | -          | a name came, its namespace has none here  | assigned |
 * | -          | the same, and it has one (`EEXIST`)       | that one |
 * | -          | the same, and it has been freed           | dead     |
 * | -          | a process is in one that has none here    | assigned |
 * | -          | the same, and it has one (`EEXIST`)       | that one |
 * | assigned   | RTM_DELNSID, or not there after a loss    | dead     |
 *
 * A number is never used twice, so that none is ever mistaken for another namespace's. Where links
 * are read (link-source.ts), the kernel itself assigns nsids here to the namespaces that they lead
 * to, the lowest that are free, again and again: such a namespace gets a number as well, which
 * stands for its nsid as long as it lives.
 */
import { NETNSA_FD, NETNSA_PID, RTM_NEWNSID } from '../../netlink/constants.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { NsidAssignments } from '../../netlink/nsid-assignments.ts';
import { areAssigned } from '../../netlink/nsid-listing.ts';
import { NsidQueries } from '../../netlink/nsid-query.ts';
import { NEW_NAMESPACE } from '../../netlink/raw-socket.ts';
import type { RawSocket } from '../../netlink/raw-socket.ts';
import { openScratchSockets } from '../../netlink/scratch-sockets.ts';
import type { ScratchIo } from '../../netlink/scratch-sockets.ts';
import { errno, systemError } from '../../sys/errno.ts';
import { INT_MAX } from '../../sys/limits.ts';
import { isShortage } from '../../sys/shortage.ts';
import { attempt, batchesOf, chain, inTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import { NsidEngine } from '../ids/nsid-engine.ts';
import type { SubscriberIo } from '../ids/nsid-engine.ts';
import { ChosenNsids } from './chosen-nsids.ts';
import type { Inventory } from './inventory.ts';
import { LookupRetry } from './lookup-retry.ts';
import { FREED, NamespaceOpener, namedTargetOf } from './namespace-opener.ts';
import type { UnheldNamespace } from './namespace-opener.ts';
import type { NamedNamespace } from './namespace-target.ts';
import { DEAD } from './namespace-record.ts';
import type { NameRecord } from './namespace-record.ts';
import type { NumberedRecords } from './numbered-records.ts';
import type { UnifiedSettings } from './unified-options.ts';

/**
 * The first number. The kernel itself gives the lowest that is free, so that one below this was
 * given by the kernel.
 */
const FIRST = 1_000_000;
/** Errors by which nothing has run out: it has a number; the process has ended. */
const HARMLESS: ReadonlySet<number> = new Set([0, errno.EEXIST, errno.ESRCH]);

export class ScratchTable {
  readonly engine: NsidEngine;
  /** Names whose namespaces could not be numbered, since something ran out for a moment. */
  readonly retry: LookupRetry;
  readonly #io: SubscriberIo;
  readonly #opener: NamespaceOpener;
  /** Two more sockets in the same namespace; null: links are not watched. */
  readonly linkSockets: { asker: RawSocket; listener: RawSocket } | null;
  readonly #chosen = new ChosenNsids();
  #next = FIRST;
  #lost = false;
  #batches = 0;
  #dead: number | undefined;

  /** @param unheld the scratch namespace */
  private constructor(
    io: SubscriberIo,
    engine: NsidEngine,
    { unheld, linkSockets }: { unheld: UnheldNamespace; linkSockets: ScratchTable['linkSockets'] },
    wake: () => void,
  ) {
    this.#io = io;
    this.engine = engine;
    this.linkSockets = linkSockets;
    this.retry = new LookupRetry(io.clock, wake);
    this.#opener = new NamespaceOpener(io.system, unheld);
  }

  /**
   * Makes an empty one.
   * @param wake called when names that could not be numbered may be now
   * @throws NlinkError, SystemError as {@link openScratchSockets}
   */
  static async open(
    io: SubscriberIo & ScratchIo,
    { bufferSize, signal, receiveBufferSize, links }: UnifiedSettings,
    wake: () => void,
  ): Promise<ScratchTable> {
    const place = NEW_NAMESPACE;
    const settings = { bufferSize, signal, receiveBufferSize, place, allNamespaces: false } as const;
    const sockets = await openScratchSockets(io, links === null ? 2 : 4, signal);
    const [unheld, removals, asker, listener] = sockets as [RawSocket, RawSocket, RawSocket?, RawSocket?];
    const linkSockets = asker === undefined || listener === undefined ? null : { asker, listener };
    try {
      const engine = await NsidEngine.open(io, settings, [unheld, removals]);
      return new ScratchTable(io, engine, { unheld, linkSockets }, wake);
    } catch (error) {
      asker?.close();
      listener?.close();
      throw error;
    }
  }

  /** How many may be numbered at once. */
  get batch(): number {
    return this.engine.requester.batch;
  }

  /**
   * Numbers namespaces.
   * @param targets no more than {@link batch}
   * @returns for each its number, {@link DEAD}, or null: its name leads to another namespace by now
   *   and nobody knows whether it lives, it may not be opened, or there was a shortage ({@link
   *   retry})
   */
  number(targets: readonly NamedNamespace[]): MaybePromise<(number | null)[]> {
    const opened: number[] = [];
    for (const target of targets) {
      const fd = this.#opener.openById(target);
      // No descriptor is left: those that are open are numbered first, and then closed.
      if (isShortage(fd) && opened.some((other) => other >= 0)) break;
      if (isShortage(fd)) this.retry.fail(systemError(-fd, 'open', target.path));
      opened.push(fd);
    }
    const numbers = this.#numberOpened(opened);
    if (opened.length === targets.length) return numbers;
    return chain(numbers, (first) =>
      chain(this.number(targets.slice(opened.length)), (rest) => [...first, ...rest]),
    );
  }

  /**
   * Numbers the namespaces of processes or threads, which by now may be others: whoever asks looks
   * at them again.
   * @param pids no more than {@link batch}, as this process's PID namespace numbers them
   * @returns for each its number; null: it has ended, or there was a shortage ({@link retry})
   */
  numberProcesses(pids: readonly number[]): MaybePromise<(number | null)[]> {
    if (pids.length === 0) return [];
    return chain(this.#assign(NETNSA_PID, pids), (numbers) => pids.map((_, at) => numbers[at] ?? null));
  }

  /**
   * Whether a namespace can be numbered, or is known to be dead, also when its name has gone: there
   * is no need to number it before anybody is told of its name.
   */
  get canNumberLater(): boolean {
    return this.#opener.opensById;
  }

  /** Numbers the namespaces of names, as far as that is possible; those with a number keep it. */
  numberNames(names: readonly NameRecord[], numbers: NumberedRecords): MaybePromise<void> {
    const unnumbered = names.filter(({ record }) => numbers.lacks(record));
    return inTurn(batchesOf(unnumbered, this.batch), (batch) =>
      chain(this.number(batch.map(namedTargetOf)), (found) => {
        for (const [index, number] of found.entries())
          if (number !== null) numbers.assign(number, (batch[index] as NameRecord).record);
      }),
    );
  }

  /** As {@link numberNames}, of all that have no number: failures count from here. */
  async numberAll({ names, numbers }: Inventory): Promise<void> {
    this.retry.restart();
    await this.numberNames([...names.all()], numbers);
    this.retry.succeed();
  }

  /** Whether the namespace with a number lives; null: unknown (before Linux 5.0). */
  isAlive(number: number): MaybePromise<boolean | null> {
    const answers = attempt<(boolean | null)[]>(
      () => areAssigned(this.engine.requester, [this.nsidOf(number)]),
      () => [],
    );
    return chain(answers, ([alive]) => alive ?? null);
  }

  /** The number that died next; it stays first until {@link shift}. @throws what ends the engine */
  next(): number | undefined {
    const { failure } = this.retry;
    if (failure !== null) throw failure;
    while (this.#dead === undefined) {
      const event = this.engine.next();
      if (event === undefined) return undefined;
      if (event.type === 'delNsid') this.#dead = this.#chosen.numberOf(event.nsid) ?? event.nsid;
      else if (event.type === 'resynced') this.#lost = true;
    }
    return this.#dead;
  }

  /** The first one has had its turn. */
  shift(): void {
    if (this.#dead !== undefined) this.#chosen.delete(this.#dead);
    this.#dead = undefined;
  }

  /** The number of the namespace that has an nsid here; it gets one if it has none. */
  numberOf(nsid: number): number {
    if (nsid >= FIRST) return nsid;
    const known = this.#chosen.numberOf(nsid);
    if (known !== undefined) return known;
    this.engine.adopt(nsid);
    return this.#chosen.add(nsid, this.#nextNumbers(1));
  }

  /** The nsid here of the namespace with a number. */
  nsidOf(number: number): number {
    return this.#chosen.nsidOf(number) ?? number;
  }

  /** Whether notifications were received, or numbers asked for, since this was asked last. */
  takeBatch(): boolean {
    const batches = this.engine.batches + this.engine.resyncs;
    const isNew = batches !== this.#batches;
    this.#batches = batches;
    return isNew;
  }

  /** Whether a loss is still being made up for, or names are still to be numbered. */
  get busy(): boolean {
    return this.engine.awaitingKernel || this.retry.pending;
  }

  /** Whether notifications were lost since this was asked last, and all deaths are known again. */
  takeLoss(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  async close(): Promise<void> {
    this.retry.close();
    for (const socket of Object.values(this.linkSockets ?? {})) socket.close();
    await this.engine.close();
  }

  /** Numbers what is open and closes it. */
  #numberOpened(opened: readonly number[]): MaybePromise<(number | null)[]> {
    const descriptors = opened.filter((fd) => fd >= 0);
    if (descriptors.length === 0) return opened.map(unopened);
    return chain(this.#assign(NETNSA_FD, descriptors), (all) => {
      for (const fd of descriptors) this.#io.system.close(fd);
      let at = 0;
      return opened.map((fd) => (fd < 0 ? unopened(fd) : (all[at++] ?? null)));
    });
  }

  /** Each by an attribute. None where the kernel could not be asked. */
  #assign(attribute: number, values: readonly number[]): MaybePromise<(number | null)[]> {
    return attempt<(number | null)[]>(
      () => this.#exchange(attribute, values),
      (error) => {
        this.retry.fail(error);
        return [];
      },
    );
  }

  #exchange(attribute: number, values: readonly number[]): MaybePromise<(number | null)[]> {
    const { engine } = this;
    const first = this.#nextNumbers(values.length);
    // Known before they are assigned: a death may be read before the answer.
    for (let index = 0; index < values.length; index++) engine.adopt(first + index);
    return chain(engine.requester.exchange(new NsidAssignments(values, first, attribute)), (errors) => {
      const refused = errors.find((error) => !HARMLESS.has(error));
      // By a shortage (ENOMEM), or for good: the privilege was given up (EPERM).
      if (refused !== undefined)
        this.retry.fail(new NetlinkError(RTM_NEWNSID, { error: refused, text: null, offset: null }));
      const numbers = errors.map((error, index) => (error === 0 ? first + index : null));
      for (const [index, number] of numbers.entries()) if (number === null) engine.disown(first + index);
      // Two names of one namespace, or one that was numbered before.
      const known = values.filter((_, index) => errors[index] === errno.EEXIST);
      if (known.length === 0) return numbers;
      return chain(engine.requester.exchange(new NsidQueries(attribute, known)), (answers) => {
        let at = 0;
        return numbers.map((number, index) => {
          if (errors[index] !== errno.EEXIST) return number;
          const answer = answers[at++];
          return typeof answer === 'number' ? this.numberOf(answer) : null;
        });
      });
    });
  }

  /** The first of so many numbers that nobody has had. */
  #nextNumbers(count: number): number {
    if (this.#next > INT_MAX - count) this.#next = FIRST;
    this.#next += count;
    return this.#next - count;
  }
}

/** Of a namespace that could not be opened. */
const unopened = (fd: number): number | null => (fd === FREED ? DEAD : null);
