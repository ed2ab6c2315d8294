/** What the server, or the client for it, answered to a reader: an error that says what to do. */
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { FleetError } from '../../errors.ts';
import { isStreamMissing, violationOf } from '../../nats/jetstream-error.ts';

/** @returns null: it is no answer, as a timeout */
export function answerOf(error: unknown, stream: string): FleetError | null {
  const violation = violationOf(error);
  if (violation !== null)
    return new FleetError('ERR_FLEET_PERMISSION', `reading ${stream}: ${violation.message}`, {
      cause: error,
    });
  if (isStreamMissing(error)) return missing(stream, error);
  if (hasNoResponders(error) || isNotEnabled(error))
    return new FleetError('ERR_FLEET_NO_JETSTREAM', `reading ${stream}: no JetStream for this account`, {
      cause: error,
    });
  if (error instanceof JetStreamApiError)
    return new FleetError('ERR_FLEET_REFUSED', `${stream}: ${error.message}`, { cause: error });
  return null;
}

export const missing = (stream: string, cause?: unknown): FleetError =>
  new FleetError('ERR_FLEET_STREAM_MISSING', `no stream ${stream}: nlink-fleet init makes it`, { cause });

export const silent = (stream: string, cause: unknown): FleetError =>
  new FleetError('ERR_FLEET_REFUSED', `nobody answers for the stream ${stream}`, { cause });

/** The client's JetStreamNotEnabled, which it does not export: nobody answers on this subject. */
export const hasNoResponders = (error: unknown): boolean =>
  error instanceof Error && error.name === 'JetStreamNotEnabled';

const isNotEnabled = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.JetStreamNotEnabledForAccount;
