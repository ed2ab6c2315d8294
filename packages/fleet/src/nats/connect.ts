/**
 * A connection that comes back by itself for ever, once it was there. As measured with the client
 * 3.4 (`@nats-io/transport-node`):
 *
 * | option                       | by default             | here  | why                           |
 * | ---------------------------- | ---------------------- | ----- | ----------------------------- |
 * | `maxReconnectAttempts`       | 10, then all just ends | -1    | an outage may be long         |
 * | `reconnectTimeWait`          | 2 s                    | 0.5 s | soon, and not all at once     |
 * | `pingInterval`, `maxPingOut` | 2 min, 2               | 5 s   | a dead path is told in 15 s   |
 * | `timeout` of a handshake     | 20 s                   | 4 s   | SYNs get seldom               |
 * | `ignoreAuthErrorAbort`       | ends at two refusals   | true  | users may be let in again     |
 * | `waitOnFirstConnect`         | false                  | false | it would never end            |
 *
 * The last one tries for ever, whatever other bound is set; so first attempts are made here.
 */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import {
  connect,
  credsAuthenticator,
  errors,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import type { Authenticator, NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { systemClock } from '../core.ts';
import { FleetError } from '../errors.ts';
import { PART_BYTES } from '../wire/snapshot.ts';
import { dial } from './dialing.ts';
import { withoutLeftSockets } from './left-sockets.ts';
import { checkNatsOptions } from './nats-options.ts';
import type { NatsOptions, NatsSettings } from './nats-options.ts';
import { withoutStrayErrors } from './socket-errors.ts';
import { checkTlsFiles, tlsAdvice, tlsOptions } from './tls.ts';

export type { Msg, NatsConnection } from '@nats-io/transport-node';

const RETRY = 500;
/** A part of a snapshot, and the line before it. */
const LEAST_PAYLOAD = PART_BYTES + 1024;

export interface ConnectTerms {
  /** By which the server's monitoring tells it from others. */
  name: string;
  /** Prefix of the subjects on which it is answered: its own, since nobody else may hear them. */
  inbox: string;
  /** For how many milliseconds to try at first. Default 0: each server once. */
  patience?: number | undefined;
  /** Ends the attempts, at once. */
  signal?: AbortSignal | undefined;
}

/**
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 * @throws FleetError `ERR_FLEET_CONNECT`: none was reached; `ERR_FLEET_PERMISSION`: not let in, or
 *   credentials or files of TLS that cannot be read
 * @throws AbortError (`ABORT_ERR`)
 */
export async function connectNats(options: NatsOptions, terms: ConnectTerms): Promise<NatsConnection> {
  const settings = checkNatsOptions(options);
  const authenticator = authenticatorOf(settings);
  checkTlsFiles(settings);
  const { signal } = terms;
  const end = systemClock.now() + (terms.patience ?? 0);
  for (;;) {
    try {
      const attempt = (): Promise<NatsConnection> => connect(clientOptions(settings, authenticator, terms));
      const connection = await dial(attempt, (late) => void late.close(), signal);
      return await roomy(withoutLeftSockets(withoutStrayErrors(connection)));
    } catch (error) {
      if (error instanceof FleetError || signal?.aborted === true) throw error;
      if (isRefusal(error)) throw refusal(settings, error);
      if (systemClock.now() >= end) throw unreachable(settings, error);
    }
    await setTimeout(RETRY * (1 + Math.random()), undefined, { signal });
  }
}

const clientOptions = (
  settings: NatsSettings,
  authenticator: Authenticator | null,
  { name, inbox }: ConnectTerms,
): NodeConnectionOptions => ({
  ...tlsOptions(settings),
  servers: settings.servers,
  name,
  inboxPrefix: inbox,
  maxReconnectAttempts: -1,
  reconnectTimeWait: RETRY,
  reconnectJitter: RETRY,
  reconnectJitterTLS: 2 * RETRY,
  pingInterval: 5000,
  maxPingOut: 2,
  timeout: 4000,
  ignoreAuthErrorAbort: true,
  noAsyncTraces: true,
  ...(authenticator !== null && { authenticator }),
});

/** @throws FleetError `ERR_FLEET_PERMISSION` */
function authenticatorOf({ credentials, nkey, login, token }: NatsSettings): Authenticator | null {
  if (login !== null) return usernamePasswordAuthenticator(login.user, login.password);
  if (token !== null) return tokenAuthenticator(token);
  const path = credentials ?? nkey;
  if (path === null) return null;
  const authenticator =
    credentials === null
      ? nkeyAuthenticator(() => Buffer.from(readFileSync(path, 'latin1').trim()))
      : credsAuthenticator(() => readFileSync(path));
  // In the client an error of it closes the connection, and nobody is told why.
  try {
    authenticator('nonce');
  } catch (cause) {
    const why = (cause as Error).message;
    throw new FleetError('ERR_FLEET_PERMISSION', `cannot use the credentials in ${path}: ${why}`, { cause });
  }
  return authenticator;
}

const isRefusal = (error: unknown): boolean =>
  error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;

const refusal = ({ servers }: NatsSettings, cause: unknown): FleetError =>
  new FleetError(
    'ERR_FLEET_PERMISSION',
    `${servers.join(', ')}: not let in (${(cause as Error).message}); check the user, or its credentials`,
    { cause },
  );

const unreachable = (settings: NatsSettings, cause: unknown): FleetError =>
  new FleetError(
    'ERR_FLEET_CONNECT',
    `${settings.servers.join(', ')}: no NATS server was reached (${(cause as Error).message})${tlsAdvice(settings, cause)}`,
    { cause },
  );

/** @throws FleetError `ERR_FLEET_CONNECT` */
async function roomy(connection: NatsConnection): Promise<NatsConnection> {
  const most = connection.info?.max_payload ?? 0;
  if (most >= LEAST_PAYLOAD) return connection;
  await connection.close();
  throw new FleetError(
    'ERR_FLEET_CONNECT',
    `${connection.getServer()} takes messages of ${most} bytes at most; its max_payload must be at least ${LEAST_PAYLOAD}`,
  );
}
