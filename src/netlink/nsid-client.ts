/**
 * Questions about nsids over one socket: what a `Connection` asks with, and all that most commands
 * need of one.
 */
import { invalidArgument, requireOptions } from '../errors.ts';
import { absolutePath } from '../reference/directory.ts';
import { whole } from '../reference/reference.ts';
import type { NamespaceReference } from '../reference/reference.ts';
import { netlinkSystem } from '../sys/socket.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import type { ConnectionOptions, ListNsidsOptions } from './connection-options.ts';
import { NETLINK_ROUTE } from './constants.ts';
import { GeneralRequest } from './general-request.ts';
import type { RequestMessage } from './general-request.ts';
import type { NetlinkMessage } from './message.ts';
import { NsidsByReference } from './nsid-by-reference.ts';
import type { NsidOrError } from './nsid-by-reference.ts';
import { dumpNsids, finishListing, listingOf, listNsids } from './nsid-listing.ts';
import type { NsidListing } from './nsid-listing.ts';
import { openSockets } from './raw-socket.ts';
import type { RawSocket } from './raw-socket.ts';
import { Requester } from './requester.ts';

/** A listing as far as the kernel's dump goes. */
export interface BegunListing {
  listing: NsidListing;
  /**
   * Looks for what the dump may lack, where it is not complete.
   * @param assigned nsids that the kernel said are assigned, since it was begun
   */
  finish: (assigned: readonly number[]) => Promise<NsidListing>;
}

/** Its methods are those of `Connection`, and documented there. */
export class NsidClient {
  readonly requester: Requester;
  readonly #nsids: NsidsByReference;

  /** Takes over the socket. */
  constructor(system: NetlinkSystem, socket: RawSocket, directory: string | undefined) {
    this.requester = new Requester(socket);
    this.#nsids = new NsidsByReference(system, this.requester, directory);
  }

  /** @throws as `Connection.open` */
  static async open(
    options: ConnectionOptions = {},
    system: NetlinkSystem = netlinkSystem(),
  ): Promise<NsidClient> {
    const directory = checkOptions(options);
    const [socket] = openSockets(system, NETLINK_ROUTE, options, 1) as [RawSocket];
    return new NsidClient(system, socket, directory);
  }

  getNsid(reference: NamespaceReference): Promise<number | null> {
    return this.#nsids.get(reference);
  }

  getNsids(references: readonly NamespaceReference[]): Promise<NsidOrError[]> {
    return this.#nsids.getMany(references);
  }

  setNsid(target: NamespaceReference, nsid: number | 'auto'): Promise<number> {
    return this.#nsids.set(target, nsid);
  }

  async listNsids(options: ListNsidsOptions = {}): Promise<NsidListing> {
    requireOptions(options);
    const { target, known = [] } = options;
    if (typeof known !== 'object' || known === null || !(Symbol.iterator in known))
      throw invalidArgument('known', 'an iterable of nsids', known);
    const ids = Array.from(known, (nsid, index) => whole(`known[${index}]`, nsid, 0));
    return listNsids(this.requester, target === undefined ? null : whole('target', target, 0), ids);
  }

  /** As {@link listNsids}, in two halves. */
  async beginListing(): Promise<BegunListing> {
    const dumped = await dumpNsids(this.requester, null);
    return {
      listing: listingOf(dumped),
      finish: (assigned) => finishListing(this.requester, dumped, assigned),
    };
  }

  async request(message: RequestMessage): Promise<NetlinkMessage[]> {
    return this.requester.exchange(new GeneralRequest(message));
  }

  close(): void {
    this.requester.close();
  }
}

/** @returns the directory of names */
export function checkOptions(options: ConnectionOptions): string | undefined {
  requireOptions(options);
  const { directory } = options;
  if (directory !== undefined) absolutePath('directory', directory);
  return directory;
}
