/** What the server, or the client for it, answered: as an error that says what to do. */
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/transport-node';
import { FleetError } from '../../errors.ts';

/** @returns null: it is no answer, as a timeout */
export function answerOf(error: unknown, stream: string): FleetError | null {
  if (error instanceof FleetError) return error;
  const refused = permissionOf(error);
  if (refused !== null)
    return new FleetError('ERR_FLEET_PERMISSION', `not permitted: ${refused.operation} ${refused.subject}`, {
      cause: error,
    });
  if (error instanceof JetStreamApiError) {
    const { code } = error;
    if (code === JetStreamApiCodes.StreamNotFound) return missing(stream, error);
    if (code === JetStreamApiCodes.JetStreamNotEnabledForAccount) return noJetStream(error);
    return new FleetError('ERR_FLEET_REFUSED', `${stream}: ${error.message}`, { cause: error });
  }
  if (hasNoResponders(error)) return noJetStream(error);
  return null;
}

/** The client's JetStreamNotEnabled, which it does not export: nobody answers on this subject. */
export const hasNoResponders = (error: unknown): boolean =>
  error instanceof Error && error.name === 'JetStreamNotEnabled';

export const missing = (stream: string, cause?: unknown): FleetError =>
  new FleetError('ERR_FLEET_STREAM_MISSING', `no stream ${stream}: nlink-fleet init makes it`, { cause });

const noJetStream = (cause: unknown): FleetError =>
  new FleetError('ERR_FLEET_NO_JETSTREAM', 'the server has no JetStream for this account', { cause });

function permissionOf(error: unknown): PermissionViolationError | null {
  if (error instanceof PermissionViolationError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof PermissionViolationError ? cause : null;
}
