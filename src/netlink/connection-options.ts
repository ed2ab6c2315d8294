/** The options of `Connection`, and of the questions that it asks. */
import type { NamespaceReference } from '../reference/reference.ts';
import type { SocketLocation } from './raw-socket.ts';

/** Options of `Connection.open`. */
export interface ConnectionOptions extends SocketLocation {
  /**
   * The network namespace to ask in: nsids are those of its table. Default: that of this process.
   * Another one needs CAP_SYS_ADMIN.
   */
  namespace?: NamespaceReference | undefined;
  /** Where names are looked for. Default `/var/run/netns`. */
  directory?: string | undefined;
}

/** Options of `Connection.listNsids`. */
export interface ListNsidsOptions {
  /**
   * The nsid of another namespace, to list the nsids of its table (Linux 5.0). Needs CAP_NET_ADMIN
   * in its user namespace.
   */
  target?: number | undefined;
  /**
   * Nsids that may be assigned. They are asked for one by one where the kernel's list may be cut
   * off. Not with a `target`.
   */
  known?: Iterable<number> | undefined;
}
