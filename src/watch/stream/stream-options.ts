/** Checks the options that every watcher has, and options of simple types. */
import { invalidArgument, requireOptions } from '../../errors.ts';
import type { StreamSettings } from './event-stream.ts';

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function streamSettings(options: { bufferSize?: unknown; signal?: unknown }): StreamSettings {
  requireOptions(options);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument('signal', 'an AbortSignal', signal);
  }
  return { bufferSize: integer('bufferSize', options.bufferSize, 100, 1, 2 ** 20), signal };
}

// Only undefined is the default: null says that the caller looked for a value and has none.
export function integer(
  name: string,
  value: unknown,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidArgument(name, `a whole number from ${least} to ${most}`, value);
}

export function boolean(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw invalidArgument(name, 'true or false', value);
}
