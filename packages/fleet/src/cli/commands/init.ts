/** `nlink-fleet init`: makes the streams, or checks them. */
import { quoted, safeJson, shown, UsageError } from '../../core.ts';
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
  const maxBytes: NonNullable<StreamOptions['maxBytes']> = {};
  for (const kind of ['heads', 'deltas', 'snapshots'] as const) {
    const size = sizeOf(options, `${kind}-size`);
    if (size !== null) maxBytes[kind] = size;
  }
  return {
    ...(shards !== undefined && { shards }),
    ...(replicas !== undefined && { replicas: Number(replicas) }),
    ...(storage !== undefined && { storage }),
    ...(Object.keys(maxBytes).length > 0 && { maxBytes }),
  };
}

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const LEAST = 64 * 1024;

/** `512K`, `64M`, `1.5G`: as the server takes them, powers of two. */
function sizeOf(options: Options, name: string): number | null {
  const text = options.get(name)?.[0];
  if (text === undefined) return null;
  const [, number, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)([KMGT])$/.exec(text.toUpperCase()) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit] ?? 1));
  if (bytes >= LEAST) return bytes;
  throw new UsageError(`--${name} must be a size such as 512K, 64M or 2G, not ${quoted(text)}`);
}

function lineOf({ stream, state, differences }: StreamReport): string {
  const words = differences.map(({ option, wanted, found }) => `${option}: ${found}, should be ${wanted}`);
  return `${shown(stream).padEnd(20)}  ${state}${words.length === 0 ? '' : `  ${words.map(String).join('; ')}`}\n`;
}
