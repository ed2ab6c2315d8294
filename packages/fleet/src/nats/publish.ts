/**
 * What becomes of a message that is published, so far as one can know:
 *
 * | the client says                         | outcome   | is it kept?                         |
 * | --------------------------------------- | --------- | ----------------------------------- |
 * | an acknowledgement                      | `kept`    | yes, as number `seq` of its stream  |
 * | an error in the acknowledgement         | `refused` | no                                  |
 * | a violation of permissions              | `refused` | no                                  |
 * | that nobody listens (status 503)        | `missing` | no: the stream is not there (1)     |
 * | nothing in time, or the connection ends | `unknown` | nobody knows, and it may yet be     |
 *
 * (1) Or, in a cluster, has no leader just now. Where the subject is imported from another account,
 * the server (2.9.10) does not say so.
 *
 * After an outage of the path a message is dropped; one that a server took and could not handle is
 * kept as soon as it can, be it minutes later. So what is `unknown` is never sent again.
 *
 * No message ids are sent: a stream remembers them for all its subjects together, so one host could
 * have another's messages taken for repetitions.
 */
import { errors, RequestError } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { parsed } from '../wire/payload.ts';
import { violationOf } from './jetstream-error.ts';

export type Outcome =
  { kind: 'kept'; stream: string; seq: number } | { kind: 'refused' | 'missing' | 'unknown'; reason: string };

/** The reason of what is `unknown` though the connection was there. */
export const NO_ANSWER = 'no answer in time';

/** Never rejects. */
export async function publish(
  connection: NatsConnection,
  subject: string,
  payload: Uint8Array,
  timeout: number,
): Promise<Outcome> {
  try {
    const { data } = await connection.request(subject, payload, { timeout });
    return outcomeOf(Buffer.from(data).toString());
  } catch (error) {
    return failure(error);
  }
}

function outcomeOf(text: string): Outcome {
  const { error, stream, seq } = parsed(text);
  if (typeof error === 'object' && error !== null) {
    const { description, err_code: code } = error as Record<string, unknown>;
    return { kind: 'refused', reason: `${String(description)} (${String(code)})` };
  }
  if (typeof stream === 'string' && typeof seq === 'number') return { kind: 'kept', stream, seq };
  return { kind: 'refused', reason: 'an answer that is none of JetStream' };
}

function failure(error: unknown): Outcome {
  const violation = violationOf(error);
  if (violation !== null) return { kind: 'refused', reason: violation.message };
  if (error instanceof RequestError && error.isNoResponders())
    return { kind: 'missing', reason: 'no stream has this subject' };
  if (error instanceof errors.TimeoutError) return { kind: 'unknown', reason: NO_ANSWER };
  const { name, message } = error as Error;
  // Too long for this server: the client refuses it.
  const isRefused = name === 'InvalidArgumentError' || (error as { code?: string }).code !== undefined;
  return { kind: isRefused ? 'refused' : 'unknown', reason: message };
}
