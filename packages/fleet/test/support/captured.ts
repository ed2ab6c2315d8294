/** A server with the printed configuration, and connections as each of its users. */
import type { TestContext } from 'node:test';
import type { NatsConnection } from '@nats-io/transport-node';
import { serverConfig } from '../../src/nats/account-config.ts';
import { connectNats } from '../../src/nats/connect.ts';
import {
  adminPermissions,
  agentPermissions,
  READER_INBOX,
  readerPermissions,
} from '../../src/nats/permissions.ts';
import { DEFAULT_SHARD, inboxPrefix } from '../../src/wire/subjects.ts';
import { startNatsServer } from './nats-server.ts';
import type { NatsServer } from './nats-server.ts';

const SHARDS = [DEFAULT_SHARD];

export interface Guarded {
  server: NatsServer;
  admin: NatsConnection;
  reader: NatsConnection;
  /** One that may do everything in the account of the streams: it looks what has become of them. */
  judge: NatsConnection;
  agent: (key: string) => Promise<NatsConnection>;
}

export const login = (user: string): { user: string; password: string } => ({ user, password: `of ${user}` });

export async function startGuarded(t: TestContext, keys: readonly string[]): Promise<Guarded> {
  const all = { publish: ['>'], subscribe: ['>'] };
  const users = [
    { ...login('admin'), permissions: adminPermissions(SHARDS) },
    { ...login('reader'), permissions: readerPermissions(SHARDS) },
    { ...login('judge'), permissions: all },
  ];
  const agents = keys.map((key) => ({ ...login(key), permissions: agentPermissions(key, DEFAULT_SHARD) }));
  const server = await startNatsServer({ t, config: serverConfig(users, agents) });
  const connect = async (user: string, inbox: string): Promise<NatsConnection> => {
    const connection = await connectNats({ servers: server.url, ...login(user) }, { name: user, inbox });
    t.after(() => connection.close());
    return connection;
  };
  return {
    server,
    admin: await connect('admin', '_INBOX'),
    reader: await connect('reader', READER_INBOX),
    judge: await connect('judge', '_INBOX'),
    agent: (key) => connect(key, inboxPrefix(key)),
  };
}
