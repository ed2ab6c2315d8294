/**
 * `NamespaceEventSubscriber`: the public face of the engine that watches namespace ids.
 */
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
 * Tells when the kernel assigns an id to a network namespace, and when it removes one, which it
 * does when it has freed the namespace. For each id `newNsid` and `delNsid` strictly alternate,
 * whatever order the kernel tells them in; nothing is told twice; no event is lost in silence:
 * after a loss what differs is told, and then `resynced`.
 *
 * ```ts
 * const subscriber = await NamespaceEventSubscriber.open(); for await (const event of subscriber)
 * if (event.type === 'delNsid') console.log('gone:', event.nsid);
 * ```
 *
 * A namespace has an id only if somebody asked for one (`ip netns set`, `Connection.setNsid`, a
 * veth pair across namespaces): `ip netns add` alone assigns none, and the end of a namespace
 * without an id is not told. See docs/nsids.md.
 *
 * Needs no privilege, changes nothing. Linux 4.1 or later; since 5.0 each `delNsid` is checked
 * before it is told.
 */
export class NamespaceEventSubscriber extends EventStream<NamespaceIdEvent> {
  readonly #engine: NsidEngine;

  private constructor(settings: SubscriberSettings, engine: NsidEngine) {
    super(settings, (wake) => engine.start(wake));
    this.#engine = engine;
  }

  /**
   * Starts to listen. Ids that are assigned already are not told; {@link nsids} has them.
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
   * The ids that are assigned in the namespace that is listened in, ascending: the live state, with
   * all events, those included that still wait for the consumer. Taken right after {@link open}, it
   * is what the events go on from.
   */
  nsids(): number[] {
    return [...this.#engine.known].sort((a, b) => a - b);
  }

  /** Counters since the start. */
  stats(): NamespaceEventSubscriberStats {
    return { ...this.streamStats, ...this.#engine.counters };
  }
}
