/**
 * Asks the kernel for the nsids of namespaces, many at a time. A named one is opened for as long as
 * the request takes (namespace-opener.ts); of others a process is named.
 */
import { NETNSA_FD, NETNSA_PID } from '../../netlink/constants.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { NsidAssignment, NsidQueries } from '../../netlink/nsid-query.ts';
import type { NsidAnswer } from '../../netlink/nsid-query.ts';
import type { Requester } from '../../netlink/requester.ts';
import { systemError } from '../../sys/errno.ts';
import { isShortage } from '../../sys/shortage.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import { attempt, chain, inTurn } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import { NamespaceOpener } from './namespace-opener.ts';
import type { NamedNamespace, NamespaceTarget } from './namespace-target.ts';

/**
 * An nsid; null: none; undefined: it could not be asked (it is gone, or may not be opened; or the
 * machine lacks something, which goes to `onFailure`).
 */
export type FoundNsid = number | null | undefined;

export class NsidLookup {
  /** Names that were asked for. */
  asked = 0;
  readonly #system: NetlinkSystem;
  readonly #requester: Requester;
  readonly #onFailure: (error: unknown) => void;
  readonly #opener: NamespaceOpener;

  /** @param onFailure takes why the kernel could not be asked at all, or did not answer */
  constructor(system: NetlinkSystem, requester: Requester, onFailure: (error: unknown) => void) {
    this.#system = system;
    this.#opener = new NamespaceOpener(system);
    this.#requester = requester;
    this.#onFailure = onFailure;
  }

  /** How many may be asked for at once. */
  get batch(): number {
    return this.#requester.batch;
  }

  /** @param targets no more than {@link batch} */
  ask(targets: readonly NamespaceTarget[]): MaybePromise<FoundNsid[]> {
    const opened: number[] = [];
    for (const target of targets) {
      const value = this.#valueOf(target);
      // No descriptor is left: those that are open are asked for first, and then closed.
      if (isShortage(value) && opened.some((other) => other >= 0)) break;
      if (isShortage(value))
        this.#onFailure(systemError(-value, 'open', 'path' in target ? target.path : undefined));
      opened.push(value);
    }
    this.asked += opened.length;
    const found = chain(this.#askOpened(targets, opened), (some) => askNumbered(targets, some));
    if (opened.length === targets.length) return found;
    return chain(found, (first) =>
      chain(this.ask(targets.slice(opened.length)), (rest) => [...first, ...rest]),
    );
  }

  /** A descriptor, or the number of a process, which stands for it; negative: there is none. */
  #valueOf(target: NamespaceTarget): number {
    if ('pid' in target) return target.pid;
    return 'path' in target ? this.#opener.open(target) : -1;
  }

  /** Asks for what is open and closes it. */
  #askOpened(targets: readonly NamespaceTarget[], opened: readonly number[]): MaybePromise<FoundNsid[]> {
    const asked = opened.flatMap((value, at) => (value < 0 ? [] : [at]));
    if (asked.length === 0) return opened.map(() => undefined);
    const isProcess = (at: number): boolean => 'pid' in (targets[at] as NamespaceTarget);
    const answers = attempt<readonly NsidAnswer[]>(
      () =>
        this.#requester.exchange(
          new NsidQueries(
            asked.map((at) => (isProcess(at) ? NETNSA_PID : NETNSA_FD)),
            asked.map((at) => opened[at] as number),
          ),
        ),
      (error) => {
        this.#onFailure(error);
        return [];
      },
    );
    return chain(answers, (all) => {
      for (const at of asked) if (!isProcess(at)) this.#system.close(opened[at] as number);
      const found = opened.map<FoundNsid>(() => undefined);
      for (const [index, at] of asked.entries()) {
        const answer = all[index];
        const target = targets[at] as NamespaceTarget;
        if (answer instanceof NetlinkError || ('pid' in target && !target.isInside())) continue;
        found[at] = answer;
      }
      return found;
    });
  }

  /**
   * Gives a namespace an nsid, the lowest that is free, unless it has one.
   * @throws NetlinkError `EPERM`
   */
  async assign(target: NamedNamespace): Promise<void> {
    const fd = this.#opener.open(target);
    if (fd < 0) return;
    try {
      await this.#requester.exchange(new NsidAssignment(NETNSA_FD, fd, 'auto', target.path));
    } catch (error) {
      // Somebody else did it just now.
      if ((error as NetlinkError).code !== 'EEXIST') throw error;
    } finally {
      this.#system.close(fd);
    }
  }
}

/** Completes answers by those of the namespaces that are asked for by their numbers. */
function askNumbered(targets: readonly NamespaceTarget[], found: FoundNsid[]): MaybePromise<FoundNsid[]> {
  const done = inTurn([...found.keys()], (at) => {
    const target = targets[at] as NamespaceTarget;
    if (!('nsidHere' in target)) return;
    return chain(target.nsidHere(), (nsid) => {
      found[at] = nsid;
    });
  });
  return chain(done, () => found);
}
