import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { nkeys } from '@nats-io/transport-node';
import { waitFor } from '../../../../test/support/wait.ts';
import { connectNats } from '../../src/nats/connect.ts';
import type { NatsOptions } from '../../src/nats/nats-options.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';

const terms = { name: 'test', inbox: '_INBOX_test' };

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'nlink-connect-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('one comes in by a password, a token or an nkey, and not by another', withServer, async (t) => {
  const path = join(directory(t), 'seed');
  const user = nkeys.createUser();
  writeFileSync(path, `${Buffer.from(user.getSeed()).toString()}\n`);
  const config = `authorization { users: [{ user: u, password: p }, { nkey: ${user.getPublicKey()} }] }`;
  const [users, tokens] = await Promise.all([
    startNatsServer({ t, config }),
    startNatsServer({ t, config: 'authorization { token: secret }' }),
  ]);
  const enters = async (options: NatsOptions): Promise<void> => (await connectNats(options, terms)).close();
  await enters({ servers: users.url, user: 'u', password: 'p' });
  await enters({ servers: users.url, nkey: path });
  await enters({ servers: [tokens.url], token: 'secret' });
  const refused = { code: 'ERR_FLEET_PERMISSION', message: /not let in/ };
  await assert.rejects(enters({ servers: users.url }), refused);
  await assert.rejects(enters({ servers: users.url, user: 'u', password: 'q' }), refused);
  await assert.rejects(enters({ servers: tokens.url, token: 'other' }), refused);
});

test('credentials that cannot be read are told before anything is asked of a server', async (t) => {
  const path = join(directory(t), 'file');
  for (const options of [{ credentials: path }, { nkey: path }])
    await assert.rejects(connectNats(options, terms), { code: 'ERR_FLEET_PERMISSION', message: /ENOENT/ });
  writeFileSync(path, 'nothing of use');
  for (const options of [{ credentials: path }, { nkey: path }])
    await assert.rejects(connectNats(options, terms), {
      code: 'ERR_FLEET_PERMISSION',
      message: /cannot use the credentials/,
    });
});

test('a server that is not there is an error, after as long as one waits for it', withServer, async (t) => {
  const server = await startNatsServer({ t });
  await server.kill();
  const options = { servers: server.url };
  await assert.rejects(connectNats(options, terms), {
    code: 'ERR_FLEET_CONNECT',
    message: /no NATS server was reached/,
  });
  const waiting = connectNats(options, { ...terms, patience: 30_000 });
  await server.restart();
  await (await waiting).close();
});

test('a server that takes short messages alone is told', withServer, async (t) => {
  const server = await startNatsServer({ t, config: 'max_payload: 100KB' });
  await assert.rejects(connectNats({ servers: server.url }, terms), {
    code: 'ERR_FLEET_CONNECT',
    message: /max_payload must be at least 525312/,
  });
});

test('after an outage it is there again, and a user that was away is let in', withServer, async (t) => {
  const server = await startNatsServer({ t, config: 'authorization { user: u, password: p }' });
  const connection = await connectNats({ servers: server.url, user: 'u', password: 'p' }, terms);
  t.after(() => connection.close());
  const told: string[] = [];
  void (async () => {
    for await (const { type } of connection.status()) told.push(type);
  })();
  await server.restart({ config: 'authorization { user: another, password: p }' });
  await waitFor('three refusals', () => told.filter((type) => type === 'error').length >= 3);
  await server.restart({ config: 'authorization { user: u, password: p }' });
  await waitFor('the return', () => told.includes('reconnect'));
  await connection.flush();
});

test('a password in the address of a server is refused, and not told', async () => {
  for (const servers of ['nats://user:secret@a', ['nats://a', 'user:secret@b'], 'nats://a:secret@b@c'])
    await assert.rejects(connectNats({ servers }, terms), ({ code, message }: Error & { code: string }) => {
      assert.equal(code, 'ERR_NLINK_INVALID_ARGUMENT');
      assert.match(message, /without a user/);
      assert.doesNotMatch(message, /secret/);
      return true;
    });
});

for (const options of [
  null,
  { servers: [] },
  { servers: '' },
  { servers: 'http://a' },
  { servers: 'nats://user:secret@a' },
  { servers: 5 },
  { user: '' },
  { password: 'p' },
  { token: 't', user: 'u', password: 'p' },
  { credentials: 'a', nkey: 'b' },
  { tls: 'yes' },
  { tls: { cert: 'c' } },
])
  test(`nobody connects with ${JSON.stringify(options)}`, async () => {
    await assert.rejects(connectNats(options as never, terms), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  });
