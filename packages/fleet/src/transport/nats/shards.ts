/** Which streams of deltas there are, where nobody has said. */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { FleetError } from '../../errors.ts';
import { deltasLane, isShard, streamOf } from '../../wire/subjects.ts';
import { answerOf, missing } from './answers.ts';
import { API_TIMEOUT } from './jetstream-store.ts';

const PREFIX = streamOf(deltasLane(''));

/**
 * @returns at least one
 * @throws FleetError `ERR_FLEET_STREAM_MISSING`, `ERR_FLEET_PERMISSION`, `ERR_FLEET_NO_JETSTREAM`
 */
export async function listShards(nc: NatsConnection): Promise<string[]> {
  const names: string[] = [];
  try {
    const jsm = await jetstreamManager(nc, { timeout: API_TIMEOUT, checkAPI: false });
    for await (const name of jsm.streams.names()) names.push(name);
  } catch (error) {
    const answer = answerOf(error, `${PREFIX}*`) ?? error;
    if (answer instanceof FleetError && answer.code === 'ERR_FLEET_PERMISSION')
      throw new FleetError(answer.code, `${answer.message}; give the shards, or allow to list streams`, {
        cause: error,
      });
    throw answer;
  }
  const shards = names
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
    .filter(isShard);
  if (shards.length === 0) throw missing(`${PREFIX}SHARD`);
  return shards.sort();
}
