/** What is known of a message by what the client says, row by row of the table of publish.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { NO_ANSWER, publish } from '../../src/nats/publish.ts';
import type { Outcome } from '../../src/nats/publish.ts';

const outcomeOf = (request: () => Promise<{ data: Buffer }>): Promise<Outcome> =>
  publish({ request } as unknown as NatsConnection, 's', Buffer.alloc(0), 1000);
const answered = (text: string): Promise<Outcome> => outcomeOf(async () => ({ data: Buffer.from(text) }));
const failed = (error: Error): Promise<Outcome> =>
  outcomeOf(async () => {
    throw error;
  });

test('an acknowledgement: kept, by its number', async () => {
  const text = '{"stream":"nlink-heads","seq":7,"domain":"x"}';
  assert.deepEqual(await answered(text), { kind: 'kept', stream: 'nlink-heads', seq: 7 });
});

test('an error in it: refused, in the words of the server', async () => {
  const error = { code: 503, err_code: 10_077, description: 'maximum bytes exceeded' };
  assert.deepEqual(await answered(JSON.stringify({ stream: 's', seq: 0, error })), {
    kind: 'refused',
    reason: 'maximum bytes exceeded (10077)',
  });
});

for (const text of ['', '{', '[]', 'null', '{}', '{"stream":1,"seq":1}', '{"stream":"s"}', '{"error":null}'])
  test(`an answer of ${JSON.stringify(text)}: it is not known to be kept`, async () => {
    assert.notEqual((await answered(text)).kind, 'kept');
  });

test('no answer in time, or the end of the connection: nobody knows', async () => {
  assert.deepEqual(await failed(new errors.TimeoutError()), { kind: 'unknown', reason: NO_ANSWER });
  const closed = await failed(new errors.RequestError('connection disconnected'));
  assert.deepEqual(closed, { kind: 'unknown', reason: 'connection disconnected' });
  assert.equal((await failed(new errors.ClosedConnectionError())).kind, 'unknown');
});

test('nobody listens: the stream is missing', async () => {
  const none = new errors.RequestError('', { cause: new errors.NoRespondersError('s') });
  assert.equal((await failed(none)).kind, 'missing');
});

test('not allowed, or too long: refused', async () => {
  const violation = new errors.PermissionViolationError(
    'Permissions Violation for Publish to "s"',
    'publish',
    's',
  );
  assert.deepEqual(await failed(new errors.RequestError('', { cause: violation })), {
    kind: 'refused',
    reason: violation.message,
  });
  assert.equal((await failed(new errors.InvalidArgumentError('payload'))).kind, 'refused');
});
