/** What a command works with: the process's own, or a test's. */
import type { Writable } from 'node:stream';
import type { FleetAgentOptions } from '../../agent/agent-options.ts';
import type { AgentNotice } from '../../agent/notices.ts';
import type { NatsOptions } from '../../nats/nats-options.ts';
import type { StreamOptions, StreamReport } from '../../nats/streams.ts';
import type { FleetWatcherOptions } from '../../reader/fleet-types.ts';
import type { ServeFleetOptions } from '../../serve/serve-fleet-options.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import type { ServingFleet } from '../../serve/serving-fleet.ts';
import type { HttpTransport, HttpTransportOptions } from '../../transport/http/http-transport.ts';
import type { NatsTransportOptions } from '../../transport/nats/nats-transport.ts';
import type { FleetTransport } from '../../transport/transport.ts';

/** By which a user asks to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What is watched on this host, and by which words it is told. */
interface AgentStart extends Omit<FleetAgentOptions, 'watcher' | 'onNotice'> {
  directories: readonly [string, ...string[]] | null;
  links: boolean;
  onNotice: (notice: AgentNotice) => void;
}

interface RunningAgent {
  ended: Promise<Error | null>;
  stop(): Promise<void>;
}

export interface Io {
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  /** With --quiet: no notes on stderr. */
  quiet?: boolean;
  env: NodeJS.ProcessEnv;
  /** A whole file as text. @throws SystemError */
  readFile: (path: string) => Promise<string>;
  natsTransport: (options: NatsTransportOptions) => Promise<FleetTransport>;
  httpTransport: (options: HttpTransportOptions) => Promise<HttpTransport>;
  openWatcher: (options: FleetWatcherOptions) => Promise<FleetWatcher>;
  /** @param isMaking whether those that are missing are made */
  streams: (nats: NatsOptions, options: StreamOptions, isMaking: boolean) => Promise<StreamReport[]>;
  startAgent: (start: AgentStart) => Promise<RunningAgent>;
  /** The key of this host. @throws FleetError `ERR_FLEET_NO_IDENTITY` */
  hostKey: (given: string | undefined) => Promise<string>;
  serve: (source: FleetWatcher, options: ServeFleetOptions) => Promise<ServingFleet>;
  /**
   * Calls `listener` when the user asks to stop (SIGINT, SIGTERM or SIGHUP); a second time ends at
   * once, unless the first was taken as something else (`goes on`).
   * @returns stops listening
   */
  onStop: (listener: (signal: StopSignal) => void | 'goes on') => () => void;
  /** Calls `listener` when nobody reads stdout any more. @returns stops listening */
  onReaderGone: (listener: () => void) => () => void;
  /** Calls back once, after so many milliseconds. @returns forgets it */
  after: (milliseconds: number, callback: () => void) => () => void;
}
