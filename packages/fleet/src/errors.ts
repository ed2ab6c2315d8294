/**
 * The errors of nlink-fleet's own making, each with a stable code. Those of the connection are the
 * NATS client's; a wrong option is nlink's `ERR_NLINK_INVALID_ARGUMENT`.
 */

/** The codes of {@link FleetError}. */
export type FleetErrorCode =
  /** None of the servers could be reached, or none let it in. */
  | 'ERR_FLEET_CONNECT'
  /** The server, or the account, has no JetStream. */
  | 'ERR_FLEET_NO_JETSTREAM'
  /** A stream is not there: `nlink-fleet init` makes it. */
  | 'ERR_FLEET_STREAM_MISSING'
  /** A stream is there with other options than those that nlink-fleet needs. */
  | 'ERR_FLEET_STREAM_DIFFERS'
  /** The credentials do not allow it. */
  | 'ERR_FLEET_PERMISSION'
  /** The server refused, for another reason, which the message tells: out of space, overloaded… */
  | 'ERR_FLEET_REFUSED'
  /** This host cannot be told from others: it has no machine id. */
  | 'ERR_FLEET_NO_IDENTITY'
  /** A message that no agent of this version makes. */
  | 'ERR_FLEET_MALFORMED';

/** An error of nlink-fleet's own making; see {@link FleetErrorCode} for what each `code` means. */
export class FleetError extends Error {
  /** As in stacks. */
  override readonly name = 'FleetError';
  /** To match on; the message may change. */
  readonly code: FleetErrorCode;

  constructor(code: FleetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
