/** Which streams of deltas there are, where nobody has said. */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { deltasLane, isShard, streamOf } from '../../wire/subjects.ts';
import { answerOf } from './answers.ts';
import { API_TIMEOUT } from './jetstream-store.ts';

const PREFIX = streamOf(deltasLane(''));

/** @throws FleetError where the server refuses */
export async function listShards(nc: NatsConnection): Promise<string[]> {
  try {
    const jsm = await jetstreamManager(nc, { timeout: API_TIMEOUT, checkAPI: false });
    const names: string[] = [];
    for await (const name of jsm.streams.names('nlink.delta.>')) names.push(name);
    return names
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length))
      .filter(isShard)
      .sort();
  } catch (error) {
    throw answerOf(error, `${PREFIX}*`) ?? error;
  }
}
