/** What a link watcher is given, and what it tells. Types only. */
import type { RawSocket } from '../../netlink/raw-socket.ts';
import type { LinkView } from './link-node.ts';
import type { LinkChange } from './link-publisher.ts';

/** What a link watcher works with. */
export interface LinkSockets {
  /** One to ask by. */
  asker: RawSocket;
  /** One to listen by, in the same namespace. */
  listener: RawSocket;
}

export interface LinkWatcherOptions {
  /** Called with the nsid of a namespace that was found by a link. @returns what to call it */
  discover: (nsid: number) => number | null;
  /** Whether an nsid is that of the sockets' own namespace. */
  isSelf: (nsid: number) => boolean;
  /** Which links are told of. */
  isVisible: (view: LinkView) => boolean;
  /** What stands for the sockets' own namespace; null: nobody asks for that. */
  self: number | null;
  /** Whether to hear of all namespaces. */
  all: boolean;
}

/** What a link watcher tells. */
export type LinkNotice = LinkChange | { type: 'resynced' };
