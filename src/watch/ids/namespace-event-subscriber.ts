/** `NamespaceEventSubscriber`: the public face of the engine that watches nsids. */
import { abortError } from '../../errors.ts';
import { waking } from '../../sys/poll-support.ts';
import { netlinkSystem } from '../../sys/socket.ts';
import { systemClock } from '../stream/clock.ts';
import { EventStream } from '../stream/event-stream.ts';
import { NsidEngine } from './nsid-engine.ts';
import type { SubscriberIo } from './nsid-engine.ts';
import type {
  NamespaceEventSubscriberOptions,
  NamespaceEventSubscriberStats,
  NamespaceIdEvent,
} from './nsid-events.ts';
import { checkSubscriberOptions } from './nsid-options.ts';
import type { SubscriberSettings } from './nsid-options.ts';

const realIo = (): SubscriberIo => ({ system: waking(netlinkSystem()), clock: systemClock });

/**
 * Emits an event when the kernel assigns an nsid to a network namespace, and when it removes one,
 * which it does when it has freed the namespace. For each nsid `newNsid` and `delNsid` strictly
 * alternate, whatever the order of the kernel's notifications. Nothing is emitted twice, and no
 * event is lost silently: after a loss the differences are emitted, then `resynced`.
 *
 * ```ts
 * const subscriber = await NamespaceEventSubscriber.open();
 * for await (const event of subscriber) {
 *   if (event.type === 'delNsid') console.log('gone:', event.nsid);
 * }
 * ```
 *
 * A namespace has an nsid only if somebody asked for one (`ip netns set`, `Connection.setNsid`, a
 * veth pair across namespaces). `ip netns add` alone assigns none, and the kernel does not report
 * the end of a namespace without an nsid. See docs/nsids.md.
 *
 * Needs no privilege and changes nothing. Needs Linux 4.1. Since Linux 5.0, each `delNsid` is
 * checked before it is emitted.
 */
export class NamespaceEventSubscriber extends EventStream<NamespaceIdEvent> {
  readonly #engine: NsidEngine;

  private constructor(settings: SubscriberSettings, engine: NsidEngine) {
    super(settings, (wake) => engine.start(wake));
    this.#engine = engine;
  }

  /**
   * Starts to listen. Nsids that are assigned already cause no event; {@link nsids} has them.
   *
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`,
   *   `ERR_NLINK_UNSUPPORTED_KERNEL` (before Linux 4.1), `ERR_NLINK_NETLINK_UNAVAILABLE` (a sandbox
   *   forbids netlink), `ERR_NLINK_NO_RETURN` and `ERR_NLINK_NOT_A_NAMESPACE` (with `namespace`),
   *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
   * @throws SystemError `EPERM` (`namespace` without CAP_SYS_ADMIN, `allNamespaces` without
   *   CAP_NET_BROADCAST), `ENOENT`, `EACCES`, `EMFILE`
   * @throws AbortError (`ABORT_ERR`) `signal` was aborted already
   */
  static async open(
    options: NamespaceEventSubscriberOptions = {},
    io?: SubscriberIo,
  ): Promise<NamespaceEventSubscriber> {
    const settings = checkSubscriberOptions(options);
    if (settings.signal?.aborted === true) throw abortError(settings.signal);
    const engine = await NsidEngine.open(io ?? realIo(), settings);
    try {
      return new NamespaceEventSubscriber(settings, engine);
    } catch (error) {
      // Aborted meanwhile.
      await engine.close();
      throw error;
    }
  }

  /**
   * The nsids that are assigned in the namespace that is listened in, ascending. This is the live
   * state: it includes events that still wait for the consumer. Right after {@link open}, it is
   * what the events start from.
   */
  nsids(): number[] {
    return [...this.#engine.known].sort((a, b) => a - b);
  }

  /** Counters since the start. */
  stats(): NamespaceEventSubscriberStats {
    return { ...this.streamStats, ...this.#engine.counters };
  }
}
