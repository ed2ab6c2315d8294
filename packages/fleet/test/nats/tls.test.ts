/** TLS with certificates of the test's own: who is let in, and what is said to who is not. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { PeerCertificate } from 'node:tls';
import { connectNats } from '../../src/nats/connect.ts';
import { checkNatsOptions } from '../../src/nats/nats-options.ts';
import type { NatsOptions } from '../../src/nats/nats-options.ts';
import { makeStreams } from '../../src/nats/streams.ts';
import { tlsOptions } from '../../src/nats/tls.ts';
import { FleetWatcher } from '../../src/fleet-watcher.ts';
import { natsTransport } from '../../src/transport/nats/nats-transport.ts';
import { waitFor } from '../../../../test/support/wait.ts';
import { startAgent } from '../support/agents.ts';
import { authority, withOpenssl } from '../support/certificates.ts';
import type { Certificate } from '../support/certificates.ts';
import { startNatsServer, withServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';

const withTls = { skip: withServer.skip === false ? withOpenssl.skip : withServer.skip };
const terms = { name: 'test', inbox: '_INBOX_test' };
const HERE = 'IP:127.0.0.1';

const config = ({ cert, key }: Certificate, more = ''): string =>
  `tls { cert_file: ${JSON.stringify(cert)}\n key_file: ${JSON.stringify(key)}\n ${more} }`;
const verify = (ca: string): string => `verify: true\n ca_file: ${JSON.stringify(ca)}\n`;
const tlsUrl = ({ port }: NatsServer, host = '127.0.0.1'): string => `tls://${host}:${port}`;

async function enters(options: NatsOptions): Promise<boolean> {
  const connection = await connectNats(options, terms);
  const { protocol } = connection as unknown as { protocol: { transport: { isEncrypted(): boolean } } };
  const isEncrypted = protocol.transport.isEncrypted();
  await connection.close();
  return isEncrypted;
}

test('an agent and a reader over TLS, each with a certificate of its own', withTls, async (t) => {
  const { ca, issue } = authority(t, 'an authority');
  const server = await startNatsServer({ t, config: config(issue('server', HERE), verify(ca)) });
  const nats = (who: string): NatsOptions => ({ servers: tlsUrl(server), tls: { ca, ...issue(who) } });
  const admin = await connectNats(nats('admin'), terms);
  t.after(() => admin.close());
  await makeStreams(admin);
  const { host, agent, told } = await startAgent(t, server, 'host-1', { nats: nats('agent') });
  host.create('a');
  const fleet = await FleetWatcher.open({ transport: natsTransport(nats('reader')) });
  t.after(() => fleet.stop());
  const isThere = (name: string): boolean =>
    fleet
      .hosts()
      .some(({ id }) => fleet.namespaces(id).some(({ names }) => names.some((one) => one.name === name)));
  await waitFor('what is there', () => isThere('a'));
  // All of them come back the same way.
  await server.restart();
  await told('connected');
  await told('connected');
  host.create('b');
  await waitFor('what comes after', () => isThere('b'));
  assert.equal(agent.state.refused, null);
});

test('a server is who its certificate says, by name or by address', withTls, async (t) => {
  const { ca, issue } = authority(t, 'an authority');
  const [here, local, other] = await Promise.all([
    startNatsServer({ t, config: config(issue('here', HERE)) }),
    startNatsServer({ t, config: config(issue('local', 'DNS:localhost')) }),
    startNatsServer({ t, config: config(issue('other', 'DNS:example.org', 'IP:127.0.0.2')) }),
  ]);
  assert.equal(await enters({ servers: tlsUrl(here), tls: { ca } }), true);
  assert.equal(await enters({ servers: `nats://127.0.0.1:${here.port}`, tls: { ca } }), true);
  assert.equal(await enters({ servers: tlsUrl(local, 'localhost'), tls: { ca } }), true);
  assert.equal(await enters({ servers: tlsUrl(local), tls: { ca } }), true);
  const isAnother = {
    code: 'ERR_FLEET_CONNECT',
    message: /does not match .*127\.0\.0\.1.*; call the server by tls:\/\/ and a name or address/,
  };
  await assert.rejects(enters({ servers: tlsUrl(other), tls: { ca } }), isAnother);
});

test('a certificate of localhost is one of this machine, and of no address besides', () => {
  const certificate = { subject: { CN: 'localhost' }, subjectaltname: 'DNS:localhost' } as PeerCertificate;
  const isRight = (...servers: string[]): boolean => {
    const { tls } = tlsOptions(checkNatsOptions({ servers, tls: {} }));
    return tls?.checkServerIdentity('localhost', certificate) === undefined;
  };
  assert.deepEqual(
    [isRight('tls://127.0.0.1'), isRight('tls://[::1]:4222'), isRight('tls://localhost')],
    [true, true, true],
  );
  assert.deepEqual(
    [isRight('tls://192.0.2.1'), isRight('tls://broker', 'tls://[2001:db8::1]')],
    [false, false],
  );
});

test(
  'an authority that is not ours is no authority, and it is said which option tells one',
  withTls,
  async (t) => {
    const ours = authority(t, 'an authority');
    const theirs = authority(t, 'another');
    const server = await startNatsServer({ t, config: config(ours.issue('server', HERE)) });
    const untrusted = { code: 'ERR_FLEET_CONNECT', message: /verify the first certificate.*\); .*--tls-ca/ };
    for (const tls of [{ ca: theirs.ca }, {}, undefined])
      await assert.rejects(enters({ servers: tlsUrl(server), tls }), untrusted);
    const { told } = await startAgent(t, server, 'host-1', {
      nats: { servers: tlsUrl(server), tls: { ca: theirs.ca } },
    });
    assert.match(JSON.stringify(await told('disconnected')), /--tls-ca/);
  },
);

test('a server that verifies its clients lets in whom it trusts, and no other', withTls, async (t) => {
  const ours = authority(t, 'an authority');
  const theirs = authority(t, 'another');
  const server = await startNatsServer({ t, config: config(ours.issue('server', HERE), verify(ours.ca)) });
  const [servers, { ca }] = [tlsUrl(server), ours];
  assert.equal(await enters({ servers, tls: { ca, ...ours.issue('client') } }), true);
  const refused = { code: 'ERR_FLEET_CONNECT', message: /; .*--tls-cert and --tls-key/ };
  await Promise.all([
    assert.rejects(enters({ servers, tls: { ca } }), refused),
    assert.rejects(enters({ servers, tls: { ca, ...theirs.issue('stranger') } }), refused),
  ]);
});

test('tls:// never goes without TLS', withTls, async (t) => {
  const server = await startNatsServer({ t });
  const refused = { code: 'ERR_FLEET_CONNECT', message: /does not support 'tls'\); it needs a tls block/ };
  await assert.rejects(enters({ servers: tlsUrl(server) }), refused);
  await assert.rejects(enters({ servers: [server.url, tlsUrl(server)] }), refused);
  assert.equal(await enters({ servers: server.url }), false);
});

test('files that cannot be used are told before anything is asked of a server', withTls, async (t) => {
  const { ca, issue } = authority(t, 'an authority');
  const [one, two] = [issue('one'), issue('two')];
  const garbage = join(dirname(ca), 'garbage');
  writeFileSync(garbage, 'nothing of use');
  for (const tls of [
    { ca: `${ca}.none` },
    { ca: garbage },
    { cert: garbage, key: one.key },
    { cert: one.cert, key: `${one.key}.none` },
    { cert: one.cert, key: two.key },
  ])
    await assert.rejects(connectNats({ tls }, terms), {
      code: 'ERR_FLEET_PERMISSION',
      message: /^cannot use .* for TLS: /,
    });
});
