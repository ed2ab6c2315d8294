/**
 * The streams, which an admin makes: agents and readers only use them.
 *
 * | stream               | keeps                             | where it is full       |
 * | -------------------- | --------------------------------- | ---------------------- |
 * | `nlink-heads`        | the last of each subject, 30 days | what is new is refused |
 * | `nlink-snapshots`    | the last of each subject, 30 days | what is new is refused |
 * | `nlink-deltas-SHARD` | all, 10 minutes                   | the oldest go          |
 *
 * A roll-up header is not heeded, since by one a host could remove what all others have: the server
 * checks no permission for it. Nor are those headers of newer servers by which a message is more
 * than kept. Where the first two are full the new is refused, lest one host push out another.
 *
 * Purging stays allowed: so an admin removes a host that is no more. Its `max_age` is how a host
 * that is never heard of again, and the markers of readers, go by themselves.
 *
 * A stream that is there is never changed: what differs is told, and the admin decides.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isNameInUse, isStreamMissing, jetStreamError } from './jetstream-error.ts';
import { differences, wantedStreams } from './stream-config.ts';
import type { Difference, Wanted } from './stream-config.ts';
import { checkStreamOptions } from './stream-options.ts';
import type { StreamOptions } from './stream-options.ts';

export type { StreamOptions } from './stream-options.ts';

export interface StreamReport {
  stream: string;
  /** `made`: just now. `differs`: it is there, and is not as it is needed. */
  state: 'made' | 'right' | 'missing' | 'differs';
  differences: Difference[];
}

/**
 * How the streams are; changes nothing.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 * @throws FleetError `ERR_FLEET_NO_JETSTREAM`, `ERR_FLEET_PERMISSION`, `ERR_FLEET_CONNECT`,
 *   `ERR_FLEET_REFUSED`
 */
export const checkStreams = (
  connection: NatsConnection,
  options: StreamOptions = {},
): Promise<StreamReport[]> => each(connection, options, false);

/**
 * Makes those that are missing; changes none that is there.
 * @throws as {@link checkStreams}; `ERR_FLEET_REFUSED` where the server has no room for one
 */
export const makeStreams = (
  connection: NatsConnection,
  options: StreamOptions = {},
): Promise<StreamReport[]> => each(connection, options, true);

async function each(
  connection: NatsConnection,
  options: StreamOptions,
  isMaking: boolean,
): Promise<StreamReport[]> {
  const wanted = wantedStreams(checkStreamOptions(options));
  const manager = await managerOf(connection);
  const reports: StreamReport[] = [];
  for (const stream of wanted) {
    const report = await check(manager, stream);
    reports.push(report.state === 'missing' && isMaking ? await make(manager, stream) : report);
  }
  return reports;
}

async function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection);
  } catch (error) {
    throw jetStreamError('asking for JetStream', error);
  }
}

async function check(manager: JetStreamManager, wanted: Wanted): Promise<StreamReport> {
  const stream = wanted.config.name;
  try {
    const { config } = await manager.streams.info(stream);
    const found = differences(wanted, config);
    return { stream, state: found.length === 0 ? 'right' : 'differs', differences: found };
  } catch (error) {
    if (isStreamMissing(error)) return { stream, state: 'missing', differences: [] };
    throw jetStreamError(`looking at the stream ${stream}`, error);
  }
}

/** Two admins at once: who comes second finds what the first has made. */
async function make(manager: JetStreamManager, wanted: Wanted): Promise<StreamReport> {
  const stream = wanted.config.name;
  try {
    // A copy: the client (3.4) writes into what it is given.
    const { config } = await manager.streams.add({ ...wanted.config });
    const found = differences(wanted, config);
    return { stream, state: found.length === 0 ? 'made' : 'differs', differences: found };
  } catch (error) {
    if (isNameInUse(error)) return check(manager, wanted);
    throw jetStreamError(`making the stream ${stream}`, error);
  }
}
