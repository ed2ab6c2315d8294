/** What an error of the client means, for those who are told. */
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { FleetError } from '../errors.ts';

/** The permission that was lacking, whether it is the error itself or its cause. Null: none. */
export function violationOf(error: unknown): Error | null {
  if (error instanceof errors.PermissionViolationError) return error;
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof errors.PermissionViolationError ? cause : null;
}

export const isStreamMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

/** "stream name already in use with a different configuration": the client has no name for it. */
const NAME_IN_USE = 10_058;

export const isNameInUse = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === NAME_IN_USE;

/** By the server's number of the error. */
const ROOM = '; choose less for it (init --heads-size and so on), or give the account or server more room';
const ADVICE: Readonly<Record<number, string>> = {
  10_002: ROOM,
  10_005: '; --replicas needs as many servers that have room',
  10_023: ROOM,
  10_028: ROOM,
  10_047: ROOM,
  10_065: '; take its subjects from the other stream, or remove that (nats stream ls --subject)',
  10_074: '; --replicas needs a cluster',
  10_122: ROOM,
};

/**
 * @param what was done, as `makes the stream nlink-heads`
 * @returns the error to throw
 */
export function jetStreamError(what: string, error: unknown): Error {
  const violation = violationOf(error);
  if (violation !== null)
    return new FleetError('ERR_FLEET_PERMISSION', `${what}: ${violation.message}`, { cause: error });
  if ((error as Error).name === 'JetStreamNotEnabled')
    return new FleetError(
      'ERR_FLEET_NO_JETSTREAM',
      `${what}: the server, or this user's account, has no JetStream; enable it (jetstream { store_dir: … })`,
      { cause: error },
    );
  if (error instanceof JetStreamApiError)
    return new FleetError('ERR_FLEET_REFUSED', `${what}: ${error.message}${ADVICE[error.code] ?? ''}`, {
      cause: error,
    });
  if (error instanceof errors.TimeoutError)
    return new FleetError('ERR_FLEET_CONNECT', `${what}: ${error.message}`, { cause: error });
  return error as Error;
}
