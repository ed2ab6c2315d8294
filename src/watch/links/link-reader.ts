/**
 * Asks the kernel for links: all of a namespace, or single ones. Each answer is in the numbering of
 * the namespace that the socket is in, and true at that moment; it changes nothing for the
 * namespaces that are asked about. In the table of the socket's namespace the kernel numbers those
 * that links lead to (`rtnl_fill_link_netnsid` in net/core/rtnetlink.c).
 */
import { RTM_GETLINK } from '../../netlink/link-constants.ts';
import { AddressDump } from '../../netlink/address-dump.ts';
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import { LinkDump, LinkQueries } from '../../netlink/link-request.ts';
import type { LinkMessage } from '../../netlink/link-message.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { Exchange, Requester } from '../../netlink/requester.ts';
import type { Dumped } from '../../netlink/target-dump.ts';
import { errno } from '../../sys/errno.ts';
import { attempt, chain } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { GraphNamespace } from './link-node.ts';
import type { LinkAddress } from './link-types.ts';

/** Why there are no links: nobody may look; or the namespace has died. */
export type Unreadable = 'closed' | 'gone';

/** So often what changed meanwhile (NLM_F_DUMP_INTR) is asked for again. */
const ATTEMPTS = 8;

export class LinkReader {
  /** How many single links were asked for, and how many namespaces were listed. */
  readonly counters: { asked: number; listed: number } = { asked: 0, listed: 0 };
  readonly #requester: Requester;
  readonly #self: number | null;

  /** @param self what stands for the socket's own namespace; null: nobody asks for that */
  constructor(requester: Requester, self: number | null = null) {
    this.#requester = requester;
    this.#self = self;
  }

  /** How many links may be asked for at once. */
  get batch(): number {
    return this.#requester.batch;
  }

  /**
   * All links of a namespace.
   * @throws SystemError, NlinkError as `Requester.exchange`; NetlinkError
   */
  list({ nsid }: Pick<GraphNamespace, 'nsid'>): MaybePromise<LinkMessage[] | Unreadable> {
    return this.#whole(() => {
      this.counters.listed++;
      return new LinkDump(this.#target(nsid));
    });
  }

  /**
   * Single links.
   * @param wanted no more than {@link batch}
   * @returns for each the link; null: there is none with this index
   */
  ask(
    wanted: readonly { namespace: GraphNamespace; ifindex: number }[],
  ): MaybePromise<(LinkMessage | Unreadable | null)[]> {
    if (wanted.length === 0) return [];
    this.counters.asked += wanted.length;
    const queries = wanted.map(({ namespace, ifindex }) => ({
      target: this.#target(namespace.nsid),
      ifindex,
    }));
    return chain(this.#requester.exchange(new LinkQueries(queries)), (answers) =>
      answers.map((answer) => (typeof answer === 'number' ? refusal(answer) : answer)),
    );
  }

  /** The counters of all links of a namespace, by index; null: nobody may look, or it is gone. */
  statistics({ nsid }: GraphNamespace): MaybePromise<Map<number, LinkStatistics> | null> {
    const links = this.#whole(() => new LinkDump(this.#target(nsid), 'counters'));
    return chain(links, (found) => {
      if (typeof found === 'string') return null;
      const all = new Map<number, LinkStatistics>();
      for (const { ifindex, statistics } of found) if (statistics !== null) all.set(ifindex, statistics);
      return all;
    });
  }

  /** The addresses of all links of a namespace, by index; null as {@link statistics}. */
  addresses({ nsid }: GraphNamespace): MaybePromise<Map<number, LinkAddress[]> | null> {
    const addresses = this.#whole(() => new AddressDump(this.#target(nsid), this.#requester.socket));
    return chain(addresses, (found) => {
      if (typeof found === 'string') return null;
      const all = new Map<number, LinkAddress[]>();
      for (const { ifindex, local, address, prefixLength } of found) {
        const own = local ?? address;
        if (own === null) continue;
        const others = all.get(ifindex);
        if (others === undefined) all.set(ifindex, [{ address: own, prefixLength }]);
        else others.push({ address: own, prefixLength });
      }
      return all;
    });
  }

  close(): void {
    this.#requester.close();
  }

  /** Asks again as long as something changed meanwhile, up to a point. */
  #whole<T>(makeDump: () => Exchange<Dumped<T>>, attempts = ATTEMPTS): MaybePromise<T[] | Unreadable> {
    const dump = attempt<Dumped<T> | Unreadable>(() => this.#requester.exchange(makeDump()), unreadable);
    return chain(dump, (dumped) => {
      if (typeof dumped === 'string') return dumped;
      return dumped.interrupted && attempts > 1 ? this.#whole(makeDump, attempts - 1) : dumped.all;
    });
  }

  #target(nsid: number): number | null {
    return nsid === this.#self ? null : nsid;
  }
}

/** A namespace without this nsid (EINVAL) has died: it had it. */
function refusal(error: number): Unreadable | null {
  if (error === errno.ENODEV) return null;
  if (error === errno.EINVAL) return 'gone';
  if (error === errno.EACCES || error === errno.EPERM) return 'closed';
  throw new NetlinkError(RTM_GETLINK, { error, text: null, offset: null });
}

function unreadable(error: unknown): Unreadable {
  const why = error instanceof NetlinkError ? refusal(-error.errno) : null;
  if (why === null) throw error;
  return why;
}
