/**
 * Asks the kernel for the nsids of named namespaces, many at a time. Each namespace is opened for
 * as long as the request takes (namespace-opener.ts).
 */
import { NETNSA_FD } from '../../netlink/constants.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { NsidAssignment, NsidQueries } from '../../netlink/nsid-query.ts';
import type { NsidAnswer } from '../../netlink/nsid-query.ts';
import type { Requester } from '../../netlink/requester.ts';
import { systemError } from '../../sys/errno.ts';
import { isShortage } from '../../sys/shortage.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import { attempt, chain } from '../ids/chain.ts';
import type { MaybePromise } from '../ids/chain.ts';
import { NamespaceOpener } from './namespace-opener.ts';
import type { NamedNamespace } from './namespace-opener.ts';

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
  ask(targets: readonly NamedNamespace[]): MaybePromise<FoundNsid[]> {
    const opened: number[] = [];
    for (const target of targets) {
      const fd = this.#opener.open(target);
      // No descriptor is left: those that are open are asked for first, and then closed.
      if (isShortage(fd) && opened.some((other) => other >= 0)) break;
      if (isShortage(fd)) this.#onFailure(systemError(-fd, 'open', target.path));
      opened.push(fd);
    }
    this.asked += opened.length;
    const found = this.#askOpened(opened);
    if (opened.length === targets.length) return found;
    return chain(found, (first) =>
      chain(this.ask(targets.slice(opened.length)), (rest) => [...first, ...rest]),
    );
  }

  /** Asks for what is open and closes it. */
  #askOpened(opened: readonly number[]): MaybePromise<FoundNsid[]> {
    const descriptors = opened.filter((fd) => fd >= 0);
    if (descriptors.length === 0) return opened.map(() => undefined);
    const answers = attempt<readonly NsidAnswer[]>(
      () => this.#requester.exchange(new NsidQueries(NETNSA_FD, descriptors)),
      (error) => {
        this.#onFailure(error);
        return [];
      },
    );
    return chain(answers, (all) => {
      for (const fd of descriptors) this.#system.close(fd);
      return spread(opened, all);
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

/** The answers, each in the place of its target. */
function spread(opened: readonly number[], answers: readonly NsidAnswer[]): FoundNsid[] {
  let at = 0;
  return opened.map((fd) => {
    if (fd < 0) return undefined;
    const answer = answers[at++];
    return answer instanceof NetlinkError ? undefined : answer;
  });
}
