/**
 * What happened on a host: events as `nlink watch --json` has them, in the order in which they were
 * told, each with its number: `first`, and one more for each after it. Packed where it is long.
 */
import { array, count, epochOf } from './fields.ts';
import type { WireEvent } from '../core.ts';
import { requireVersion, VERSION } from './head.ts';
import { malformed, packed, parsed, unpacked } from './payload.ts';

/** Of one message; the JSON of its events. */
const MOST: { readonly events: number; readonly bytes: number } = {
  events: 4096,
  bytes: 4 * 1024 * 1024,
};

/** What happened on a host. */
export interface Delta {
  /** Of the start of its agent. */
  epoch: string;
  /** The number of the first of them. */
  first: number;
  /** At least one. */
  events: readonly WireEvent[];
}

/** @param events each as JSON */
export const encodeDelta = (epoch: string, first: number, events: readonly string[]): Buffer =>
  packed(`{"v":${VERSION},"epoch":"${epoch}","first":${first},"events":[${events.join(',')}]}`);

/** @throws FleetError `ERR_FLEET_MALFORMED` */
export function decodeDelta(bytes: Uint8Array): Delta {
  const fields = parsed(unpacked(bytes, 2 * MOST.bytes));
  requireVersion(fields);
  const events = array(fields, 'events', MOST.events);
  if (events.length === 0 || !events.every(isEvent)) throw malformed('events, at least one');
  return { epoch: epochOf(fields), first: count(fields, 'first'), events: events as WireEvent[] };
}

export const isEvent = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as WireEvent).type === 'string' &&
  typeof (value as WireEvent).time === 'string';
