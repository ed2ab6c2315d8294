/**
 * The fleet without a broker: the events of several `nlink serve`, each followed by itself.
 *
 * A host is told by one connection, so its heads, deltas and snapshots come in one order, and
 * nothing is ever under way besides: a barrier is passed at once.
 *
 * | connection | means                                                              |
 * | ---------- | ------------------------------------------------------------------ |
 * | connecting | of some servers it is not known yet whether they answer, for 12 s  |
 * | live       | one of them, at least, is followed; the others are late in time    |
 * | stale      | none is                                                            |
 */
import { invalidArgument, requireOptions, systemClock } from '../../core.ts';
import { FleetError } from '../../errors.ts';
import type { Head } from '../../wire/head.ts';
import type { FleetTransport, TransportTarget } from '../transport.ts';
import { HostStream } from './host-stream.ts';
import { endpointsOf } from './http-hosts.ts';
import type { Endpoint, HttpHost } from './http-hosts.ts';
import { httpStreams } from './open-stream.ts';
import type { StreamFault } from './open-stream.ts';

/** A server, and what is wrong with it; null: nothing, it is followed. */
export interface HostNote {
  /** That of the host. */
  key: string;
  /** As it is called in the list. */
  name: string;
  /** Of its server. */
  url: string;
  /** Null: it is followed. */
  fault: StreamFault | null;
}

/** Options of {@link httpTransport}. */
export interface HttpTransportOptions {
  /** At least one, each once. */
  hosts: readonly HttpHost[];
  /** Certificates in PEM that are trusted for `https:`, instead of the system's. */
  ca?: string | undefined;
  /** Called when a server is followed, and when it no longer is, with the reason. May not throw. */
  onHost?: ((note: HostNote) => void) | undefined;
}

/** A transport over servers of single hosts, which may be others later. */
export interface HttpTransport extends FleetTransport {
  /**
   * From now on these. What is the same goes on; what is no longer there says goodbye.
   * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`: then nothing is different
   */
  setHosts(hosts: readonly HttpHost[]): void;
}

/** Until it is known whether all answer: longer than one waits for an answer. */
const SETTLING = 12_000;
const MOST_REASONS = 3;
/** Characters of what is wrong: some of it are the server's own. */
const MOST_TEXT = 240;
const HOUR = 3_600_000;

/**
 * A {@link FleetTransport} over `GET /v1/events` of several `nlink serve`.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  requireOptions(options);
  const { ca, onHost = () => {} } = options;
  if (ca !== undefined && typeof ca !== 'string') throw invalidArgument('ca', 'PEM as a text', ca);
  if (typeof onHost !== 'function') throw invalidArgument('onHost', 'a function', onHost);
  return new Transport(checked(options.hosts), ca, onHost);
}

function checked(hosts: unknown): Endpoint[] {
  const endpoints = endpointsOf(hosts);
  if (endpoints.length === 0) throw invalidArgument('hosts', 'at least one host', []);
  return endpoints;
}

class Transport implements HttpTransport {
  #endpoints: readonly Endpoint[];
  readonly #ca: string | undefined;
  readonly #onHost: (note: HostNote) => void;
  #target: TransportTarget | null = null;
  readonly #streams = new Map<string, HostStream>();
  /** Null: it is followed. Those of which nothing is known are not here. */
  readonly #faults = new Map<string, StreamFault | null>();
  /** Whether they were waited for. */
  #isSettled = false;
  #settle: () => void = () => {};
  #isLive: boolean | null = null;
  /** While all wait to try again there is no socket that would keep the process alive. */
  #alive: NodeJS.Timeout | null = null;

  constructor(endpoints: readonly Endpoint[], ca: string | undefined, onHost: (note: HostNote) => void) {
    this.#endpoints = endpoints;
    this.#ca = ca;
    this.#onHost = onHost;
  }

  async start(target: TransportTarget): Promise<void> {
    this.#target = target;
    this.#alive = setInterval(() => {}, HOUR);
    target.connection('connecting', null);
    for (const endpoint of this.#endpoints) this.#add(endpoint);
    await new Promise<void>((resolve) => {
      // Not the clock's: this one keeps the process alive.
      const timer = setTimeout(resolve, SETTLING);
      this.#settle = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#check();
    });
    if (this.#target === null) return;
    this.#isSettled = true;
    const fault = this.#noneAnswers();
    if (fault !== null) {
      await this.stop();
      throw fault;
    }
    for (const stream of this.#streams.values()) stream.tellUnreached();
    this.#check();
  }

  ask(key: string): void {
    this.#streams.get(key)?.ask();
  }

  barrier(_: string, done: () => void): void {
    queueMicrotask(done);
  }

  setHosts(hosts: readonly HttpHost[]): void {
    const endpoints = checked(hosts);
    this.#endpoints = endpoints;
    const after = new Map(endpoints.map((endpoint) => [endpoint.key, endpoint]));
    const told = new Map([...this.#streams].map(([key, stream]) => [key, stream.told]));
    for (const [key, stream] of this.#streams) {
      if (JSON.stringify(after.get(key)) === JSON.stringify(stream.endpoint)) continue;
      // The same host, asked in another way, does not say goodbye.
      stream.stop(!after.has(key));
      this.#streams.delete(key);
      this.#faults.delete(key);
    }
    for (const endpoint of endpoints)
      if (!this.#streams.has(endpoint.key)) this.#add(endpoint, told.get(endpoint.key));
    this.#check();
  }

  async stop(): Promise<void> {
    this.#target = null;
    clearInterval(this.#alive ?? undefined);
    for (const stream of this.#streams.values()) stream.stop();
    this.#streams.clear();
    this.#settle();
  }

  #add(endpoint: Endpoint, told: Head | null = null): void {
    const { key, name, url, token } = endpoint;
    const target = this.#target;
    if (target === null) return;
    const stream = new HostStream({
      endpoint,
      target,
      told,
      open: httpStreams(this.#ca),
      clock: systemClock,
      random: Math.random,
      date: Date.now,
      onState: (told) => {
        const fault = told === null ? null : shownFault(told, token);
        const before = this.#faults.get(key);
        this.#faults.set(key, fault);
        const isSame = before !== undefined && before?.kind === fault?.kind;
        if (!isSame || before?.message !== fault?.message) this.#onHost({ key, name, url, fault });
        if (this.#isSettled && fault !== null) stream.tellUnreached();
        this.#check();
      },
    });
    this.#streams.set(key, stream);
    stream.start();
  }

  /** Says what is so, if it was not so before. */
  #check(): void {
    if (!this.#isSettled) {
      if ([...this.#streams.keys()].every((key) => this.#faults.has(key))) this.#settle();
      return;
    }
    const fault = this.#noneAnswers();
    if (this.#isLive === (fault === null)) return;
    this.#isLive = fault === null;
    this.#target?.connection(this.#isLive ? 'live' : 'stale', fault?.message ?? null);
  }

  #noneAnswers(): FleetError | null {
    if ([...this.#faults.values()].includes(null)) return null;
    const all = [...this.#streams].map(([key, { endpoint }]) => {
      return `${endpoint.name}: ${this.#faults.get(key)?.message ?? 'no answer'}`;
    });
    const more = all.length > MOST_REASONS ? `; and ${all.length - MOST_REASONS} more` : '';
    const reasons = `${all.slice(0, MOST_REASONS).join('; ')}${more}`;
    return new FleetError('ERR_FLEET_CONNECT', `no server answers (${reasons})`);
  }
}

/** What answers may be anything, and may repeat what it was asked with. */
const shownFault = ({ kind, message }: StreamFault, token: string | null): StreamFault => ({
  kind,
  message: (token === null ? message : message.replaceAll(token, '…')).slice(0, MOST_TEXT),
});
