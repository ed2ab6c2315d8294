/**
 * What a captured agent can do with its own credentials, against a server with the configuration that
 * is printed. All messages are harmless, and all are for a server of this test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { errors, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { violationOf } from '../../src/nats/jetstream-error.ts';
import { publish } from '../../src/nats/publish.ts';
import { makeStreams } from '../../src/nats/streams.ts';
import {
  askSubject,
  deltaSubject,
  headSubject,
  inboxPrefix,
  markSubject,
  snapshotSubject,
  streamOf,
} from '../../src/wire/subjects.ts';
import { startAgent } from '../support/agents.ts';
import { login, startGuarded } from '../support/captured.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import { Store } from '../support/store.ts';

const EVIL = 'evil';
const GOOD = 'good';
const TIMEOUT = 5000;
const STREAMS = ['heads', 'snapshots', 'deltas-0'].map(streamOf);

/** The violation that a publication meets. */
async function refusal(connection: NatsConnection, subject: string): Promise<string> {
  try {
    await connection.request(subject, '{}', { timeout: TIMEOUT });
  } catch (error) {
    return violationOf(error)?.message ?? `no violation: ${String(error)}`;
  }
  return 'it was answered';
}

function subscriptionRefusal(connection: NatsConnection, subject: string): Promise<string> {
  return new Promise((resolve) => {
    connection.subscribe(subject, {
      callback: (error) => resolve(error === null ? 'a message came' : error.message),
    });
  });
}

test('an agent publishes what is its own, and nothing of another', withServer, async (t) => {
  const { admin, judge, agent } = await startGuarded(t, [EVIL, GOOD]);
  await makeStreams(admin);
  const store = await Store.open(judge);
  const good = await agent(GOOD);
  const evil = await agent(EVIL);
  for (const subject of [
    headSubject,
    (key: string) => deltaSubject('0', key),
    (key: string) => snapshotSubject(key, 0),
  ])
    for (const [connection, key] of [
      [good, GOOD],
      [evil, EVIL],
    ] as const) {
      const { kind } = await publish(connection, subject(key), Buffer.from(`of ${key}`), TIMEOUT);
      assert.equal(kind, 'kept', subject(key));
    }

  const foreign = [
    headSubject(GOOD),
    deltaSubject('0', GOOD),
    deltaSubject('1', EVIL),
    snapshotSubject(GOOD, 0),
    markSubject('heads', EVIL),
    markSubject('snapshots', EVIL),
    markSubject('deltas-0', EVIL),
    askSubject(GOOD),
    askSubject('all'),
    `${inboxPrefix(GOOD)}.x`,
    '_INBOX_nlink_reader.x',
    '_INBOX.x',
  ];
  for (const subject of foreign)
    assert.match(await refusal(evil, subject), /Permissions Violation for Publish/);

  for (const stream of STREAMS) {
    const { state } = await store.manager.streams.info(stream, { subjects_filter: '>' });
    assert.equal(state.messages, 2, stream);
    assert.equal(Object.keys(state.subjects ?? {}).length, 2, stream);
  }
});

test('an agent reaches no part of the API of JetStream', withServer, async (t) => {
  const { admin, judge, agent } = await startGuarded(t, [EVIL]);
  await makeStreams(admin);
  const store = await Store.open(judge);
  const evil = await agent(EVIL);
  await publish(evil, headSubject(EVIL), Buffer.from('x'), TIMEOUT);
  const verbs = STREAMS.flatMap((stream) => [
    ...['CREATE', 'UPDATE', 'INFO', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE'].map(
      (verb) => `STREAM.${verb}.${stream}`,
    ),
    ...['MSG.GET', 'MSG.DELETE', 'LEADER.STEPDOWN', 'PEER.REMOVE'].map((verb) => `STREAM.${verb}.${stream}`),
    `DIRECT.GET.${stream}`,
    `DIRECT.GET.${stream}.${headSubject(EVIL)}`,
    `CONSUMER.CREATE.${stream}`,
    `CONSUMER.CREATE.${stream}.c.${headSubject(EVIL)}`,
    `CONSUMER.DURABLE.CREATE.${stream}.c`,
    `CONSUMER.LIST.${stream}`,
    `CONSUMER.NAMES.${stream}`,
    ...['INFO', 'DELETE', 'MSG.NEXT'].map((verb) => `CONSUMER.${verb}.${stream}.c`),
  ]);
  for (const verb of ['INFO', 'STREAM.LIST', 'STREAM.NAMES', 'ACCOUNT.PURGE.NLINK', ...verbs])
    assert.match(await refusal(evil, `$JS.API.${verb}`), /Permissions Violation for Publish/, verb);
  for (const subject of [
    '$SYS.REQ.SERVER.PING',
    '$JS.ACK.nlink-heads.c.1.1.1.1.1',
    '$JS.FC.x',
    '$JS.EVENT.x',
  ])
    assert.match(await refusal(evil, subject), /Permissions Violation for Publish/, subject);
  const { state } = await store.manager.streams.info(streamOf('heads'));
  assert.equal(state.messages, 1);
});

test('an agent hears its own inbox, and those who ask it or all', withServer, async (t) => {
  const { admin, agent, judge } = await startGuarded(t, [EVIL, GOOD]);
  await makeStreams(admin);
  const evil = await agent(EVIL);
  const subjects = [
    '>',
    '*',
    'nlink.>',
    headSubject('*'),
    headSubject(GOOD),
    askSubject(GOOD),
    askSubject('*'),
  ];
  for (const subject of [
    ...subjects,
    `${inboxPrefix(GOOD)}.>`,
    '_INBOX.>',
    '_INBOX_nlink_reader.>',
    '$JS.>',
    '$SYS.>',
  ])
    assert.match(
      await within(subject, subscriptionRefusal(evil, subject)),
      /Permissions Violation for Subscription/,
    );
  for (const word of [EVIL, 'all']) {
    const heard = subscriptionRefusal(evil, askSubject(word));
    await evil.flush();
    judge.publish(askSubject(word));
    assert.equal(await within('the question', heard), 'a message came');
  }
});

test(
  'no header that an agent sends with its own messages does anything to those of others',
  withServer,
  async (t) => {
    const { admin, judge, agent } = await startGuarded(t, [EVIL, GOOD]);
    await makeStreams(admin);
    const store = await Store.open(judge);
    const [good, evil] = [await agent(GOOD), await agent(EVIL)];
    const mine = {
      [headSubject(GOOD)]: 'heads',
      [deltaSubject('0', GOOD)]: 'deltas-0',
      [snapshotSubject(GOOD, 0)]: 'snapshots',
    };
    for (const subject of Object.keys(mine)) await publish(good, subject, Buffer.from('good'), TIMEOUT);
    const tricks: [string, string][] = [
      ['Nats-Rollup', 'all'],
      ['Nats-Rollup', 'sub'],
      ['Nats-Msg-Id', '1'],
      ['Nats-TTL', '1s'],
      ['Nats-Expected-Stream', 'another'],
      ['Nats-Expected-Last-Sequence', '0'],
      ['Nats-Schedule', '@every 1s'],
      ['Nats-Schedule-Target', headSubject(GOOD)],
      ['Nats-Incr', '+1'],
      ['Nats-Batch-Id', 'b'],
    ];
    for (const subject of [headSubject(EVIL), deltaSubject('0', EVIL), snapshotSubject(EVIL, 0)])
      for (const [name, value] of tricks) {
        const trick = headers();
        trick.set(name, value);
        // Whether it is kept or refused: an answer shows that it has been dealt with.
        const answer = await evil.request(subject, 'evil', { timeout: TIMEOUT, headers: trick });
        if (name === 'Nats-Rollup') assert.match(answer.string(), /rollup not permitted/);
      }
    // Not taken for a repetition of the other's.
    const same = headers();
    same.set('Nats-Msg-Id', '2');
    await evil.request(deltaSubject('0', EVIL), 'evil', { timeout: TIMEOUT, headers: same });
    assert.equal((await publish(good, deltaSubject('0', GOOD), Buffer.from('good'), TIMEOUT)).kind, 'kept');
    for (const [subject, lane] of Object.entries(mine))
      for (const data of await store.messages(lane, subject))
        assert.equal(Buffer.from(data).toString(), 'good');
  },
);

test('an acknowledgement cannot be led into the streams', withServer, async (t) => {
  const { admin, judge, agent } = await startGuarded(t, [EVIL, GOOD]);
  await makeStreams(admin);
  const store = await Store.open(judge);
  const [good, evil] = [await agent(GOOD), await agent(EVIL)];
  await publish(good, headSubject(GOOD), Buffer.from('good'), TIMEOUT);
  await publish(good, snapshotSubject(GOOD, 0), Buffer.from('good'), TIMEOUT);
  const replies = [headSubject(GOOD), snapshotSubject(GOOD, 0), markSubject('heads', 'reader')];
  for (const stream of STREAMS)
    for (const verb of ['PURGE', 'DELETE']) replies.push(`$JS.API.STREAM.${verb}.${stream}`);
  for (const reply of replies) {
    evil.publish(deltaSubject('0', EVIL), 'evil', { reply });
    evil.publish(headSubject(EVIL), 'evil', { reply });
  }
  // Handled after those before it, of the same connection.
  await publish(evil, deltaSubject('0', EVIL), Buffer.from('last'), TIMEOUT);
  await publish(evil, headSubject(EVIL), Buffer.from('last'), TIMEOUT);
  const text = async (lane: string, subject: string): Promise<string[]> =>
    (await store.messages(lane, subject)).map((data) => Buffer.from(data).toString());
  assert.deepEqual(await text('heads', headSubject(GOOD)), ['good']);
  assert.deepEqual(await text('snapshots', snapshotSubject(GOOD, 0)), ['good']);
  assert.deepEqual(await text('heads', markSubject('heads', 'reader')), []);
  assert.deepEqual(await text('heads', headSubject(EVIL)), ['last']);
});

test('a reader reads, marks and asks, and publishes nothing as a host', withServer, async (t) => {
  const { server, admin, reader, judge } = await startGuarded(t, [GOOD]);
  await makeStreams(admin);
  const { host } = await startAgent(t, server, GOOD, { nats: { servers: server.url, ...login(GOOD) } });
  const store = await Store.open(judge);
  await store.says(GOOD, []);
  host.create('a');
  await store.says(GOOD, ['a']);

  const manager = await jetstreamManager(reader);
  for (const stream of STREAMS) {
    assert.equal((await manager.streams.info(stream)).config.name, stream);
    const consumer = await jetstream(reader).consumers.get(stream, {
      deliver_policy: DeliverPolicy.LastPerSubject,
    });
    const messages = await consumer.fetch({ max_messages: 1, expires: 5000 });
    let read = 0;
    for await (const { data } of messages) read += data.length;
    assert.ok(read > 0, stream);
  }
  for (const lane of ['heads', 'snapshots', 'deltas-0'])
    assert.equal((await publish(reader, markSubject(lane, 'r1'), Buffer.from('x'), TIMEOUT)).kind, 'kept');
  reader.publish(askSubject(GOOD));
  await waitFor('the snapshot', async () => (await store.kept(GOOD)).snapshot?.seq === 1);

  for (const subject of [headSubject(GOOD), deltaSubject('0', GOOD), snapshotSubject(GOOD, 0)])
    assert.match(await refusal(reader, subject), /Permissions Violation for Publish/);
  for (const stream of STREAMS)
    for (const verb of ['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'MSG.DELETE'])
      assert.match(
        await refusal(reader, `$JS.API.STREAM.${verb}.${stream}`),
        /Permissions Violation for Publish/,
      );
  await assert.rejects(
    jetstreamManager(reader).then((jsm) => jsm.streams.delete('nlink-heads')),
    (error) => violationOf(error) instanceof errors.PermissionViolationError,
  );
});

test('a consumer that a reader makes does not deliver in the name of a host', withServer, async (t) => {
  const { admin, reader, judge, agent } = await startGuarded(t, [GOOD]);
  await makeStreams(admin);
  const store = await Store.open(judge);
  await publish(await agent(GOOD), headSubject(GOOD), Buffer.from('good'), TIMEOUT);
  await publish(reader, markSubject('snapshots', 'r1'), Buffer.from('forged'), TIMEOUT);
  const manager = await jetstreamManager(reader);
  // It delivers where somebody listens, and under the subject that the message had.
  const delivered = new Promise<string>((resolve) => {
    judge.subscribe(headSubject(GOOD), { callback: (_, { subject }) => resolve(subject) });
  });
  await judge.flush();
  await manager.consumers.add(streamOf('snapshots'), {
    name: 'forger',
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    filter_subject: markSubject('snapshots', 'r1'),
    deliver_subject: headSubject(GOOD),
    inactive_threshold: 60e9,
    mem_storage: true,
  });
  assert.equal(await within('the delivery', delivered), markSubject('snapshots', 'r1'));
  const found = await store.messages('heads', headSubject(GOOD));
  assert.deepEqual(
    found.map((data) => Buffer.from(data).toString()),
    ['good'],
  );
});

test(
  'an agent in the account of agents says that nothing answers, and goes on when there are streams',
  withServer,
  async (t) => {
    const { server, admin, judge } = await startGuarded(t, [GOOD]);
    const nats = { servers: server.url, ...login(GOOD) };
    const { host, agent, told } = await startAgent(t, server, GOOD, { nats }, { timeout: 500 });
    host.create('a');
    // Through the import nobody says that there is no stream.
    assert.deepEqual(await told('unanswered'), { type: 'unanswered', stream: 'nlink-heads' });
    assert.equal(agent.state.refused, 'nlink-heads: no answer in time');
    await makeStreams(admin);
    await (await Store.open(judge)).says(GOOD, ['a']);
    await told('restored');
    assert.equal(agent.state.refused, null);
  },
);

test(
  'an agent that is not let in is told so at once, and later waits to be let in',
  withServer,
  async (t) => {
    const { server } = await startGuarded(t, [GOOD]);
    const nats = { servers: server.url, user: GOOD, password: 'wrong' };
    await assert.rejects(startAgent(t, server, GOOD, { nats }), { code: 'ERR_FLEET_PERMISSION' });

    const users = (password: string): string => `authorization { user: ${GOOD}, password: ${password} }`;
    const plain = await startNatsServer({ t, config: users('right') });
    const { agent, told } = await startAgent(t, plain, GOOD, {
      nats: { servers: plain.url, user: GOOD, password: 'right' },
    });
    await told('connected');
    await plain.restart({ config: users('another') });
    await told('refused');
    assert.match(agent.state.refused ?? '', /connection: .*authorization violation/i);
    await plain.restart({ config: users('right') });
    await told('connected');
  },
);

test('what an agent may not publish or hear is told, once', withServer, async (t) => {
  const { server, admin } = await startGuarded(t, [GOOD]);
  await makeStreams(admin);
  // Credentials of one host, with the key of another.
  const nats = { servers: server.url, ...login(GOOD) };
  const { notices, agent } = await startAgent(t, server, 'other', { nats }, { interval: 1000 });
  await waitFor('the refusals', () => {
    const what = notices.flatMap((notice) => (notice.type === 'refused' ? [notice.what] : []));
    return what.includes('nlink-heads') && what.includes('hearing nlink.ask.other');
  });
  assert.match(agent.state.refused ?? '', /Permissions Violation/);
});
