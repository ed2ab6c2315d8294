/**
 * What the page needs from the server of a fleet, kept up to date. The stream is that of the
 * core's page (page-stream.ts), with the hosts that are open in its address: when these change it
 * is opened anew from where it is, so that the list of hosts is not told again.
 */
import { PageStream } from '../../../../../src/page/model/page-stream.ts';
import type { ConnectionState, Source, StreamIo } from '../../../../../src/page/model/page-stream.ts';
import type {
  FleetMessage,
  FleetSnapshot,
  HeardMessage,
  HostEventsMessage,
  HostSnapshotMessage,
} from './fleet-types.ts';
import { Hosts } from './hosts.ts';
import { OpenHosts } from './open-hosts.ts';

export interface Connection {
  readonly state: ConnectionState;
  /** Since when: milliseconds since 1970. */
  readonly since: number | null;
}

export interface FleetTarget {
  /** Something is another. */
  changed(): void;
  /** Something has happened to hosts or the connection. */
  told(messages: readonly FleetMessage[]): void;
}

/** So many at once: the server takes no more on one stream, nor a longer address. */
const MOST_OPEN = 16;
const LONGEST = 1500;
/** Several are opened and closed at once, as by an address. */
const SOON = 50;

export class FleetClient {
  readonly hosts: Hosts = new Hosts();
  readonly open: OpenHosts = new OpenHosts();
  readonly #io: StreamIo;
  readonly #target: FleetTarget;
  readonly #stream: PageStream;
  #connection: Connection = { state: 'connecting', since: null };
  #last: Source | null = null;
  #reopening: (() => void) | null = null;
  #going: (() => void) | null = null;

  constructor(io: StreamIo, target: FleetTarget) {
    this.#io = io;
    this.#target = target;
    const through: StreamIo = {
      now: () => io.now(),
      after: (milliseconds, callback) => io.after(milliseconds, callback),
      random: () => io.random(),
      open: (url) => this.#source(url),
      status: () => io.status('/v1/search'),
    };
    this.#stream = new PageStream(through, {
      snapshot: (snapshot) => {
        this.hosts.snapshot(snapshot as unknown as FleetSnapshot, io.now());
        this.#changed();
      },
      events: (events) => {
        const messages = events as unknown as FleetMessage[];
        for (const message of messages) this.hosts.message(message, io.now());
        target.told(messages);
        this.#changed();
      },
      state: (state, since) => {
        this.#connection = { state, since: state === 'live' ? null : since };
        this.#changed();
      },
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  start(): void {
    this.#stream.start();
  }

  visible(isVisible: boolean): void {
    this.#stream.visible(isVisible);
  }

  /** @returns false: too many are open */
  unfold(id: string): boolean {
    if (this.open.has(id)) return true;
    const { ids } = this.open;
    if (ids.length >= MOST_OPEN || [...ids, id].join().length > LONGEST) return false;
    this.open.open(id);
    this.#reopenSoon();
    return true;
  }

  fold(id: string): void {
    if (!this.open.has(id)) return;
    this.open.close(id);
    this.#reopenSoon();
  }

  #reopenSoon(): void {
    if (this.#reopening !== null) return;
    this.#reopening = this.#io.after(SOON, () => {
      this.#reopening = null;
      this.#stream.reopen();
    });
  }

  #source(url: string): Source {
    const { ids } = this.open;
    const open = ids.length === 0 ? '' : `${url.includes('?') ? '&' : '?'}open=${ids.join(',')}`;
    const source = this.#io.open(`${url}${open}`);
    this.#last = source;
    const on = (type: string, take: (message: unknown, now: number) => void): void =>
      source.addEventListener(type, ({ data = '' }) => {
        if (this.#last !== source) return;
        take(JSON.parse(data), this.#io.now());
        this.#changed();
      });
    on('heard', (message, now) => this.hosts.heard(message as HeardMessage, now));
    on('hostSnapshot', (message, now) => this.open.snapshot(message as HostSnapshotMessage, now));
    on('hostEvents', (message, now) => this.open.events(message as HostEventsMessage, now));
    return source;
  }

  #changed(): void {
    this.#expire();
    this.#target.changed();
  }

  #expire(): void {
    const { due } = this.open;
    if (due === null || this.#going !== null) return;
    this.#going = this.#io.after(Math.max(0, due - this.#io.now()), () => {
      this.#going = null;
      if (this.open.tick(this.#io.now())) this.#target.changed();
      this.#expire();
    });
  }
}
