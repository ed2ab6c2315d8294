/** `nlink-fleet init`: makes the streams, or checks them. */
import { safeJson, shown, UsageError } from '../../core.ts';
import type { Options } from '../../core.ts';
import type { StreamOptions, StreamReport } from '../../nats/streams.ts';
import { natsOptions } from '../connection.ts';
import { note } from '../output/notes.ts';
import { print } from '../output/print.ts';
import type { Run } from '../command-run.ts';

export const init: Run = async ({ options }, io) => {
  const isMaking = !options.has('check');
  const reports = await io.streams(await natsOptions(options, io), streamOptions(options), isMaking);
  const text = options.has('json')
    ? reports.map((report) => `${safeJson(report)}\n`).join('')
    : reports.map(lineOf).join('');
  await print(text, io);
  const isDifferent = reports.some(({ state }) => state === 'differs');
  const isMissing = reports.some(({ state }) => state === 'missing');
  if (isDifferent)
    note(
      'streams that differ are left as they are: nats stream edit, or rm and init again (agents send all anew)',
      io,
    );
  if (isMissing) note('nlink-fleet init, without --check, makes those that are missing', io);
  if (reports.some(({ state }) => state === 'made'))
    note('next: nlink-fleet permissions prints who may do what; nlink-fleet agent on each host', io);
  return isDifferent || isMissing ? 1 : 0;
};

function streamOptions(options: Options): StreamOptions {
  const shards = options.get('shard');
  const replicas = options.get('replicas')?.[0];
  const storage = options.get('storage')?.[0];
  if (replicas !== undefined && !/^[135]$/.test(replicas))
    throw new UsageError(`--replicas must be 1, 3 or 5, not ${shown(replicas)}`);
  if (storage !== undefined && storage !== 'file' && storage !== 'memory')
    throw new UsageError(`--storage must be file or memory, not ${shown(storage)}`);
  return {
    ...(shards !== undefined && { shards }),
    ...(replicas !== undefined && { replicas: Number(replicas) }),
    ...(storage !== undefined && { storage }),
  };
}

function lineOf({ stream, state, differences }: StreamReport): string {
  const words = differences.map(({ option, wanted, found }) => `${option}: ${found}, should be ${wanted}`);
  return `${shown(stream).padEnd(20)}  ${state}${words.length === 0 ? '' : `  ${words.map(String).join('; ')}`}\n`;
}
