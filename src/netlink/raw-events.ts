/**
 * The kernel's notifications of nsids for one consumer, word for word: nothing is read
 * before it is asked for, so that what nobody takes waits in the kernel and not here.
 */
import { NlinkError } from '../errors.ts';
import { NsidGroupReader, RECEIVE_BUFFER } from './nsid-group-reader.ts';
import type { NsidLoss } from './nsid-group-reader.ts';
import type { NsidEvent } from './nsid-event.ts';
import type { RawSocket } from './raw-socket.ts';
import { PullReader } from './pull-reader.ts';

/**
 * Notifications were lost between the event before and the one after: what is assigned has to be
 * asked for again.
 */
export interface OverrunEvent {
  type: 'overrun';
  /** The receive buffer was full (`overflow`), or a notification could not be read. */
  reason: NsidLoss;
}

/** What a `Connection` yields after `subscribeNamespaceEvents`. */
export type NamespaceNetlinkEvent = NsidEvent | OverrunEvent;

export class RawEvents {
  readonly #socket: RawSocket;
  readonly #receiver: PullReader<NamespaceNetlinkEvent>;
  #notifications: NsidGroupReader | null = null;

  /** Takes over the socket. */
  constructor(socket: RawSocket) {
    this.#socket = socket;
    this.#receiver = new PullReader(socket, () => this.tryRecv());
  }

  /** @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`, `ERR_NLINK_CLOSED` */
  subscribe(): void {
    this.#notifications ??= new NsidGroupReader(this.#socket, RECEIVE_BUFFER, false);
  }

  recv(): Promise<NamespaceNetlinkEvent | undefined> {
    return this.#receiver.recv();
  }

  tryRecv(): NamespaceNetlinkEvent | undefined {
    if (this.#socket.closed) return undefined;
    const notifications = this.#subscribed;
    const event = notifications.next();
    if (event !== null) return event;
    const reason = notifications.takeLoss();
    return reason === null ? undefined : { type: 'overrun', reason };
  }

  ref(): void {
    this.#receiver.ref();
  }

  unref(): void {
    this.#receiver.unref();
  }

  close(): void {
    this.#notifications?.close();
    this.#receiver.close();
  }

  get #subscribed(): NsidGroupReader {
    if (this.#notifications !== null) return this.#notifications;
    throw new NlinkError(
      'ERR_NLINK_CONSUMER',
      'this connection is not subscribed to namespace events: call subscribeNamespaceEvents() first',
    );
  }
}
