/**
 * Links by the observer's own table of nsids, for those who may not look by the scratch table:
 * those of its own namespace. As `ip link` does, that has the kernel give an nsid to each namespace
 * that one of them leads to, which stays as long as that namespace lives.
 */
import { NETLINK_ROUTE, NETNSA_PID } from '../../netlink/constants.ts';
import { NsidQueries } from '../../netlink/nsid-query.ts';
import type { NsidAnswer } from '../../netlink/nsid-query.ts';
import { openSockets } from '../../netlink/raw-socket.ts';
import type { RawSocket } from '../../netlink/raw-socket.ts';
import { Requester } from '../../netlink/requester.ts';
import type { NetlinkSystem } from '../../sys/socket.ts';
import type { GraphNamespace } from '../links/link-node.ts';
import type { LinkSockets } from '../links/link-watcher-options.ts';
import { attempt } from '../stream/chain.ts';
import type { MaybePromise } from '../stream/chain.ts';
import type { Inventory } from './inventory.ts';
import type { LinkTable } from './link-table.ts';
import type { NamespaceRecord } from './namespace-record.ts';
import type { UnifiedEvent } from './unified-events.ts';

/** Stands for the own namespace: no nsid is negative, but -1 for none. */
const SELF = -2;

export class OwnLinks implements LinkTable {
  readonly sockets: LinkSockets;
  readonly self: number = SELF;
  readonly all: boolean;
  readonly #inventory: Inventory;
  readonly #requester: Requester;

  /**
   * @param all also those of all other namespaces with an nsid here, with CAP_NET_ADMIN over them
   * @throws NlinkError, SystemError as `openSockets`
   */
  constructor(inventory: Inventory, system: NetlinkSystem, all: boolean) {
    this.#inventory = inventory;
    this.all = all;
    const sockets = openSockets(system, NETLINK_ROUTE, {}, 3) as [RawSocket, RawSocket, RawSocket];
    this.sockets = { asker: sockets[0], listener: sockets[1] };
    this.#requester = new Requester(sockets[2]);
  }

  follow(add: (nsid: number, number: number | null) => void): void {
    add(SELF, null);
    if (!this.all) return;
    const { nsids } = this.#inventory;
    const addNsid = (nsid: number): void => {
      if (!this.isSelf(nsid)) add(nsid, null);
    };
    for (const nsid of nsids.all) addNsid(nsid);
    nsids.onAssigned = addNsid;
  }

  nsidOf({ kind, nsid }: NamespaceRecord): number | null {
    return kind === 'own' ? SELF : nsid;
  }

  recordOf({ nsid }: GraphNamespace): NamespaceRecord | undefined {
    return nsid === SELF ? (this.#inventory.inhabited.own ?? undefined) : this.#inventory.nsids.of(nsid);
  }

  isSelf(nsid: number): boolean {
    const own = attempt<MaybePromise<readonly NsidAnswer[]>>(
      () => this.#requester.exchange(new NsidQueries(NETNSA_PID, [process.pid])),
      () => [],
    );
    // The answer is there at once, or nobody knows.
    return Array.isArray(own) && own[0] === nsid;
  }

  discover(): null {
    return null;
  }

  nextFound(): null {
    return null;
  }

  enterFound(): UnifiedEvent[] {
    return [];
  }

  /** What is read here ends by its nsid here. */
  died(): null {
    return null;
  }

  close(): void {
    this.#inventory.nsids.onAssigned = () => {};
    this.#requester.close();
  }
}
